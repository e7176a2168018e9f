"""Keys of the service: what is shown is kept nowhere, and what is kept shows nothing."""

import hashlib
import secrets
from datetime import UTC, datetime

import pytest

from pipelines.domain.access import keys as api_keys
from pipelines.domain.access.keys import ApiKey
from pipelines.steps.service.create_key import create_key
from pipelines.testing.service import MemoryApiKeys

UNTIL = datetime(2026, 12, 31, tzinfo=UTC)


def made(keys: MemoryApiKeys, secret: bytes) -> tuple[ApiKey, str]:
    """Make a key."""
    return create_key(
        name="desk",
        routes=["predict", "predict"],
        populations=["subscribers"],
        requests_an_hour=5,
        expires_at=UNTIL,
        secret=secret,
        keys=keys,
    )


def test_a_key_is_known_by_its_sha256_alone() -> None:
    """What its holder shows is 43 characters of nothing but the random bytes."""
    keys = MemoryApiKeys()
    secret = secrets.token_bytes(32)
    key, shown = made(keys, secret)

    assert {hashlib.sha256(shown.encode()).digest(): key} == keys.known
    assert shown.startswith("churn_")
    assert 6 + 43 == len(shown)
    assert ("desk", ("predict",), ("subscribers",), 5, UNTIL) == (
        *(key.name, key.routes, key.populations, key.requests_an_hour, key.expires_at),
    )
    assert shown not in repr(keys)
    assert api_keys.digest(shown) in keys.known


@pytest.mark.parametrize(
    "forged", ["", "churn_", "churn_" + "a" * 42, "churn_" + "ä" * 43, "Churn_" + "a" * 43]
)
def test_what_cannot_be_a_key_is_told_without_asking_anybody(forged: str) -> None:
    """It has no SHA-256 to look for."""
    assert api_keys.digest(forged) is None


@pytest.mark.parametrize("secret", [b"", b"short", bytes(32), b"x" * 33])
def test_a_key_is_never_made_of_too_little(secret: bytes) -> None:
    """Whoever forgot to draw it is told, and nothing is recorded."""
    keys = MemoryApiKeys()

    with pytest.raises(ValueError, match="32 random bytes"):
        made(keys, secret)
    assert [] == keys.every()
