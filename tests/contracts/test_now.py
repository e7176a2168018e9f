"""Features between two nights: warehouse and memory held to the same contracts."""

import asyncio
import contextlib
import queue
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from pipelines.adapters.service.hints import Hints
from pipelines.adapters.service.now import WarehouseFeaturesNow
from pipelines.adapters.service.now_functions import WarehouseNowFunctions
from pipelines.adapters.service.pool import Connection, Pool
from pipelines.adapters.service.warmth import Warmth
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.compiled import CompiledModel
from pipelines.domain.features.contract import Feature
from pipelines.domain.serving.now import AskedNow
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


WIDER = replace(
    CONTRACT, features=(*CONTRACT.features, Feature("is_seen", "boolean", "Seen", nullable=True))
)
# What a connection has prepared, and how often it was run.
PREPARED = """
select statement, generic_plans + custom_plans as runs
from pg_prepared_statements
where statement not like '%%pg_prepared_statements%%'
"""


def widen(warehouse: Warehouse) -> None:
    """Build the night again with another feature, and make the functions of it."""
    warehouse.execute("alter table analytics.fct_seen add column is_seen boolean")
    query = COMPILED.query.replace("as usage_events", "as usage_events, null::boolean as is_seen")
    WarehouseNowFunctions(warehouse, "analytics").renew(
        POPULATION, replace(COMPILED, query=query), WIDER, NIGHT
    )


@dataclass
class Counted(Warmth):
    """Counts how often connections were asked everything."""

    rounds: int = 0

    async def __call__(self, connection: Connection) -> None:
        """Ask, and count."""
        await super().__call__(connection)
        self.rounds += 1


@contextlib.asynccontextmanager
async def kept_warm(warehouse: Warehouse, seconds: float) -> AsyncIterator[tuple[Pool, Counted]]:
    """Have one connection of the service, kept warm."""
    url = connection_options.configured(warehouse.url, role="churn_service")
    warmth = Counted([POPULATION, "strangers"])
    pool = Pool(url, 1, warmth, seconds)
    await pool.open()
    try:
        yield pool, warmth
    finally:
        await pool.close()


async def prepared(pool: Pool) -> dict[str, int]:
    """Return the statements the one connection has prepared, and how often each was run."""
    return {row["statement"]: row["runs"] for row in await pool.rows(PREPARED, {})}


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.01)


def test_a_connection_has_asked_before_it_serves(built: Warehouse) -> None:
    """Features of now, once the population can be asked them, and everything else."""

    async def asked() -> dict[str, int]:
        async with kept_warm(built, 3600) as (pool, _):
            return await prepared(pool)

    before = asyncio.run(asked())
    WarehouseNowFunctions(built, "analytics").renew(POPULATION, COMPILED, CONTRACT, NIGHT)
    after = asyncio.run(asked())

    (now,) = {*after} - {*before}
    assert '"online"."players"' in now
    assert {1} == {*after.values()}
    for name in ("admit_requests", "record_requests", "scores_published", "record_predictions"):
        assert 1 == sum(name in statement for statement in before), name


def test_a_connection_asks_again_by_itself_and_when_it_is_woken(built: Warehouse) -> None:
    """Also functions that were made of other features, or that there are none of any more."""
    WarehouseNowFunctions(built, "analytics").renew(POPULATION, COMPILED, CONTRACT, NIGHT)

    async def scenario() -> list[object]:
        async with kept_warm(built, 0.01) as (_, warmth):
            await until(lambda: warmth.rounds > 2)
        async with kept_warm(built, 3600) as (pool, warmth):
            await until(lambda: warmth.rounds == 1)
            widen(built)
            pool.wake()
            await until(lambda: warmth.rounds == 2)
            (now,) = [each for each in await prepared(pool) if '"online"."players"' in each]
            found = WarehouseFeaturesNow(pool)
            told = await found.features(POPULATION, [AskedNow(KNOWN)], NIGHT)
            runs = (await prepared(pool))[now]
            built.execute("drop function online.players(text, date, jsonb, boolean)")
            pool.wake()
            await until(lambda: warmth.rounds == 3)
            return [told, runs, await found.is_known(POPULATION, KNOWN)]

    assert [[{"usage_events": 2, "is_seen": None}], 2, True] == asyncio.run(scenario())


def test_a_service_hears_that_functions_were_made_anew(built: Warehouse) -> None:
    """Not of those that stay as they are."""
    functions = WarehouseNowFunctions(built, "analytics")
    heard: queue.SimpleQueue[bool] = queue.SimpleQueue()
    hints = Hints(connection_options.configured(built.url, role="churn_service"))
    hints.start(lambda: heard.put(True))
    try:
        heard.get(timeout=60)
        for _ in range(2):
            functions.renew(POPULATION, COMPILED, CONTRACT, NIGHT)
        heard.get(timeout=60)
        with pytest.raises(queue.Empty):
            heard.get(timeout=2)
    finally:
        hints.stop()


def test_functions_that_tell_other_features_are_asked_at_once(built: Warehouse) -> None:
    """By a connection that has prepared to ask the former ones, too."""
    WarehouseNowFunctions(built, "analytics").renew(POPULATION, COMPILED, CONTRACT, NIGHT)

    async def scenario() -> list[object]:
        async with pooled(built) as pool:
            found, told = WarehouseFeaturesNow(pool), list[object]()
            for _ in range(3 * pool.connections):
                told += await found.features(POPULATION, [AskedNow(KNOWN)], NIGHT)
            widen(built)
            for _ in range(3 * pool.connections):
                told += await found.features(POPULATION, [AskedNow(KNOWN)], NIGHT)
            return told

    narrow, wide = {"usage_events": 2}, {"usage_events": 2, "is_seen": None}
    told = asyncio.run(scenario())
    assert [narrow] * (len(told) // 2) + [wide] * (len(told) // 2) == told
