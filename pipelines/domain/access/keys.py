"""Keys of programs that ask the service: 256 random bits each, known by their SHA-256."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

# Kinds of routes a key may be for; EVERY is all there are and will be, of populations too.
ROUTES: Final = ("published", "predict", "now", "models")
EVERY: Final = "*"
SECRET_BYTES: Final = 32

PREFIX: Final = "churn_"
_WRITTEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")

Verdict = Literal["admitted", "unknown", "revoked", "expired", "out of scope", "over its limit"]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """
    A row of churn.api_keys; the key itself is kept nowhere.

    Attributes:
        api_key_id: Its number, by which logs and tables name it.
        name: Who or what it was made for.
        routes: Kinds of routes it may ask, of ROUTES, or EVERY.
        populations: Populations it may ask about, or EVERY.
        requests_an_hour: How often it is let in from one full hour to the next.
        created_at: When it was made.
        created_by: User of the database who made it.
        expires_at: From when on it is refused.
        revoked_at: When it was revoked; None while it is not.
    """

    api_key_id: int
    name: str
    routes: tuple[str, ...]
    populations: tuple[str, ...]
    requests_an_hour: int
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return what becomes of whoever shows it at *now*: usable, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"

        return "usable" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class KeyShown:
    """
    A request that shows a key.

    Attributes:
        key_sha256: Of the key.
        route: Kind of route it asks, of ROUTES.
        population: Whom it is about; None of a request about nobody.
    """

    key_sha256: bytes
    route: str
    population: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """
    What the service may do with a request.

    Attributes:
        verdict: Whether the key is let in, or why not.
        api_key_id: Which key it is; None where it is none.
        populations: What it may ask about.
        requests_left: How often it will be let in until the next full hour.
        retry_after_seconds: Until then, of one over its limit.
        token_subject_id: Whose token it is, where a token was shown instead of a key.
    """

    verdict: Verdict
    api_key_id: int | None = None
    populations: tuple[str, ...] = ()
    requests_left: int = 0
    retry_after_seconds: int = 0
    token_subject_id: int | None = None


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """
    What is written down of one request: never a feature, and of the customer a keyed hash.

    Attributes:
        request_id: As the answer names it.
        api_key_id: Who asked; None of who showed no key we know.
        route: Which one, without what was filled in.
        population: Whom it was about.
        status: Of the answer.
        model_version: The version that scored, or whose score was shown.
        rows: How many customers were asked about.
        customer_id: The one customer; hashed before it is written.
        token_subject_id: Who asked by a token.
    """

    request_id: str
    api_key_id: int | None
    route: str
    population: str | None
    status: int
    model_version: int | None = None
    rows: int | None = None
    customer_id: str | None = None
    token_subject_id: int | None = None


def written(secret: bytes) -> str:
    """Return a key as its holder writes it: `churn_` and 43 letters, digits, `-` and `_`."""
    return PREFIX + base64.urlsafe_b64encode(secret).decode().rstrip("=")


def digest(key: str) -> bytes | None:
    """
    Return the SHA-256 of a *key* as it is written; None of what cannot be one.

    A plain hash is enough of what is 256 random bits: there are no likely ones to try.
    """
    return hashlib.sha256(key.encode()).digest() if _WRITTEN.fullmatch(key) else None
