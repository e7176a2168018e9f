"""A server that fails is told apart from a statement that is wrong."""

from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
import sqlalchemy as sa

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import ContractMismatch, DatabaseUnavailable

NUMBERS = "select number from generate_series(1, 3000000) as number"


def raising(sqlstate: str) -> str:
    """Return a statement the server refuses with *sqlstate*."""
    return f"do $$ begin raise exception 'as asked' using errcode = '{sqlstate}'; end $$"


def end_others(warehouse: Warehouse) -> None:
    """End every other session of this database, as a restart would."""
    other = Warehouse(warehouse.url)
    other.rows(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend'"
    )
    other.engine.dispose()


def ask_after_the_end(warehouse: Warehouse) -> None:
    """Ask again in a transaction whose session was ended."""
    with warehouse.begin() as connection:
        connection.execute(sa.text("select 1"))
        end_others(warehouse)
        connection.execute(sa.text("select 1"))


def stream_past_the_end(warehouse: Warehouse) -> int:
    """Read on in a stream whose session was ended."""
    with warehouse.batches(NUMBERS) as reader:
        first = next(iter(reader))
        end_others(warehouse)

        return first.num_rows + sum(batch.num_rows for batch in reader)


def raise_while_writing(warehouse: Warehouse) -> None:
    """Write a first batch, then fail where the second is made."""
    schema = pa.schema([("customer_id", pa.string())])

    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"customer_id": ["c1"]})
        raise ContractMismatch("the second differs", next_step="train")

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    warehouse.ingest("raw", {"customers": reader})


def test_what_fails_while_rows_are_made_stays_itself(warehouse: Warehouse) -> None:
    """An error of ours goes through the driver's stream whole, and nothing is written."""
    with pytest.raises(ContractMismatch, match=r"^the second differs$"):
        raise_while_writing(warehouse)

    assert [(0,)] == warehouse.rows("select count(*) from raw.customers")


def test_a_session_that_is_ended_in_a_transaction(warehouse: Warehouse) -> None:
    """A statement after the end of its session says so, in the server's words."""
    with pytest.raises(DatabaseUnavailable, match=r"\(57P01\).*administrator command"):
        ask_after_the_end(warehouse)

    assert [(1,)] == warehouse.rows("select 1")


def test_a_session_that_is_ended_while_it_streams(warehouse: Warehouse) -> None:
    """Batches that stop coming are a failed server, never a shorter list, however it is told."""
    told = "server closed the connection|terminating connection"
    with pytest.raises(DatabaseUnavailable, match=told):
        stream_past_the_end(warehouse)


@pytest.mark.parametrize("sqlstate", ["53100", "53200", "57P02", "58030", "08006"])
def test_a_server_out_of_something(warehouse: Warehouse, sqlstate: str) -> None:
    """Full disks, lost memory, crashes and broken input and output are the server's."""
    with pytest.raises(DatabaseUnavailable, match=rf"\({sqlstate}\): as asked"):
        warehouse.execute(raising(sqlstate))


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("select no_such_column", sa.exc.ProgrammingError),
        (raising("57014"), sa.exc.OperationalError),
        ("select 1 / 0", sa.exc.DataError),
    ],
)
def test_a_statement_that_is_wrong(
    warehouse: Warehouse, statement: str, error: type[Exception]
) -> None:
    """It stays what it is: a bug of whoever wrote it."""
    run: Callable[[str], object] = warehouse.execute
    with pytest.raises(error):
        run(statement)
