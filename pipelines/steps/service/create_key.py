"""Make a key for a program that asks the service."""

from collections.abc import Sequence
from datetime import datetime

from pipelines.domain.access import keys as api_keys
from pipelines.domain.access.keys import ApiKey
from pipelines.domain.ports.service import ApiKeys


def create_key(
    *,
    name: str,
    routes: Sequence[str],
    populations: Sequence[str],
    requests_an_hour: int,
    expires_at: datetime,
    secret: bytes,
    keys: ApiKeys,
) -> tuple[ApiKey, str]:
    """
    Record a key; return it, and what its holder has to show, which nobody can tell again.

    Args:
        name: Who or what it is for.
        routes: Kinds of routes it may ask, of ROUTES, or EVERY.
        populations: Whom it may ask about, or EVERY.
        requests_an_hour: How often it is let in from one full hour to the next.
        expires_at: From when on it is refused.
        secret: SECRET_BYTES random bytes.
        keys: Where keys are recorded.

    Raises:
        ValueError: The secret is shorter, or as long and not random at all.
    """
    if len(secret) != api_keys.SECRET_BYTES or len(set(secret)) == 1:
        raise ValueError(f"a key is {api_keys.SECRET_BYTES} random bytes")
    shown = api_keys.written(secret)
    digest = api_keys.digest(shown)
    assert digest is not None  # noqa: S101  it was written a line ago
    made = keys.create(
        name=name,
        key_sha256=digest,
        routes=tuple(dict.fromkeys(routes)),
        populations=tuple(dict.fromkeys(populations)),
        requests_an_hour=requests_an_hour,
        expires_at=expires_at,
    )

    return made, shown
