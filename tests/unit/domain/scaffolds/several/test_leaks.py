"""Tables beside a labelled one that know who left."""

import functools

import pyarrow as pa

from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.several.leaks import column_leaks, table_leak
from pipelines.domain.scaffolds.several.owners import OwnedTable
from pipelines.domain.scaffolds.several.roles import TableRoles, roles
from tests.several_tables import looked_at, tables

ACCOUNTS = 400


@functools.cache
def of_the_business() -> TableRoles:
    """Return what the tables are to each other."""
    looked = looked_at(tables(accounts=ACCOUNTS), label="has_left=True")

    return roles(Answers("saas", label="has_left=True"), looked, None, "")


def other(name: str) -> OwnedTable:
    """Return a table that leads to a customer."""
    return next(table for table in of_the_business().others if table.found.name == name)


def leak(name: str, happened: str | None = None) -> str | None:
    """Return why a table is left out."""
    column = other(name).column(happened) if happened else None

    return table_leak(of_the_business().main, other(name), column)


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
    found = column_leaks(of_the_business().main, other("subscriptions"))

    assert {"churn_flag", "end_date"} == {*found}
    assert "100 % of those who left and 0 % of the others" in found["churn_flag"]
    assert {} == dict(column_leaks(of_the_business().main, other("tickets")))


def test_of_too_few_nothing_is_said() -> None:
    """Thirty of each are needed to judge."""
    few = {name: rows.slice(0, 40) for name, rows in tables(accounts=ACCOUNTS).items()}
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
    assert tables(accounts=ACCOUNTS)["accounts"]["account_id"].to_pylist() == list(
        of_the_business().main.row_customers
    )
