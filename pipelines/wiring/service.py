"""The service, and the keys of those who ask it."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.domain.access.keys import SECRET_BYTES
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.access.keys import ApiKey


def create_key(
    installation: Installation,
    *,
    name: str,
    routes: Sequence[str],
    populations: Sequence[str],
    requests_an_hour: int,
    expires_at: datetime,
) -> "tuple[ApiKey, str]":
    """Make a key; return it and what its holder has to show."""
    from pipelines.adapters.service.api_keys import WarehouseApiKeys
    from pipelines.steps.service.create_key import create_key

    return create_key(
        name=name,
        routes=routes,
        populations=populations,
        requests_an_hour=requests_an_hour,
        expires_at=expires_at,
        secret=secrets.token_bytes(SECRET_BYTES),
        keys=WarehouseApiKeys(installation.warehouse),
    )


def keys(installation: Installation) -> "list[ApiKey]":
    """Return all keys there ever were, oldest first."""
    from pipelines.adapters.service.api_keys import WarehouseApiKeys

    return WarehouseApiKeys(installation.warehouse).every()


def revoke_key(installation: Installation, api_key_id: int) -> "ApiKey | None":
    """Refuse a key from now on; None where there is none of that number."""
    from pipelines.adapters.service.api_keys import WarehouseApiKeys

    return WarehouseApiKeys(installation.warehouse).revoke(api_key_id)
