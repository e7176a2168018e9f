"""What a population may be called."""

import functools
from dataclasses import replace

import pytest

from pipelines.domain.columns.names import among
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.answers import (
    Answers,
    plain,
    require_columns,
    require_name,
    taken_names,
)
from pipelines.errors import ConfigError, ImportRefused
from tests.several_tables import looked_at, tables


@pytest.mark.parametrize("name", ["a", "shop", "my_shop_2", "a" * 30])
def test_a_name_in_snake_case_is_one(name: str) -> None:
    """As short as a letter, or of thirty characters."""
    require_name(name, {"subscribers": {}})


@pytest.mark.parametrize(
    "name", ["", "Shop", "2shop", "_shop", "shop_", "my__shop", "my-shop", "a" * 31, "a;b", "à"]
)
def test_what_would_be_no_name_of_a_table_is_refused(name: str) -> None:
    """With what a name takes."""
    with pytest.raises(ConfigError, match="cannot be the name of a population: it takes"):
        require_name(name, {})


def test_a_population_of_the_house_keeps_its_name() -> None:
    """Its models would be taken for the new one's."""
    with pytest.raises(ConfigError, match="subscribers is a population of the house"):
        require_name("subscribers", {"subscribers": {}})


@pytest.mark.parametrize("name", ["churn", "customer", "subscribers"])
def test_a_name_that_models_of_the_house_have_is_taken(name: str) -> None:
    """As of `churn.csv`: dbt knows no two models of one name."""
    house = {
        "subscribers": {"feature_model": "fct_customer_features", "label_model": "fct_churn_labels"}
    }

    assert {"churn", "customer", "subscribers"} == taken_names(house)
    with pytest.raises(ConfigError, match="or models of one are called so") as refused:
        require_name(name, house)
    assert f"such as {name}_2" in refused.value.next_step


SAID = Answers(
    "saas",
    key="account_id",
    times=("tickets.opened_at", "signup_date"),
    drops=("Tickets.priority", "plan"),
    accepts={"tickets.rating": "asked at once", "tickets": "all of it"},
)


@functools.cache
def found() -> dict[str, Inspected]:
    """Return the tables of a business, looked at."""
    return {table.name: table for table in looked_at(tables(accounts=60)).tables}


def test_a_header_is_called_with_as_many_blanks_as_the_file_has() -> None:
    """Those around and between its words are one where it is read."""
    assert "Call Failure" == among("Call  Failure ", ["id", "Call Failure"])
    assert "a  b" == among("a  b", ["a b", "a  b"])
    assert among("CallFailure", ["Call Failure"]) is None


def test_a_table_is_called_as_its_source_calls_it_too() -> None:
    """Where its own name is shorter than that of its file."""
    tickets = replace(found()["tickets"], origin="exports#crm_tickets_2026")

    assert tickets.is_called("Tickets")
    assert tickets.is_called("crm_tickets_2026")
    assert not tickets.is_called("crm")
    assert "rating" == plain("crm_tickets_2026.rating", tickets)


def test_a_table_is_told_what_concerns_it() -> None:
    """A column without a table before it concerns all that have one."""
    assert Answers(
        "saas",
        key="account_id",
        times=("opened_at",),
        drops=("priority",),
        accepts={"rating": "asked at once"},
    ) == SAID.of_table(found()["tickets"])
    of_accounts = SAID.of_table(found()["accounts"])
    assert (("signup_date",), ("plan",), {}) == (
        of_accounts.times,
        of_accounts.drops,
        of_accounts.accepts,
    )


def test_the_only_table_has_to_have_what_is_said() -> None:
    """So that it is missed where it is looked for."""
    only = SAID.of_table(found()["accounts"], is_only=True)

    assert ("Tickets.priority", "plan") == only.drops


def test_a_column_of_no_table_is_refused() -> None:
    """A table may be accepted as a whole."""
    require_columns(SAID, [*found().values()])
    with pytest.raises(
        ImportRefused, match=r"no table has a column 'born', 'tickets\.tier'; there"
    ):
        require_columns(Answers("saas", key="born", drops=("tickets.tier",)), [*found().values()])
