"""The identity provider: its public keys, fetched beside requests, and tokens checked by them."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from pipelines.domain.access.tokens import (
    SUBJECT_LETTERS,
    Caller,
    Reason,
    TokenPolicy,
    TokenRefused,
    grants,
)
from pipelines.errors import ServiceFailed

FETCH_SECONDS: Final = 5
MOST_BYTES: Final = 1_000_000
MOST_KEYS: Final = 100
MOST_TOKEN_LETTERS: Final = 8_192
LEAST_RSA_BITS: Final = 2_048
# A key nobody knows has the keys fetched anew, so often at most whoever makes up keys.
SOONEST_SECONDS: Final = 10.0
# What kind of key each family of algorithms checks with (RFC 7518, 6.1; RFC 8037, 2).
KEY_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}
MALFORMED: Final[tuple[Reason, str]] = ("malformed", "the token is not as RFC 7519 has it")
REASONS: Final[Mapping[type[jwt.InvalidTokenError], tuple[Reason, str]]] = {
    jwt.ExpiredSignatureError: ("expired", "the token has expired"),
    jwt.ImmatureSignatureError: ("not_yet", "the token does not hold yet"),
    jwt.InvalidIssuerError: ("claims", "the token is of another issuer"),
    jwt.InvalidAudienceError: ("claims", "the token is for another audience"),
    jwt.MissingRequiredClaimError: ("claims", "the token lacks one of exp, iat, iss, aud and sub"),
    jwt.InvalidSignatureError: ("signature", "the signature of the token is not right"),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A public key of the provider.

    Attributes:
        kind: Of the key: RSA, EC or OKP.
        curve: Of EC and OKP.
        algorithm: The only one it is for; None where the provider does not say.
        key: What checks signatures.
    """

    kind: str
    curve: str | None
    algorithm: str | None
    key: Any

    def checks(self, algorithm: str) -> bool:
        """Tell whether a token signed by *algorithm* can have been signed with this key."""
        curve = CURVES.get(algorithm)

        return (
            self.kind == KEY_TYPES[algorithm[:2]]
            and (curve is None or curve == self.curve)
            and self.algorithm in {None, algorithm}
        )


class IdentityProvider:
    """
    Believes tokens by the keys that a provider has shown.

    A thread of its own fetches them; a request looks at those there are, and never waits.

    Args:
        policy: Which tokens are believed.
        soonest_seconds: From one fetch to the next that a token with an unknown key asks for.
    """

    def __init__(self, policy: TokenPolicy, soonest_seconds: float = SOONEST_SECONDS) -> None:
        self._policy = policy
        self._soonest = soonest_seconds
        self._keys: Mapping[str, Shown] = {}
        self._fetched_at: float | None = None
        self._fault: str | None = None
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name="identity", daemon=True)

    def start(self) -> None:
        """Begin to fetch keys, now and then over and over."""
        self._thread.start()

    def stop(self) -> None:
        """Fetch no more; a fetch that has begun may still end."""
        self._stopped.set()
        self._wanted.set()

    @property
    def is_usable(self) -> bool:
        """Whether there are keys, fetched lately enough to be believed."""
        return (
            self._fetched_at is not None
            and time.monotonic() - self._fetched_at <= self._policy.keep_seconds
        )

    def refresh(self) -> None:
        """Fetch the keys; where that fails, those there are stay, and the log has why, once."""
        try:
            self._keys = _read(self._body())
        except (OSError, http.client.HTTPException, ValueError) as error:
            fault = _kind(error)
            if fault != self._fault:
                log.error("identity_provider_unavailable", reason=fault, keys=len(self._keys))
            self._fault = fault
        else:
            self._fetched_at = time.monotonic()
            if self._fault is not None:
                log.info("identity_provider_back", keys=len(self._keys))
            self._fault = None

    def caller(self, token: str) -> Caller:
        """
        Return whoever a token is of.

        Raises:
            TokenRefused: It is not believed.
            ServiceFailed: No key was fetched yet, or none for so long that none is believed.
        """
        if not self.is_usable:
            raise ServiceFailed(
                "the identity provider has not shown its keys (lately)",
                next_step="look for identity_provider_unavailable in the log",
            )
        algorithm, key = self._key(token)
        policy = self._policy
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=policy.audience,
                issuer=policy.issuer,
                leeway=policy.leeway_seconds,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            lasts = int(claims["exp"]) - int(claims["iat"])
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError) as no:
            told = next((REASONS[kind] for kind in REASONS if isinstance(no, kind)), MALFORMED)
            raise TokenRefused(*told) from None
        subject = claims["sub"]
        if not 0 < len(subject) <= SUBJECT_LETTERS or not subject.isprintable():
            raise TokenRefused("claims", f"sub has to be 1 to {SUBJECT_LETTERS} letters")
        if lasts > policy.longest_seconds:
            raise TokenRefused("claims", f"a token may last {policy.longest_seconds:,} s at most")

        return Caller(subject, grants(claims.get(policy.grants_claim)))

    def _key(self, token: str) -> tuple[str, Any]:
        """Return what a token says it is signed with, if that may be, and the key to check it."""
        if len(token) > MOST_TOKEN_LETTERS:
            raise TokenRefused("malformed", f"a token has at most {MOST_TOKEN_LETTERS:,} letters")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            raise TokenRefused(*MALFORMED) from None
        algorithm, name = header.get("alg"), header.get("kid")
        # Nothing but these two is read: no key or address of one that a token brings along.
        if algorithm not in self._policy.algorithms:
            raise TokenRefused(
                "algorithm", f"sign with {' or '.join(self._policy.algorithms)}, and nothing else"
            )
        if "crit" in header:
            raise TokenRefused("malformed", "no critical extension of tokens is understood here")
        shown = self._keys.get(name) if isinstance(name, str) else None
        if shown is None:
            self._wanted.set()
            raise TokenRefused("unknown", "the provider has not shown the key of the token (yet)")
        if not shown.checks(algorithm):
            raise TokenRefused("algorithm", "the key of the token is for another algorithm")

        return algorithm, shown.key

    def _body(self) -> bytes:
        """Return what the provider answers."""
        opener = urllib.request.build_opener(_NoRedirect)
        request = urllib.request.Request(  # noqa: S310  https, or this machine: see TokenPolicy
            self._policy.jwks_url, headers={"Accept": "application/json"}
        )
        with opener.open(request, timeout=FETCH_SECONDS) as answer:
            body: bytes = answer.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise ValueError("too large")

        return body

    def _look(self) -> None:
        """Fetch until told to stop: as often as said, and sooner where an unknown key is shown."""
        while not self._stopped.is_set():
            self._wanted.clear()
            self.refresh()
            soonest = min(self._soonest, self._policy.refresh_seconds)
            if not self._stopped.wait(soonest):
                self._wanted.wait(self._policy.refresh_seconds - soonest)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes a redirect a failure: keys come from where churn.toml says, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def _read(body: bytes) -> dict[str, Shown]:
    """
    Return the keys of a set (RFC 7517) that can check signatures, by their names.

    Raises:
        ValueError: It is none, or has no such key; then those there are stay.
    """
    try:
        listed = json.loads(body)["keys"]
        found = {
            item["kid"]: shown
            for item in listed[:MOST_KEYS]
            if isinstance(item, dict)
            and isinstance(item.get("kid"), str)
            and (shown := _shown(item)) is not None
        }
    except (KeyError, TypeError, RecursionError):
        raise ValueError("no set of keys") from None
    if not found:
        raise ValueError("no key that checks signatures")

    return found


def _shown(item: Mapping[str, Any]) -> Shown | None:
    """Return one key; None of one that is secret, too short, or for something else."""
    if item.get("kty") not in KEY_TYPES.values() or item.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK({name: item[name] for name in item if name != "alg"}).key
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError):
        return None
    if "d" in item or (isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA_BITS):
        return None

    return Shown(item["kty"], item.get("crv"), item.get("alg"), key)


def _kind(error: Exception) -> str:
    """Return what went wrong, without what was answered."""
    if isinstance(error, urllib.error.HTTPError):
        return f"it answers {error.code}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error

    return type(cause).__name__ if isinstance(cause, Exception) else "unreachable"
