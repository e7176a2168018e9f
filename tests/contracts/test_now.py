"""Features between two nights: warehouse and memory held to the same contracts."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from pipelines.adapters.service.now import WarehouseFeaturesNow
from pipelines.adapters.service.now_functions import WarehouseNowFunctions
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.compiled import CompiledModel
from pipelines.domain.serving.records import Column
from pipelines.testing.contracts.service.features_now import (
    KNOWN,
    TABLE,
    FeaturesNowContract,
    event,
)
from pipelines.testing.contracts.service.now_functions import (
    CONTRACT,
    NIGHT,
    POPULATION,
    NowFunctionsContract,
)
from pipelines.testing.now import MemoryFeaturesNow, MemoryNowFunctions
from tests.contracts.test_service import pooled

EVENTS = '"raw"."usage_events"'
COMPILED = CompiledModel(
    table="fct_seen",
    query=f"""
with dates as (
  select as_of from unnest(array[/*as_of*/ '{NIGHT}' /*as_of*/]::date[]) as spine (as_of)
)
select dates.as_of, seen.customer_id, count(*) as usage_events
from dates inner join "analytics"."stg_seen" as seen
on seen.occurred_at < (cast(dates.as_of as timestamp) at time zone 'UTC')
and seen.loaded_at < (cast(dates.as_of as timestamp) at time zone 'UTC')
group by dates.as_of, seen.customer_id -- as the night has them""",
    models={'"analytics"."stg_seen"': f"select * from {EVENTS} -- all of them"},
    sources={EVENTS: ("raw", "usage_events")},
    dates=(NIGHT.isoformat(),),
)
BUILT = f"""
create table analytics.fct_seen as
select date '{NIGHT}' as as_of, customer_id, count(*) as usage_events
from raw.usage_events group by customer_id;
alter table analytics.fct_seen owner to churn_pipeline;
"""


@pytest.fixture
def built(warehouse: Warehouse) -> Warehouse:
    """A warehouse with two customers who have two events each, and their night."""
    for number in range(4):
        warehouse.execute(
            "insert into raw.usage_events (event_id, customer_id, event_type, occurred_at, "
            "loaded_at) values (:id, :customer, 'session', :at, :at)",
            {
                "id": f"e{number}",
                "customer": (KNOWN, "other")[number % 2],
                "at": datetime(2026, 2, 1, tzinfo=UTC),
            },
        )
    warehouse.execute(BUILT)

    return warehouse


class TestMemoryNowFunctions(NowFunctionsContract[MemoryNowFunctions]):
    """The double."""

    compiled = COMPILED

    @pytest.fixture
    def functions(self) -> MemoryNowFunctions:
        """Functions in memory."""
        return MemoryNowFunctions()

    def other(self, functions: MemoryNowFunctions) -> None:
        """As the test of a step lets it be."""
        functions.faults[POPULATION] = "it is another night"

    def can_be_asked(self, functions: MemoryNowFunctions) -> bool:
        """Tell whether they were made."""
        return POPULATION in functions.made


class TestWarehouseNowFunctions(NowFunctionsContract[WarehouseNowFunctions]):
    """The functions of the database."""

    compiled = COMPILED

    @pytest.fixture
    def functions(self, built: Warehouse) -> WarehouseNowFunctions:
        """Functions of a database, as its owner makes them."""
        return WarehouseNowFunctions(built, "analytics")

    def other(self, functions: WarehouseNowFunctions) -> None:
        """Change what was built."""
        functions.warehouse.execute("update analytics.fct_seen set usage_events = 99")

    def can_be_asked(self, functions: WarehouseNowFunctions) -> bool:
        """Tell whether it is said so, and they are there: all of them, and the pipeline's."""
        said = functions.warehouse.rows(
            "select 1 from churn.online_functions where population = :name and fault is null",
            {"name": POPULATION},
        )
        owners = functions.warehouse.rows(
            "select proowner::regrole::text as owner from pg_proc "
            "where pronamespace = 'online'::regnamespace and proname = :name and prosecdef",
            {"name": POPULATION},
        )
        assert len(owners) == 3 * len(said)
        assert {row.owner for row in owners} <= {"churn_pipeline"}

        return bool(said)


class TestMemoryFeaturesNow(FeaturesNowContract[MemoryFeaturesNow]):
    """The double."""

    @pytest.fixture
    def house(self) -> MemoryFeaturesNow:
        """Two events in memory."""
        columns = [
            Column(name, "text", is_needed=True)
            for name in ("event_id", "event_type", "occurred_at")
        ]
        stored = [event(number, loaded_at="2026-02-01") for number in range(2)]

        return MemoryFeaturesNow(
            POPULATION,
            {TABLE: [*columns, Column("quantity", "double precision", is_needed=False)]},
            lambda records, as_of: (
                {"usage_events": len(records[TABLE])} if as_of >= NIGHT else None
            ),
            {KNOWN: {TABLE: stored}},
        )

    @contextlib.asynccontextmanager
    async def opened(self, house: MemoryFeaturesNow) -> AsyncIterator[MemoryFeaturesNow]:
        """Nothing has to be opened."""
        yield house


class TestWarehouseFeaturesNow(FeaturesNowContract[Warehouse]):
    """The functions of the database, called as churn_service, which may read no record."""

    @pytest.fixture
    def house(self, built: Warehouse) -> Warehouse:
        """A database whose functions were made."""
        WarehouseNowFunctions(built, "analytics").renew(POPULATION, COMPILED, CONTRACT, NIGHT)

        return built

    @contextlib.asynccontextmanager
    async def opened(self, house: Warehouse) -> AsyncIterator[WarehouseFeaturesNow]:
        """As churn_service."""
        async with pooled(house) as pool:
            yield WarehouseFeaturesNow(pool)
