"""Tables beside a labelled one that know who left."""

import pyarrow as pa

from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.several.leaks import column_leaks, table_leak
from pipelines.domain.scaffolds.several.roles import roles
from tests.several_tables import looked_at, tables

TABLES = tables(accounts=400)
FOUND = roles(
    Answers("saas", label="has_left=True"), looked_at(TABLES, label="has_left=True"), None, ""
)
OTHERS = {table.found.name: table for table in FOUND.others}


def leak(name: str, happened: str | None = None) -> str | None:
    """Return why a table is left out."""
    column = OTHERS[name].column(happened) if happened else None

    return table_leak(FOUND.main, OTHERS[name], column)


def test_to_be_among_those_who_left_tells_it() -> None:
    """The table of cancellations has nobody else."""
    assert str(leak("cancellations")).startswith("to be in it tells alone who left (AUC 1.00)")


def test_silence_that_came_with_leaving_tells_it() -> None:
    """Also of rows that lead to a customer through another table; having rows at all does not."""
    assert leak("usage") is None
    assert "day of a customer's last row tells alone who left" in str(leak("usage", "used_on"))
    assert leak("tickets", "opened_at") is None


def test_a_column_may_tell_it_row_by_row() -> None:
    """A flag of the contract that ended."""
    found = column_leaks(FOUND.main, OTHERS["subscriptions"])

    assert {"churn_flag", "end_date"} == {*found}
    assert "100 % of those who left and 0 % of the others" in found["churn_flag"]
    assert {} == dict(column_leaks(FOUND.main, OTHERS["tickets"]))


def test_of_too_few_nothing_is_said() -> None:
    """Thirty of each are needed to judge."""
    few = {name: rows.slice(0, 40) for name, rows in TABLES.items()}
    labelled = {**few, "accounts": few["accounts"].set_column(5, "has_left", _rarely(40))}
    found = roles(
        Answers("saas", label="has_left=True"),
        looked_at(labelled, label="has_left=True"),
        None,
        "",
    )
    cancelled = next(table for table in found.others if table.found.name == "cancellations")

    assert table_leak(found.main, cancelled, None) is None
    assert {} == dict(column_leaks(found.main, cancelled))


def _rarely(rows: int) -> pa.Array:
    """Return who left: three of them."""
    return pa.array([str(number < 3) for number in range(rows)])


def test_rows_of_the_main_table_are_its_customers() -> None:
    """As the key says."""
    assert TABLES["accounts"]["account_id"].to_pylist() == list(FOUND.main.row_customers)
