"""Refusals as RFC 9457 has them: what is wrong, with which field, and never a value or a trace."""

import json
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
# More faults than that help nobody, and names of fields are the sender's own.
MOST_FAULTS: Final = 50
MOST_LETTERS: Final = 120
MOST_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Fault:
    """
    What is wrong with one field.

    Attributes:
        pointer: Where it is in the body, as RFC 6901 writes it.
        detail: What is wrong, without the value.
    """

    pointer: str
    detail: str

    def to_dict(self) -> dict[str, str]:
        """Return it as JSON-compatible values."""
        return {"pointer": self.pointer, "detail": self.detail}


@dataclass(frozen=True)
class Problem(Exception):
    """
    A request that is refused.

    Attributes:
        status: Of the answer.
        slug: What it is, for programs: `urn:churn:<slug>`.
        detail: What is wrong and what to do, for people.
        faults: The fields it is about.
        headers: Added to the answer.
    """

    status: int
    slug: str
    detail: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, request_id: str) -> Response:
        """Return the answer."""
        body: dict[str, object] = {
            "type": f"urn:churn:{self.slug}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:churn:request:{request_id}",
        }
        if self.faults:
            body["errors"] = [fault.to_dict() for fault in self.faults[:MOST_FAULTS]]
            body["errors_in_all"] = len(self.faults)

        return Response(
            json.dumps(body), self.status, headers=dict(self.headers), media_type=MEDIA_TYPE
        )


def pointer(*parts: str | int) -> str:
    """Return where a field is, as RFC 6901 writes it; a long name is cut."""
    written = (str(part)[:MOST_LETTERS].replace("~", "~0").replace("/", "~1") for part in parts)

    return "".join(f"/{part}" for part in written)


def places(error: BaseException) -> list[str]:
    """Return where in the code an error arose: all that a log may hold of one nobody expected."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]

    return [f"{frame.filename}:{frame.lineno}" for frame in frames]


def come_again(detail: str, *, slug: str, seconds: int) -> Problem:
    """Return the problem of a service that cannot answer now."""
    return Problem(503, slug, detail, headers={"Retry-After": str(seconds)})


def with_error(response: Response) -> Response:
    """Return a problem with what is wrong as `error` too, where clients of the protocol look."""
    body = json.loads(bytes(response.body))
    body["error"] = body["detail"]
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}

    return Response(json.dumps(body), response.status_code, headers=headers)
