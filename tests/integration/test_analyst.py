"""`churn sql` reads, and the database itself refuses whatever else it is given."""

import psycopg
import pytest

from pipelines.adapters import analyst
from pipelines.adapters.warehouse import Warehouse
from pipelines.errors import QueryRefused


def test_a_query_returns_columns_and_rows(warehouse: Warehouse) -> None:
    """A select gives names and values."""
    answer = analyst.ask(warehouse.url, "select 1 as one, '50%' as share")

    assert analyst.Answer(("one", "share"), [(1, "50%")]) == answer


@pytest.mark.parametrize(
    ("query", "sqlstate"),
    [
        ("delete from churn.alerts", "25006"),
        ("create table churn.mine (a int)", "25006"),
        ("with gone as (delete from churn.alerts returning 1) select * from gone", "25006"),
        ("select full_name from raw.customers", "42501"),
        ("copy (select 1) to program 'true'", "42501"),
        ("set transaction read write; delete from churn.alerts", "42601"),
        ("select from where", "42601"),
    ],
)
def test_the_database_refuses_what_does_not_only_read(
    warehouse: Warehouse, query: str, sqlstate: str
) -> None:
    """Writing, raw records, programs and second statements are refused by their code."""
    with pytest.raises(QueryRefused, match=rf"\({sqlstate}\)"):
        analyst.ask(warehouse.url, query)


def test_a_refused_query_changes_nothing(warehouse: Warehouse) -> None:
    """What was there before a refused delete is there after it."""
    warehouse.execute(
        "insert into churn.alerts (population, as_of, kind, severity, title, body, owner) "
        "values ('subscribers', '2026-01-01', 'drift', 'warning', 't', 'b', 'science')"
    )
    with pytest.raises(QueryRefused):
        analyst.ask(warehouse.url, "delete from churn.alerts")

    with psycopg.connect(warehouse.url) as connection:
        assert (1,) == connection.execute("select count(*) from churn.alerts").fetchone()
