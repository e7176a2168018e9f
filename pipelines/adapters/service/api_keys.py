"""The table churn.api_keys, as who owns the database makes and revokes keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.access.keys import ApiKey

COLUMNS = (
    "api_key_id, name, routes, populations, requests_an_hour, created_at, created_by, expires_at, "
    "revoked_at"
)


@dataclass(frozen=True)
class WarehouseApiKeys:
    """
    Keys of the service.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def create(
        self,
        *,
        name: str,
        key_sha256: bytes,
        routes: Sequence[str],
        populations: Sequence[str],
        requests_an_hour: int,
        expires_at: datetime,
    ) -> ApiKey:
        """Record a key, of which nothing but the SHA-256 is known."""
        (row,) = self.warehouse.rows(
            "insert into churn.api_keys "  # noqa: S608  ours
            "(name, key_sha256, routes, populations, requests_an_hour, expires_at) values "
            "(:name, :key_sha256, :routes, :populations, :requests_an_hour, :expires_at) "
            f"returning {COLUMNS}",
            {
                "name": name,
                "key_sha256": key_sha256,
                "routes": [*routes],
                "populations": [*populations],
                "requests_an_hour": requests_an_hour,
                "expires_at": expires_at,
            },
        )

        return _key(row)

    def every(self) -> list[ApiKey]:
        """Return all keys there ever were, oldest first."""
        rows = self.warehouse.rows(
            f"select {COLUMNS} from churn.api_keys order by api_key_id"  # noqa: S608  ours
        )

        return [_key(row) for row in rows]

    def revoke(self, api_key_id: int) -> ApiKey | None:
        """Refuse a key from now on, and return it; one that is revoked already stays as it is."""
        rows = self.warehouse.rows(
            "update churn.api_keys "  # noqa: S608  ours
            "set revoked_at = coalesce(revoked_at, clock_timestamp()) "
            f"where api_key_id = :api_key_id returning {COLUMNS}",
            {"api_key_id": api_key_id},
        )

        return _key(rows[0]) if rows else None


def _key(row: sa.Row[Any]) -> ApiKey:
    """Return one row as a key."""
    found = dict(row._mapping)

    return ApiKey(
        **{**found, "routes": tuple(found["routes"]), "populations": tuple(found["populations"])}
    )
