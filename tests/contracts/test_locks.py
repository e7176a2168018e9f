"""The rows of churn.locks and the locks in memory, held to the same contract."""

from collections.abc import Iterator

import pytest

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.ports.locks import Locks
from pipelines.testing.contracts.locks import LocksContract
from pipelines.testing.locks import MemoryLocks


class TestMemoryLocks(LocksContract):
    """The double."""

    @pytest.fixture
    def locks(self) -> Locks:
        """Locks of this process only."""
        return MemoryLocks()

    @pytest.fixture
    def others(self, locks: Locks) -> Locks:
        """There is nobody else."""
        return locks


class TestRowLocks(LocksContract):
    """Rows of churn.locks."""

    @pytest.fixture
    def locks(self, warehouse: Warehouse) -> Locks:
        """A database nobody else uses."""
        return warehouse

    @pytest.fixture
    def others(self, warehouse: Warehouse) -> Iterator[Locks]:
        """Sessions of their own."""
        others = Warehouse(warehouse.url)
        yield others
        others.engine.dispose()
