"""Decisions about champions in the warehouse and in memory, held to the same contract."""

import queue
from dataclasses import replace

import pytest

from pipelines.adapters.service.hints import Hints
from pipelines.adapters.tables.promotions import WarehousePromotions
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.ports.models import Promotions
from pipelines.testing.contracts.models.promotions import (
    FIRST,
    REFUSED,
    WAITING,
    PromotionsContract,
)
from pipelines.testing.models import MemoryPromotions


class TestMemoryPromotions(PromotionsContract):
    """The double."""

    @pytest.fixture
    def record(self) -> Promotions:
        """No decision yet."""
        return MemoryPromotions()


class TestWarehousePromotions(PromotionsContract):
    """The table churn.model_promotions."""

    @pytest.fixture
    def record(self, warehouse: Warehouse) -> Promotions:
        """A database without a decision."""
        return WarehousePromotions(warehouse)

    def test_who_was_champion_on_a_day_is_a_query(
        self, record: Promotions, warehouse: Warehouse
    ) -> None:
        """With reason and approval; refusals, challengers that wait and checksums crown nobody."""
        taken = {"champion_version": 1, "challenger_version": 2, "is_promoted": True}
        checksum = replace(FIRST, champion_version=1, reason="its checksum is on record")
        second = replace(REFUSED, **taken, reason="better", evidence={"approved_by": "Ada King"})
        for promotion in (FIRST, REFUSED, checksum, WAITING, second):
            record.record(promotion)
        rows = warehouse.rows(
            "select version, reason, approved_by, champion_from, champion_until, decided_by "
            "from churn.champions where population = 'subscribers' order by champion_from"
        )

        assert [(1, FIRST.reason, None), (2, "better", "Ada King")] == [
            (row.version, row.reason, row.approved_by) for row in rows
        ]
        assert [rows[1].champion_from, None] == [row.champion_until for row in rows]
        assert all(row.decided_by for row in rows)

    def test_services_hear_of_a_champion_that_moves(
        self, record: Promotions, warehouse: Warehouse
    ) -> None:
        """Of no other decision; where a connection was lost they look by themselves."""
        heard: queue.SimpleQueue[bool] = queue.SimpleQueue()
        url = connection_options.configured(warehouse.url, role="churn_service")
        hints = Hints(url, again_seconds=0.01)
        hints.start(lambda: heard.put(True))
        try:
            heard.get(timeout=60)
            record.record(REFUSED)
            record.record(FIRST)
            heard.get(timeout=60)
            assert heard.empty()
            listening = "from pg_stat_activity where query like 'listen churn_%%'"
            assert 1 == len(warehouse.rows(f"select pg_terminate_backend(pid) {listening}"))
            heard.get(timeout=60)
            record.record(replace(FIRST, champion_version=1, challenger_version=2))
            heard.get(timeout=60)
        finally:
            hints.stop()
