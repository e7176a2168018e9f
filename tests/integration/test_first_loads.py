"""The first load of a log, whose rows go to their table at once but for those that may repeat."""

import random
from collections import Counter
from pathlib import Path

import pytest

from pipelines.adapters.files import declarations
from pipelines.adapters.loads import first_loads
from pipelines.adapters.loads.first_loads import Parted
from pipelines.adapters.sources import source
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.imports.sieve import staged_schema
from pipelines.domain.imports.suspects import Suspects
from pipelines.steps.data.import_records import import_records
from pipelines.testing.contracts.records.declared import ORDERS, batches
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.records import MemoryDeclaredTables, MemoryRawTables
from tests.integration.declared_house import AS_OF, EVENTS, House


@pytest.mark.parametrize("most_held", [1, 5, 1_000])
@pytest.mark.parametrize("bits", [4, 26])
def test_rows_that_may_repeat_are_gathered_and_the_others_loaded(
    warehouse: Warehouse, bits: int, most_held: int
) -> None:
    """In as many turns as it takes; none that is loaded at once is there twice."""
    rows = [(f"c{number % 40}", float(number % 40)) for number in range(60)]
    schema = staged_schema(ORDERS)
    columns = "customer_id text, ordered_at timestamptz, paid_eur double precision"
    parted = Parted(
        schema, iter(batches(ORDERS, *rows)), Suspects(((bits, None),)), most_held=most_held
    )
    with warehouse.loading() as transaction:
        transaction.execute(
            f"create table raw.orders ({columns}, loaded_at timestamptz, row_digest bytea)"
        )
        transaction.execute(
            f"create table raw.aside ({columns}, loaded_at timestamptz, row_digest bytea, "
            '"#place" bigint, "#line" bigint)'
        )
        loaded, gathered = first_loads.fill(
            transaction, ("raw", "orders"), ("raw", "aside"), parted
        )
    kept, aside = (
        Counter(row.row_digest for row in warehouse.rows(f"select row_digest from raw.{table}"))
        for table in ("orders", "aside")
    )

    assert (60, loaded, gathered) == (loaded + gathered, kept.total(), aside.total())
    assert {1} >= {*kept.values()}
    assert Counter(row["row_digest"] for batch in batches(ORDERS, *rows)
                   for row in batch.to_pylist()) == kept + aside  # fmt: skip


def test_rows_are_known_by_what_the_double_knows_them_by(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """Those that are there several times too, and each by what was said of it first."""
    dice = random.Random(1)
    rows = [
        f"c{dice.randrange(50)},2026-06-{dice.randrange(1, 29):02d},{dice.choice('ab')}"
        for _ in range(5_000)
    ]
    path = tmp_path / "e.csv"
    path.write_text("\n".join(["Id,At,Kind", *rows]) + "\n")
    columns = {**EVENTS["columns"], "kind": {**EVENTS["columns"]["kind"], "identifies": False}}
    house = House(tmp_path, warehouse)
    house.declare("gym", events={**EVENTS, "columns": columns, "origin": str(path)})
    house.load("gym")
    double = MemoryRawTables()
    import_records(
        declared=declarations.read(tmp_path, "gym"),
        sources={"events": source.only(str(path))},
        as_of=AS_OF,
        refused_rows_pct=1.0,
        raw=double,
        tables=MemoryDeclaredTables(double),
        locks=MemoryLocks(),
    )
    expected = double.tables["gym__events"].to_pylist()

    assert 5_000 == len(expected)
    assert Counter(
        (row["row_digest"], row["kind"], row["loaded_at"]) for row in expected
    ) == Counter(tuple(row) for row in house.rows("gym__events", "row_digest, kind, loaded_at"))
