"""What becomes of keys, wherever they are kept."""

from datetime import UTC, datetime, timedelta

from pipelines.domain.access.keys import ApiKey
from pipelines.domain.ports.service import ApiKeys

LATER = datetime(2199, 1, 1, tzinfo=UTC)


def created(keys: ApiKeys, number: int = 1, **changes: object) -> ApiKey:
    """Make a key whose SHA-256 is *number* as 32 bytes."""
    made: dict[str, object] = {
        "name": f"desk {number}",
        "key_sha256": number.to_bytes(32),
        "routes": ["published", "predict"],
        "populations": ["subscribers"],
        "requests_an_hour": 100,
        "expires_at": LATER,
        **changes,
    }

    return keys.create(**made)  # type: ignore[arg-type]


class ApiKeysContract:
    """Tests of keys without one, which a subclass provides as the fixture `keys`."""

    def test_at_first_there_is_none(self, keys: ApiKeys) -> None:
        """Nobody may ask."""
        assert [] == keys.every()

    def test_a_key_is_kept_as_it_was_made(self, keys: ApiKeys) -> None:
        """With a number, a moment and who made it, and usable until it expires."""
        first, second = created(keys, 1), created(keys, 2, routes=["*"], requests_an_hour=5)

        assert [first, second] == keys.every()
        assert first.api_key_id != second.api_key_id
        assert ("desk 1", ("published", "predict"), ("subscribers",), 100, LATER, None) == (
            *(first.name, first.routes, first.populations, first.requests_an_hour),
            *(first.expires_at, first.revoked_at),
        )
        assert first.created_by
        assert timedelta(0) <= datetime.now(UTC) - first.created_at < timedelta(minutes=5)
        assert "usable" == first.state(datetime.now(UTC))
        assert "expired" == first.state(LATER)

    def test_a_revoked_key_stays_listed(self, keys: ApiKeys) -> None:
        """With when it was revoked, which doing it again does not move; others stay as they are."""
        first, second = created(keys, 1), created(keys, 2)
        revoked = keys.revoke(first.api_key_id)

        assert revoked is not None
        assert "revoked" == revoked.state(datetime.now(UTC))
        assert revoked == keys.revoke(first.api_key_id)
        assert [revoked, second] == keys.every()
        assert keys.revoke(second.api_key_id + 100) is None
