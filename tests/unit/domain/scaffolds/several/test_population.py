"""What is made of several tables, and what is left out of them."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.scaffolds import log_models
from pipelines.domain.imports.declared import DeclaredTable
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.made import Made, told_until
from pipelines.domain.scaffolds.several.beside_table import BesideTable
from pipelines.domain.scaffolds.several.population import several_tables
from pipelines.domain.scaffolds.summary import summary
from pipelines.errors import ImportRefused
from tests.several_tables import looked_at, tables

BY_RULE = Answers("saas", gone=("cancellations in 45d",))
ENDED = Answers("saas", gone=("subscriptions in 45d",), times=("subscriptions.end_date",))


def by_rule(answers: Answers = BY_RULE) -> LogPopulation:
    """Decide on the tables by a rule."""
    found = several_tables(answers, looked_at(tables()))
    assert isinstance(found, LogPopulation)

    return found


def labelled(answers: Answers = Answers("saas", label="has_left=True")) -> FlatPopulation:  # noqa: B008
    """Decide on the tables by a label."""
    found = several_tables(answers, looked_at(tables(), label="has_left=True"))
    assert isinstance(found, FlatPopulation)

    return found


def beside(found: Made) -> dict[str, BesideTable]:
    """Return the tables beside the main one by name."""
    return {each.table.name: each for each in found.beside}


def columns(table: DeclaredTable) -> dict[str, str]:
    """Return what is loaded, by name with its header."""
    return {column.name: column.header for column in table.columns}


def test_a_rule_makes_a_log_and_what_lies_beside_it() -> None:
    """One before those that go through it, each read as its rows are."""
    found = by_rule()

    assert found.tables.index(beside(found)["subscriptions"].table) < found.tables.index(
        found.table
    )
    assert {"accounts": "facts", "subscriptions": "log", "tickets": "log"} == {
        name: each.reading for name, each in beside(found).items()
    }
    assert {"subscription_id": "subscription_id"}.items() <= columns(
        beside(found)["subscriptions"].table
    ).items()
    assert ("subscriptions", "subscription_id") == found.table.through


def test_those_who_left_are_loaded_with_their_day_and_no_more() -> None:
    """Whatever else is said of them, it is said afterwards."""
    told_by = by_rule().told_by
    assert told_by is not None

    assert {"customer_id": "account_id", "cancelled_on": "cancelled_on"} == columns(told_by.table)
    assert {"cancellation_id", "reason"} == {*told_by.table.dropped}
    assert ("kind", "row_of", "cancellations") == (
        told_by.rule.definition,
        told_by.rule.column,
        told_by.rule.level,
    )


def test_a_value_of_another_table_may_say_who_left() -> None:
    """Then that column is loaded too."""
    told_by = by_rule(replace(BY_RULE, gone=("cancellations.reason=PRICE in 45d",))).told_by
    assert told_by is not None
    assert told_by.rule.told_by is not None

    assert "reason" in columns(told_by.table)
    assert ("reason", "price") == (told_by.rule.told_by.column, told_by.rule.told_by.level)


def test_facts_of_today_are_no_facts_of_the_past() -> None:
    """But for since when somebody is a customer, and what a person says does not change."""
    accounts = beside(by_rule())["accounts"]
    assert ["accounts_days_since_signup_date"] == [each.name for each in accounts.features]
    assert "as it is now" in accounts.table.dropped["plan"]
    accepted = replace(BY_RULE, accepts={"accounts.plan": "fixed at sign-up"})

    assert ["accounts_days_since_signup_date", "accounts_plan"] == [
        each.name for each in beside(by_rule(accepted))["accounts"].features
    ]


def test_what_was_written_later_is_left_out() -> None:
    """A person may say that it was not."""
    assert "rating" in beside(by_rule())["tickets"].table.dropped
    accepted = replace(BY_RULE, accepts={"tickets.rating": "asked when it is opened"})

    assert "tickets_last_rating" in {
        each.name for each in beside(by_rule(accepted))["tickets"].features
    }


def test_the_end_of_a_contract_may_say_who_left() -> None:
    """Its rows are loaded by their end as well, which some have not reached."""
    found = by_rule(
        replace(BY_RULE, gone=("subscriptions in 45d",), times=("subscriptions.end_date",))
    )
    told_by = found.told_by
    assert told_by is not None

    assert ("subscriptions_ended", True) == (told_by.table.name, told_by.table.is_open)
    assert {"customer_id": "account_id", "end_date": "end_date"} == columns(told_by.table)
    assert ("start_date", False) == (
        beside(found)["subscriptions"].table.happened_at,
        beside(found)["subscriptions"].table.is_open,
    )
    assert ("subscriptions", "subscription_id") == found.table.through


def ended(answers: Answers = ENDED, *names: str) -> ContractPopulation:
    """Decide on some of the tables, of which the ends of subscriptions say who left."""
    found = several_tables(answers, looked_at({name: tables()[name] for name in names or tables()}))
    assert isinstance(found, ContractPopulation)

    return found


def test_contracts_are_the_main_table_where_no_log_is_longer() -> None:
    """A row a customer is no log, however many customers there are."""
    few = {"tickets": tables()["tickets"].slice(0, 200)}
    kept = {name: tables()[name] for name in ("accounts", "subscriptions")}
    found = several_tables(ENDED, looked_at(few | kept))
    assert isinstance(found, ContractPopulation)

    assert ("subscriptions", "subscriptions_ended") == (found.table.name, found.ended.name)
    assert {"accounts": "facts", "tickets": "log"} == {
        name: each.reading for name, each in beside(found).items()
    }


def test_contracts_are_the_main_table_where_they_say_who_is_scored() -> None:
    """Then usage is one of the others, and leads to its customer through them."""
    found = ended(replace(ENDED, eligible="subscriptions in 900d"))
    usage = beside(found)["usage"]

    assert 900 == found.log.eligible_days
    assert ("subscriptions", "subscription_id") == usage.table.through
    assert "subscription_id" in columns(found.table)
    assert "subscription_id" == found.log.row_key


def test_an_only_end_need_not_be_named() -> None:
    """Where no other log could be the main one."""
    found = ended(replace(ENDED, times=()), "subscriptions", "accounts")

    assert ("start_date", "end_date") == (found.log.begin, found.log.end)


def test_whether_a_row_or_its_end_says_who_left_has_to_be_said() -> None:
    """To begin is not to leave, unless it is to cancel; both ways are named."""
    with pytest.raises(
        ImportRefused, match=r"begin \(start_date\) and end \(end_date\)"
    ) as refused:
        by_rule(replace(ENDED, times=()))
    assert "--time subscriptions.end_date" in refused.value.next_step
    assert "--time subscriptions.start_date" in refused.value.next_step


def test_a_label_makes_a_row_a_customer_and_what_lies_beside_it() -> None:
    """As it is today; tables that tell who left are not among it."""
    found = labelled()

    assert "accounts" == found.table.name
    assert {"subscriptions": "log", "tickets": "log"} == {
        name: each.reading for name, each in beside(found).items()
    }
    assert {"usage", "cancellations"} == {*found.left_out}
    assert "to be in it tells alone who left" in found.left_out["cancellations"]


def test_a_table_is_taken_all_the_same_if_a_person_says_why() -> None:
    """Called by its name."""
    answers = Answers(
        "saas",
        label="has_left=True",
        accepts={"usage": "stops a month before a contract ends, for everybody"},
    )

    assert "usage" in beside(labelled(answers))


def test_what_leads_through_a_table_without_a_time_is_used() -> None:
    """That one gives nothing but whose the rows of the other are."""
    timeless = {
        **tables(),
        "subscriptions": tables()["subscriptions"].drop(["start_date", "end_date"]),
    }
    found = several_tables(replace(BY_RULE, gone=("no tickets in 30d",)), looked_at(timeless))
    assert isinstance(found, LogPopulation)

    (lead,) = found.leads
    assert {"customer_id": "account_id", "subscription_id": "subscription_id"} == columns(lead)
    assert {"no column says when a row happened"} == {*lead.dropped.values()}
    assert ("subscriptions", "subscription_id") == beside(found)["usage"].table.through
    assert {
        "cancellations": "no column says since when its rows hold; --time cancellations.COLUMN "
        "names it",
    } == dict(found.left_out)


def test_tables_that_would_be_called_alike_are_refused() -> None:
    """As parts of names they have to differ."""
    alike = {
        **tables(),
        "Support-Tickets": tables()["tickets"],
        "support tickets": tables()["tickets"],
    }
    with pytest.raises(ImportRefused, match="2 tables would be called support_tickets"):
        several_tables(BY_RULE, looked_at(alike))
    twice = looked_at(tables())
    with pytest.raises(ImportRefused, match="2 tables would be called usage"):
        several_tables(BY_RULE, replace(twice, tables=[*twice.tables, *twice.tables[2:3]]))


def test_names_of_features_are_short_enough_and_differ() -> None:
    """However long those of tables, columns and kinds are."""
    long = "a very long name of a column that nobody would ever type"
    tickets = tables()["tickets"].rename_columns(
        [long if name == "priority" else name for name in tables()["tickets"].column_names]
    )
    levels = pa.array([f"{long} {each}" for each in tickets[long].to_pylist()])
    tickets = tickets.set_column(tickets.column_names.index(long), long, levels)
    found = several_tables(
        BY_RULE, looked_at({**tables(), "tickets": tickets, "support": tables()["tickets"]})
    )
    called = [item.name for each in found.beside for item in each.features]

    assert max(map(len, called)) <= 63
    assert len({*called}) == len(called)


def test_a_column_nobody_has_is_refused() -> None:
    """With all there are."""
    with pytest.raises(ImportRefused, match=r"no table has a column 'accounts\.tier'; there are"):
        by_rule(replace(BY_RULE, drops=("accounts.tier",)))


def test_a_key_on_many_rows_is_not_one_row_a_customer() -> None:
    """A label in a log is not who left."""
    twice = {**tables(), "accounts": pa.concat_tables([tables()["accounts"]] * 2)}
    with pytest.raises(ImportRefused, match="no table with a row a customer says who left"):
        several_tables(
            Answers("saas", key="account_id", label="has_left=True"),
            looked_at(twice, label="has_left=True"),
        )


def test_when_a_row_a_customer_was_known_is_taken_or_refused() -> None:
    """Never passed over: beside a rule a column may say it, and beside a label it is of today."""
    booked = tables()["accounts"].append_column("booked_on", tables()["accounts"]["signup_date"])
    found = several_tables(
        replace(BY_RULE, knowns=("accounts.booked_on",)),
        looked_at({**tables(), "accounts": booked}),
    )
    accounts = beside(found)["accounts"]

    assert ("signup_date", "booked_on") == (accounts.table.happened_at, accounts.table.known_at)
    assert ["accounts_days_since_signup_date"] == [each.name for each in accounts.features]
    with pytest.raises(ImportRefused, match="accounts has a category in plan, and no column of it"):
        by_rule(replace(BY_RULE, knowns=("accounts.plan",)))
    with pytest.raises(ImportRefused, match="has a row a customer, and is known from the day"):
        labelled(Answers("saas", label="has_left=True", knowns=("accounts.signup_date",)))


def test_a_level_called_other_costs_no_level_its_name() -> None:
    """It is one with what is rare."""
    levels = [
        "Other" if each == "low" else each for each in tables()["tickets"]["priority"].to_pylist()
    ]
    tickets = tables()["tickets"].set_column(4, "priority", pa.array(levels))
    found = several_tables(BY_RULE, looked_at({**tables(), "tickets": tickets}))
    last = next(
        each for each in beside(found)["tickets"].features if each.name == "tickets_last_priority"
    )

    assert {"other", "high", "urgent"} == {*last.feature.levels}
    assert "'high'" in last.expression
    assert "'urgent'" in last.expression


def shop() -> dict[str, pa.Table]:
    """Return a shop that numbers its customers anew with every order, and says who they are."""
    random = np.random.default_rng(7)
    people = [f"person {number}" for number in range(300)]
    rows = [
        (person, day)
        for person in people
        for day in np.cumsum(random.integers(5, 60, random.integers(1, 9)))
    ]
    orders = [f"O{number:05d}" for number in range(len(rows))]
    customers = [f"C{number:05d}" for number in range(len(rows))]
    days = [str(date(2026, 1, 1) + timedelta(int(day))) for _, day in rows]
    amounts = [f"{each:.2f}" for each in random.gamma(2, 20, len(rows))]

    return {
        "payments": pa.table({"order_id": orders, "paid_on": days, "amount": amounts}),
        "customers": pa.table(
            {"customer_id": customers, "customer_unique_id": [whose for whose, _ in rows]}
        ),
        "orders": pa.table({"order_id": orders, "customer_id": customers, "ordered_on": days}),
    }


@pytest.mark.parametrize("key", [None, "customer_unique_id"])
def test_who_has_a_new_number_with_every_order_is_known_by_another_column(key: str | None) -> None:
    """Also where nobody says so; the table between is loaded, and no model is made of it."""
    answers = Answers("shop", key=key, gone=("no orders in 60d",))
    found = several_tables(answers, looked_at(shop()))
    assert isinstance(found, LogPopulation)

    (lead,) = found.leads
    assert ("customers", "items") == (lead.name, lead.holds)
    assert {"customer_id": "customer_unique_id", "customer_id_2": "customer_id"} == columns(lead)
    assert ("customers", "customer_id_2") == found.table.through
    assert ("orders", "order_id") == beside(found)["payments"].table.through
    assert ["customers", "orders", "payments"] == [table.name for table in found.tables]
    settings = tomllib.loads(log_models.section(found))["populations"]["shop"]
    assert (60, "time") == (settings["horizon_days"], settings["split"])
    assert ["shop__orders", "shop__payments"] == settings["sources"]
    files = log_models.render(found)
    suites = {path for path in files if path.startswith("expectations")}
    own = "expectations/scores/shop.toml"
    assert {f"expectations/sources/{table}.toml" for table in settings["sources"]} | {own} == suites
    assert found.leaving > 0.4
    assert f"max_value = {round((1 + found.leaving) / 2, 3)} }}" in files[own]
    assert any("whose the rows of others are" in part.title for part in summary(found))


def test_a_load_reaches_to_the_last_row_of_any_table() -> None:
    """Orders are paid later than they are made, and a list is of the day the orders end."""
    late = shop()
    days = [
        str(date.fromisoformat(day) + timedelta(9))
        for day in late["payments"]["paid_on"].to_pylist()
    ]
    late["payments"] = late["payments"].set_column(1, "paid_on", pa.array(days))
    found = several_tables(Answers("shop", gone=("no orders in 60d",)), looked_at(late))

    assert found.ends is not None
    assert found.ends + timedelta(9) == told_until(found)
    left = by_rule()
    assert left.told_by is not None
    last = max(tables()["cancellations"]["cancelled_on"].to_pylist())
    assert last == str(left.told_by.last_day)
    assert left.ends <= (told_until(left) or left.ends)
