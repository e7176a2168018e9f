"""Who asks: whoever shows a key that was made here, or a token of the identity provider."""

from typing import Final

from starlette.types import Scope

from pipelines.api.guarded import Guarded
from pipelines.api.parts import Parts
from pipelines.api.problems import Problem, come_again
from pipelines.domain.access.keys import PREFIX, Admission, KeyShown, digest
from pipelines.domain.access.tokens import TokenRefused
from pipelines.errors import ServiceFailed

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="churn"'}
BAD_TOKEN: Final = {"WWW-Authenticate": 'Bearer realm="churn", error="invalid_token"'}
REFUSED: Final = {
    "unknown": (401, "no-key", "the key is none that was made here"),
    "revoked": (401, "key-revoked", "the key is revoked"),
    "expired": (401, "key-expired", "the key has expired"),
    "out of scope": (403, "out-of-scope", "it is not for this kind of route or population"),
    "over its limit": (429, "over-the-limit", "there are no requests left this hour"),
}
# How long an identity provider that shows no keys is given until it is asked about again.
COME_AGAIN_SECONDS: Final = 10


async def admission(
    parts: Parts, scope: Scope, guarded: Guarded, population: str | None
) -> Admission:
    """
    Return what the door says to whoever asks; every verdict but "admitted" has to be refused.

    Args:
        parts: What the service is made of.
        scope: The request.
        guarded: The route it asks.
        population: Whom it is about.

    Raises:
        Problem: Nothing is shown that says who asks, or a token that is not believed.
        DatabaseUnavailable: It cannot be said.
    """
    shown = _shown(scope)
    if shown is not None and (key_sha256 := digest(shown)) is not None:
        return await parts.admitted(KeyShown(key_sha256, guarded.kind, population))
    identity = parts.asked.identity
    if shown is None or shown.startswith(PREFIX) or shown.count(".") != 2 or identity is None:
        what = "a key" if identity is None else "a key or a token"
        raise Problem(
            401,
            "no-key",
            f"show {what}: Authorization: Bearer churn_…",
            headers=CHALLENGE,
        )
    try:
        caller = identity.caller(shown)
    except TokenRefused as refused:
        parts.metrics.tokens_refused.labels(refused.reason).inc()
        slug = "token-expired" if refused.reason == "expired" else "no-token"
        raise Problem(401, slug, refused.detail, headers=BAD_TOKEN) from None
    except ServiceFailed:
        raise come_again(
            "the identity provider does not show its keys",
            slug="unavailable",
            seconds=COME_AGAIN_SECONDS,
        ) from None
    if not caller.may(guarded.kind, population):
        raise refusal(Admission("out of scope"))
    policy = parts.limits.tokens
    counted = await parts.asked.doorkeeper.admit_subject(caller.subject, policy.requests_an_hour)

    return Admission(
        counted.verdict,
        None,
        caller.populations(guarded.kind),
        counted.requests_left,
        counted.retry_after_seconds,
        counted.token_subject_id,
    )


def refusal(found: Admission) -> Problem:
    """Return the problem of whoever is not let in."""
    status, slug, detail = REFUSED[found.verdict]
    headers = CHALLENGE if status == 401 else {}
    if status == 429:
        headers = {"Retry-After": str(found.retry_after_seconds)}

    return Problem(status, slug, detail, headers=headers)


def _shown(scope: Scope) -> str | None:
    """Return what is shown as `Authorization: Bearer …`; None of nothing, and of two."""
    shown = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(shown) != 1:
        return None
    scheme, _, credential = shown[0].decode("latin-1").partition(" ")

    return credential.strip() if scheme.lower() == "bearer" else None
