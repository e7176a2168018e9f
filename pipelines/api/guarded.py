"""Which routes there are: those open to everybody, and those that ask for a key."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote, unquote

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope

# What endpoints take by name; a version of a model they read of their request.
ARGUMENTS: Final = frozenset({"population", "customer_id"})
Endpoint: TypeAlias = Callable[..., Awaitable[Response]]

POPULATION = r"(?P<population>[a-z_][a-z0-9_]{0,62})"
CUSTOMER = r"customers/(?P<customer_id>.+)"
OPEN: Final = (
    *("/health/live", "/health/ready", "/metrics", "/openapi.json"),
    *("/v2", "/v2/health/live", "/v2/health/ready"),
)
# A path in which nothing is to be quoted, as most are.
PLAIN: Final = re.compile(r"[A-Za-z0-9_.~/-]*")
# Of the Open Inference Protocol: a model is called as it is registered.
MODEL = rf"/v2/models/churn-{POPULATION}(?:/versions/(?P<number>[0-9]{{1,9}}))?"


@dataclass(frozen=True, slots=True)
class Guarded:
    """
    A route that asks for a key.

    Attributes:
        name: In metrics and in what is written down.
        kind: What a key has to be for, of ROUTES.
        method: The only one it takes.
        pattern: Of its path, in which whatever is no letter, digit or one of `_.-~` is quoted.
    """

    name: str
    kind: str
    method: str
    pattern: re.Pattern[str]


GUARDED: Final = (
    Guarded("models", "models", "GET", re.compile(r"/v1/models")),
    Guarded("now", "now", "GET", re.compile(rf"/v1/{POPULATION}/{CUSTOMER}/now")),
    Guarded("customer", "published", "GET", re.compile(rf"/v1/{POPULATION}/{CUSTOMER}")),
    Guarded("predict", "predict", "POST", re.compile(rf"/v1/{POPULATION}/predict")),
    Guarded("model", "predict", "GET", re.compile(MODEL)),
    Guarded("model_ready", "predict", "GET", re.compile(rf"{MODEL}/ready")),
    Guarded("infer", "predict", "POST", re.compile(rf"{MODEL}/infer")),
    Guarded("predict_batch", "predict", "POST", re.compile(rf"/v1/{POPULATION}/predict/batch")),
    Guarded("predict_user", "now", "POST", re.compile(rf"/v1/{POPULATION}/predict/user")),
    Guarded(
        "predict_user_batch", "now", "POST", re.compile(rf"/v1/{POPULATION}/predict/user/batch")
    ),
)


def found(path: bytes) -> tuple[Guarded, dict[str, str | None]] | None:
    """
    Return the route of a *path* with what is filled in, by name; None where there is none.

    Args:
        path: As it was sent: a slash of an id, which is written `%2F`, is none of the path.
    """
    written = path.decode("ascii")
    if not (is_plain := PLAIN.fullmatch(written)):
        written = "/".join(quote(unquote(part), safe="") for part in written.split("/"))
    for route in GUARDED:
        if match := route.pattern.fullmatch(written):
            filled_in = match.groupdict()
            if not is_plain:
                filled_in = {name: value and unquote(value) for name, value in filled_in.items()}
            return route, filled_in

    return None


def endpoints(app: FastAPI) -> Mapping[str, Endpoint]:
    """Return what answers each of GUARDED, by its name, which its function has."""
    named = {each.name: each.endpoint for each in app.routes if isinstance(each, APIRoute)}

    return {each.name: named[each.name] for each in GUARDED}


async def asked(endpoint: Endpoint, scope: Scope, body: bytes) -> Response:
    """Ask a guarded route, whose `path_params` are in *scope*, by itself."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    filled_in = {name: value for name, value in scope["path_params"].items() if name in ARGUMENTS}

    return await endpoint(Request(scope, receive), **filled_in)
