"""The door: every request is bounded, let in by its key, answered in time and written down."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from pipelines.api import handover
from pipelines.api.entrance import callers, perimeter
from pipelines.api.guarded import OPEN, Guarded, asked, endpoints, found
from pipelines.api.parts import Parts
from pipelines.api.problems import Problem, come_again, places, with_error
from pipelines.api.together import Together
from pipelines.domain.access.keys import Admission, ServedRequest
from pipelines.errors import DatabaseUnavailable

HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
RECORDED_TOGETHER: Final = 500
COME_AGAIN_SECONDS: Final = 2
MEGABYTE: Final = 1_000_000

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Facts:
    """
    What is known of a request while it is answered.

    Attributes:
        request_id: As the answer names it.
        admission: What the door said; None before it was asked.
        model_version: What scored, or scored what is shown.
        rows: How many customers were asked about.
        customer_id: The one customer.
    """

    request_id: str
    admission: Admission | None = None
    model_version: int | None = None
    rows: int | None = None
    customer_id: str | None = None


class Door:
    """
    What stands before the routes.

    Those that ask for a key are matched here once, and called without the framework that describes
    them: it would match, check and wrap them again, for two echoes of CPU.

    Args:
        app: The routes, each guarded one under its name of GUARDED.
        parts: What the service is made of.
    """

    def __init__(self, app: FastAPI, parts: Parts) -> None:
        self._app, self._parts = app, parts
        self._endpoints = endpoints(app)
        self._record = Together(self._recorded, RECORDED_TOGETHER)
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, path = time.perf_counter(), scope["path"]
        facts = Facts(secrets.token_hex(8))
        route = None if path in OPEN else found(scope["raw_path"])
        name = path if path in OPEN else route[0].name if route else "unknown"
        network = self._parts.limits.network
        if (problem := perimeter.stranger(network, scope)) is not None:
            response = problem.response(facts.request_id)
        elif (allowed := perimeter.preflight(network, scope)) is not None:
            response = allowed
        elif path in OPEN:
            response = await self._safely(self._open(scope, facts), facts)
        elif self._in_progress >= self._parts.limits.waiting_requests:
            response = come_again(
                "too many requests are waiting", slug="overloaded", seconds=COME_AGAIN_SECONDS
            ).response(facts.request_id)
        else:
            self._in_progress += 1
            self._parts.metrics.in_progress.set(self._in_progress)
            try:
                response = await self._safely(self._guarded(route, scope, receive, facts), facts)
            finally:
                self._in_progress -= 1
                self._parts.metrics.in_progress.set(self._in_progress)
        self._parts.metrics.answered(name, response.status_code, time.perf_counter() - began)
        if response.status_code >= 400 and path.startswith("/v2") and path not in OPEN:
            response = with_error(response)
        # No route sets any of them.
        response.raw_headers += [
            *HEADERS,
            *perimeter.headers(network, scope),
            (b"x-request-id", facts.request_id.encode()),
        ]
        await handover.handed_over(response, send, self._parts.limits.body_seconds)

    async def _open(self, scope: Scope, facts: Facts) -> Response:
        """Answer what everybody may ask."""
        if scope["method"] != "GET":
            raise _other_method("GET")
        scope["facts"] = facts

        return await self._within(scope, b"")

    async def _guarded(
        self,
        route: tuple[Guarded, dict[str, str | None]] | None,
        scope: Scope,
        receive: Receive,
        facts: Facts,
    ) -> Response:
        """Let in who may come in, answer, and write it down before the answer is seen."""
        if route is None:
            raise Problem(404, "no-route", "there is no such route; /openapi.json lists them")
        guarded, filled_in = route
        population, scope["path_params"] = filled_in.get("population"), filled_in
        if scope["method"] != guarded.method:
            raise _other_method(guarded.method)
        try:
            response = await self._answered(guarded, population, scope, receive, facts)
        except Problem as problem:
            response = problem.response(facts.request_id)
        admission = facts.admission
        if admission is not None and admission.verdict not in {"unknown", "over its limit"}:
            await self._record(
                ServedRequest(
                    facts.request_id,
                    admission.api_key_id,
                    guarded.name,
                    population,
                    response.status_code,
                    facts.model_version,
                    facts.rows,
                    facts.customer_id,
                    admission.token_subject_id,
                )
            )

        return response

    async def _answered(
        self,
        guarded: Guarded,
        population: str | None,
        scope: Scope,
        receive: Receive,
        facts: Facts,
    ) -> Response:
        """Return the answer to who is let in."""
        facts.admission = await callers.admission(self._parts, scope, guarded, population)
        if facts.admission.verdict != "admitted":
            raise callers.refusal(facts.admission)
        if population is not None and population not in self._parts.models.populations:
            raise Problem(404, "no-population", f"there is no population {population}")
        body = await self._body(scope, receive) if guarded.method == "POST" else b""
        scope["facts"] = facts
        try:
            async with asyncio.timeout(self._parts.limits.request_seconds):
                return await asked(self._endpoints[guarded.name], scope, body)
        except TimeoutError:
            raise come_again(
                f"it took longer than {self._parts.limits.request_seconds} s",
                slug="too-slow",
                seconds=COME_AGAIN_SECONDS,
            ) from None

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """Return the body, if it is JSON, not too large and here in time."""
        headers = dict(scope["headers"])
        kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if kind != b"application/json":
            raise Problem(415, "not-json", "send JSON, as Content-Type: application/json")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Problem(415, "not-json", "send JSON as it is, without any Content-Encoding")
        most = self._parts.limits.body_megabytes * MEGABYTE
        too_large = Problem(413, "too-large", f"a body has at most {most:,} bytes")
        if int(headers.get(b"content-length", b"0")) > most:
            raise too_large
        found = bytearray()
        try:
            async with asyncio.timeout(self._parts.limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Problem(400, "gone", "the client left before its body was sent")
                    found += message.get("body", b"")
                    if len(found) > most:
                        raise too_large
                    if not message.get("more_body", False):
                        return bytes(found)
        except TimeoutError:
            raise Problem(
                408,
                "too-slow",
                f"the body was not here after {self._parts.limits.body_seconds} s",
                headers={"Connection": "close"},
            ) from None

    async def _within(self, scope: Scope, body: bytes) -> Response:
        """Ask an open route, and return its answer whole."""
        response, pieces = Response(), bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                response.status_code = message["status"]
                response.raw_headers = [*message["headers"]]
            else:
                pieces.extend(message.get("body", b""))

        await self._app(scope, receive, send)
        response.body = bytes(pieces)

        return response

    async def _safely(self, answer: Awaitable[Response], facts: Facts) -> Response:
        """Return an answer; of what went wrong a kind, never what it said, which may be data."""
        try:
            return await answer
        except Problem as problem:
            return problem.response(facts.request_id)
        except DatabaseUnavailable as error:
            log.error("warehouse_unavailable", request_id=facts.request_id, reason=error.message)
            return come_again(
                "the warehouse does not answer", slug="unavailable", seconds=COME_AGAIN_SECONDS
            ).response(facts.request_id)
        except Exception as error:
            log.error(
                "request_failed",
                request_id=facts.request_id,
                kind=type(error).__name__,
                at=places(error),
            )
            return Problem(
                500, "bug", "that was not expected; the log has it under this request"
            ).response(facts.request_id)

    async def _recorded(self, requests: Sequence[ServedRequest]) -> list[None]:
        """Write requests down together."""
        await self._parts.asked.doorkeeper.record(requests)

        return [None] * len(requests)


def _other_method(legal: str) -> Problem:
    """Return the problem of a method that a route does not take."""
    return Problem(405, "other-method", f"this route takes {legal}", headers={"Allow": legal})
