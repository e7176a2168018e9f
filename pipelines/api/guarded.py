"""Which routes there are: those open to everybody, and those that ask for a key."""

import re
from dataclasses import dataclass
from typing import Final

POPULATION = r"(?P<population>[a-z_][a-z0-9_]{0,62})"
CUSTOMER = r"customers/(?P<customer_id>.+)"
OPEN: Final = (
    *("/health/live", "/health/ready", "/metrics", "/openapi.json"),
    *("/v2", "/v2/health/live", "/v2/health/ready"),
)
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
        pattern: Of its path.
    """

    name: str
    kind: str
    method: str
    pattern: re.Pattern[str]


GUARDED: Final = (
    Guarded("models", "models", "GET", re.compile(r"/v1/models")),
    Guarded("now", "now", "GET", re.compile(rf"/v1/{POPULATION}/{CUSTOMER}/now", re.DOTALL)),
    Guarded("customer", "published", "GET", re.compile(rf"/v1/{POPULATION}/{CUSTOMER}", re.DOTALL)),
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


def found(path: str) -> tuple[Guarded, dict[str, str | None]] | None:
    """Return the route of a *path* with what is filled in, by name; None where there is none."""
    for route in GUARDED:
        if match := route.pattern.fullmatch(path):
            return route, match.groupdict()

    return None
