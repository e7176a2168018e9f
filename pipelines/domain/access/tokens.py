"""Tokens of an identity provider (JWT, RFC 7519): which are believed, and what they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from pipelines.domain.access.keys import EVERY, ROUTES
from pipelines.domain.addresses import is_address
from pipelines.domain.ranges import Range, require

# Those whose key to sign with nobody but the provider has (RFC 7518, RFC 8037). With any other, who
# can check a token can forge one.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
# A grant as the claim has it: `churn:predict:subscribers`, with * for every kind or population.
GRANT: Final = "churn"
SUBJECT_LETTERS: Final = 200

Reason = Literal["malformed", "algorithm", "signature", "expired", "not_yet", "claims", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicy:
    """
    Which tokens are believed beside keys; none while `issuer` is empty.

    Attributes:
        issuer: Who has to have issued a token (claim `iss`), letter by letter.
        audience: Whom it has to be for (claim `aud`): the name the provider knows this service by.
        jwks_url: Where the provider shows its public keys; https, or http of this machine.
        algorithms: What it may be signed with; each with a key pair.
        grants_claim: The claim with what it is for: `churn:KIND:POPULATION`, several of them as a
            list or with spaces between.
        leeway_seconds: By how much clocks may differ.
        longest_seconds: A token that lasts longer is refused, because none can be revoked.
        refresh_seconds: How often the keys of the provider are fetched.
        keep_seconds: For how long keys are believed while the provider does not answer.
        requests_an_hour: How often each subject (claim `sub`) is let in from one full hour to the
            next.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "leeway_seconds": Range(at_least=0, at_most=120),
        "longest_seconds": Range(at_least=60, at_most=604_800),
        "refresh_seconds": Range(at_least=1, at_most=86_400),
        "keep_seconds": Range(at_least=1, at_most=604_800),
        "requests_an_hour": Range(at_least=1, at_most=2_000_000_000),
    }

    issuer: str = ""
    audience: str = ""
    jwks_url: str = ""
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    grants_claim: str = "scope"
    leeway_seconds: int = 30
    longest_seconds: int = 86_400
    refresh_seconds: int = 300
    keep_seconds: int = 86_400
    requests_an_hour: int = 10_000

    def __post_init__(self) -> None:
        """
        Refuse what would believe too much.

        Raises:
            ValueError: A number lies outside of its range; an algorithm is unknown, or signs with
                what it is checked with; one of issuer, audience and jwks_url is there without
                the others; or keys would be fetched where anybody can change them.
        """
        require(self, self.RANGES)
        if odd := [name for name in self.algorithms if name not in ALGORITHMS]:
            raise ValueError(
                f"algorithms names {', '.join(odd)}; legal here: {', '.join(ALGORITHMS)}"
            )
        if not self.algorithms or not self.grants_claim:
            raise ValueError("algorithms and grants_claim must not be empty")
        together = {name: getattr(self, name) for name in ("issuer", "audience", "jwks_url")}
        if missing := [name for name, value in together.items() if not value]:
            if len(missing) < len(together):
                raise ValueError(
                    f"{', '.join(missing)} is missing; {', '.join(together)} go together"
                )
            return
        parts = urlsplit(self.jwks_url) if is_address(self.jwks_url, ("https", "http")) else None
        is_safe = parts is not None and (parts.scheme == "https" or parts.hostname in LOOPBACK)
        if parts is None or not is_safe or "@" in parts.netloc:
            raise ValueError("jwks_url has to be https://host/…, without user and password")

    @property
    def is_used(self) -> bool:
        """Whether any token is believed."""
        return bool(self.issuer)


class TokenRefused(Exception):
    """
    A token that is not believed.

    Args:
        reason: Why, for metrics; the token is never repeated.
        detail: Why, for whoever showed it.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Whoever a token is believed of.

    Attributes:
        subject: As the provider names them (claim `sub`).
        grants: Kinds of routes and populations, in pairs; EVERY is all of them.
    """

    subject: str
    grants: frozenset[tuple[str, str]]

    def populations(self, route: str) -> tuple[str, ...]:
        """Return whom they may ask about by a kind of *route*; EVERY is all."""
        return tuple(sorted(name for kind, name in self.grants if kind in {route, EVERY}))

    def may(self, route: str, population: str | None) -> bool:
        """Tell whether they may ask a kind of *route*, about *population* if it is about one."""
        named = self.populations(route)

        return bool(named) if population is None else bool({population, EVERY} & {*named})


def grants(claim: object) -> frozenset[tuple[str, str]]:
    """
    Return what a claim grants; whatever is in it for other services grants nothing here.

    Args:
        claim: A text with spaces between, or a list of texts; of any other kind it grants nothing.
    """
    words = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
    found = set()
    for word in words:
        parts = word.split(":") if isinstance(word, str) else []
        if len(parts) == 3 and parts[0] == GRANT and parts[1] in {*ROUTES, EVERY} and parts[2]:
            found.add((parts[1], parts[2]))

    return frozenset(found)
