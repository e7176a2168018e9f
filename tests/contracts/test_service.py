"""Keys, the door and published lists: warehouse and memory held to the same contracts."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pipelines.adapters.service.api_keys import WarehouseApiKeys
from pipelines.adapters.service.doorkeeper import WarehouseDoorkeeper
from pipelines.adapters.service.pool import Pool
from pipelines.adapters.service.published import WarehousePublishedLists
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.access.keys import ServedRequest
from pipelines.testing.contracts.service.api_keys import ApiKeysContract
from pipelines.testing.contracts.service.doorkeeper import DoorkeeperContract
from pipelines.testing.contracts.service.published_lists import PublishedListsContract
from pipelines.testing.scores import MemoryScores
from pipelines.testing.service import MemoryApiKeys, MemoryDoorkeeper, MemoryPublishedLists


@contextlib.asynccontextmanager
async def pooled(warehouse: Warehouse) -> AsyncIterator[Pool]:
    """Have connections as the service has them."""
    pool = Pool(connection_options.configured(warehouse.url, role="churn_service"), 2)
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()


class TestMemoryApiKeys(ApiKeysContract):
    """The double."""

    @pytest.fixture
    def keys(self) -> MemoryApiKeys:
        """Keys in memory."""
        return MemoryApiKeys()


class TestWarehouseApiKeys(ApiKeysContract):
    """The table churn.api_keys."""

    @pytest.fixture
    def keys(self, warehouse: Warehouse) -> WarehouseApiKeys:
        """Keys of a database."""
        return WarehouseApiKeys(warehouse)


class TestMemoryDoorkeeper(DoorkeeperContract):
    """The double, which keeps what it is told."""

    @pytest.fixture
    def keys(self) -> MemoryApiKeys:
        """Keys in memory."""
        keys = MemoryApiKeys()
        self.door = MemoryDoorkeeper(keys)

        return keys

    @contextlib.asynccontextmanager
    async def opened(self, keys: MemoryApiKeys) -> AsyncIterator[MemoryDoorkeeper]:
        """Nothing has to be opened."""
        assert self.door.keys is keys
        yield self.door

    def recorded(self, keys: MemoryApiKeys) -> list[ServedRequest]:
        """What it was told, hashed here."""
        assert self.door.keys is keys
        return [
            replace(each, customer_id=hashlib.sha256(each.customer_id.encode()).hexdigest())
            if each.customer_id
            else each
            for each in self.door.recorded
        ]


class TestWarehouseDoorkeeper(DoorkeeperContract):
    """The functions of the database."""

    @pytest.fixture
    def keys(self, warehouse: Warehouse) -> WarehouseApiKeys:
        """Keys of a database."""
        return WarehouseApiKeys(warehouse)

    @contextlib.asynccontextmanager
    async def opened(self, keys: WarehouseApiKeys) -> AsyncIterator[WarehouseDoorkeeper]:
        """As churn_service, which may read neither table."""
        async with pooled(keys.warehouse) as pool:
            yield WarehouseDoorkeeper(pool)

    def recorded(self, keys: WarehouseApiKeys) -> list[ServedRequest]:
        """What is in the table."""
        rows = keys.warehouse.rows(
            "select request_id, api_key_id, route, population, status, model_version, rows, "
            "encode(customer_hash, 'hex') as customer_id, token_subject_id "
            "from churn.served_requests order by served_request_id"
        )

        return [ServedRequest(**row._mapping) for row in rows]


class TestMemoryPublishedLists(PublishedListsContract[MemoryScores]):
    """The double."""

    @pytest.fixture
    def scores(self) -> MemoryScores:
        """Runs in memory."""
        return MemoryScores()

    @contextlib.asynccontextmanager
    async def opened(self, scores: MemoryScores) -> AsyncIterator[MemoryPublishedLists]:
        """Nothing has to be opened."""
        yield MemoryPublishedLists(scores)


class TestWarehousePublishedLists(PublishedListsContract[WarehouseScores]):
    """The views of the database, read as the service reads them."""

    @pytest.fixture
    def scores(self, warehouse: Warehouse) -> WarehouseScores:
        """Runs of a database."""
        return WarehouseScores(warehouse)

    @contextlib.asynccontextmanager
    async def opened(self, scores: WarehouseScores) -> AsyncIterator[WarehousePublishedLists]:
        """As churn_service."""
        async with pooled(scores.warehouse) as pool:
            yield WarehousePublishedLists(pool)
