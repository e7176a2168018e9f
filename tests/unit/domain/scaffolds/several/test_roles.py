"""What each of several tables is for, and whose its rows are."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.several.roles import TableRoles, roles
from pipelines.errors import ConfigError, ImportRefused
from tests.several_tables import looked_at, tables

SAAS = Answers("saas")
CANCELLED = Leaving(60, table="cancellations")


def told(rule: Leaving | None, answers: Answers = SAAS, eligible: str = "") -> TableRoles:
    """Tell the tables apart."""
    return roles(answers, looked_at(tables(accounts=80)), rule, eligible)


def described(found: TableRoles) -> dict[str, tuple[str, str]]:
    """Return by table which column says whose a row is, and through what."""
    every = [found.main, *found.others, *([found.told_by] if found.told_by else [])]

    return {table.found.name: (table.customer, table.through) for table in every}


def test_every_table_leads_to_an_account() -> None:
    """Usage through its subscription, which is loaded with its number for that."""
    found = told(CANCELLED)

    assert {
        "usage": ("subscription_id", "subscriptions.subscription_id"),
        "cancellations": ("account_id", ""),
        "accounts": ("account_id", ""),
        "subscriptions": ("account_id", ""),
        "tickets": ("account_id", ""),
    } == described(found)
    assert {"subscriptions": ("subscription_id",)} == {
        table.found.name: table.carried for table in found.others if table.carried
    }
    assert {} == found.left_out


def test_rows_are_their_accounts() -> None:
    """Also those that lead there through another table."""
    main = told(CANCELLED).main
    numbers = [
        f"A-{each[2:6]}" for each in tables(accounts=80)["usage"]["subscription_id"].to_pylist()
    ]

    assert numbers == list(main.row_customers)


@pytest.mark.parametrize(
    ("rule", "eligible", "main", "told_by"),
    [
        (CANCELLED, "", "usage", "cancellations"),
        (CANCELLED, "tickets", "tickets", "cancellations"),
        (Leaving(30, silent="tickets"), "", "tickets", None),
        (Leaving(30, silent="events"), "", "usage", None),
        (Leaving(30, silent="usage", table="cancellations"), "", "usage", "cancellations"),
        (Leaving(30, column="priority", value="urgent"), "", "tickets", None),
        (Leaving(30, column="reason", value="price"), "", "usage", "cancellations"),
        (
            Leaving(30, column="cancellations.reason", value="price"),
            "",
            "usage",
            "cancellations",
        ),
    ],
)
def test_a_rule_tells_which_log_is_the_main_one(
    rule: Leaving, eligible: str, main: str, told_by: str | None
) -> None:
    """That of the silence, of those who are scored, or of the kind; else the longest."""
    found = told(rule, eligible=eligible)

    assert main == found.main.found.name
    assert told_by == (found.told_by.found.name if found.told_by else None)


def test_a_column_of_a_rule_is_called_as_its_table_calls_it() -> None:
    """Without the name of the table before it."""
    rule = told(Leaving(30, column="cancellations.reason", value="price")).rule

    assert rule == Leaving(30, column="reason", value="price")


def test_a_label_tells_which_table_is_the_main_one() -> None:
    """It has a row a customer."""
    found = roles(
        replace(SAAS, label="has_left=True"),
        looked_at(tables(accounts=80), label="has_left=True"),
        None,
        "",
    )

    assert ("accounts", "account_id") == (found.main.found.name, found.main.customer)
    assert {"subscriptions", "usage", "tickets", "cancellations"} == {
        table.found.name for table in found.others
    }


def test_an_id_of_its_own_is_nobodys_key() -> None:
    """Where every table calls its key `id`, links tell whose is whose."""
    plain = {
        "customers": tables(accounts=80)["accounts"].rename_columns(
            ["id", *tables(accounts=80)["accounts"].column_names[1:]]
        ),
        "tickets": tables(accounts=80)["tickets"].rename_columns(
            ["id", "customer_id", *tables(accounts=80)["tickets"].column_names[2:]]
        ),
        "usage": tables(accounts=80)["usage"]
        .drop_columns(["subscription_id"])
        .append_column(
            "customer_id",
            pa.array(
                [
                    f"A-{each[2:6]}"
                    for each in tables(accounts=80)["usage"]["subscription_id"].to_pylist()
                ]
            ),
        ),
    }
    found = roles(SAAS, looked_at(plain), Leaving(30, silent="usage"), "")

    assert {
        "usage": ("customer_id", ""),
        "customers": ("id", ""),
        "tickets": ("customer_id", ""),
    } == described(found)


def test_what_leads_to_nobody_is_left_out() -> None:
    """With the reason; a key that somebody names leads there."""
    random = np.random.default_rng(5)
    weather = pa.table(
        {
            "day": [f"2026-01-{1 + number % 28:02d}" for number in range(200)],
            "rain": [f"{each:.1f}" for each in random.gamma(2, 1, 200)],
        }
    )
    found = roles(SAAS, looked_at({**tables(accounts=80), "weather": weather}), CANCELLED, "")

    assert {"weather": "no column of it leads to a customer"} == dict(found.left_out)


def test_a_table_nobody_brought_is_refused() -> None:
    """With those there are."""
    with pytest.raises(ConfigError, match="there is no table 'plays'; there are accounts, "):
        told(Leaving(30, silent="plays"))
    with pytest.raises(ImportRefused, match="no table has a column 'page'; there are accounts: "):
        told(Leaving(30, column="page", value="Cancel"))


def test_nobody_says_who_left() -> None:
    """Then that is asked."""
    only = {name: tables(accounts=80)[name] for name in ("usage", "tickets")}
    with pytest.raises(ImportRefused, match="no table with a row a customer says who left") as no:
        roles(SAAS, looked_at(only), None, "")
    assert "--gone 'no TABLE in 90d'" in no.value.next_step
