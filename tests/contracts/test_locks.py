"""PostgreSQL's advisory locks and the ones in memory, held to the same contract."""

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


class TestAdvisoryLocks(LocksContract):
    """PostgreSQL's advisory locks."""

    @pytest.fixture
    def locks(self, warehouse: Warehouse) -> Locks:
        """A database nobody else uses."""
        return warehouse
