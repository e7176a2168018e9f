"""Which column tells rows apart, and which points to another table."""

import numpy as np
import pyarrow as pa

from pipelines.domain.columns import column
from pipelines.domain.columns.column import Column
from pipelines.domain.inspection import keys
from pipelines.domain.inspection.keys import Link


def table(**values: list[str]) -> list[Column]:
    """Read a table."""
    return [column.read(name, pa.chunked_array([pa.array(its)])) for name, its in values.items()]


IDS = [f"C{number}" for number in range(100)]
USERS = table(row_number=[str(number) for number in range(100)], user_id=IDS, plan=["a", "b"] * 50)
ACCOUNTS = table(account_id=[f"A{number}" for number in range(100)], user=IDS[::-1])
EVENTS = table(
    user_id=[IDS[number % 90] for number in range(500)],
    account_id=[f"A{number % 100}" for number in range(500)],
    kind=["play", "skip"] * 250,
)


def test_the_key_is_the_customers() -> None:
    """Not the number of the row, though that is as unique."""
    assert "user_id" == getattr(keys.key(USERS), "name", None)
    assert keys.key(EVENTS) is None


def test_a_key_may_be_repeated_by_mistake() -> None:
    """One row in a hundred is; in ten it is no key."""
    assert keys.key(table(user_id=[*IDS, IDS[0]])) is not None
    assert keys.key(table(user_id=[*IDS, *IDS[:10]])) is None
    assert keys.key(table(user_id=[*IDS, ""])) is None


def test_a_log_names_whose_its_rows_are() -> None:
    """By the column that is called after a customer."""
    assert "user_id" == getattr(keys.customer(EVENTS), "name", None)
    assert keys.customer(table(kind=["play", "skip"] * 50)) is None


def test_a_customers_number_may_be_one_word() -> None:
    """As in other languages than ours."""
    rows = {
        "Vertragsnr": [f"V-{number}" for number in range(100)],
        "Kundennr": [f"K-{number // 3}" for number in range(100)],
    }

    assert "Kundennr" == getattr(keys.customer(table(**rows)), "name", None)


def test_long_numbers_that_are_all_different_are_a_key() -> None:
    """Whatever their header, and where it is written together too; amounts have fewer digits."""
    random = np.random.default_rng(3)
    numbers = 700_000_000 + random.choice(130_000_000, 2000, replace=False)
    amounts = 1 + random.choice(830_000_000, 2000, replace=False)
    rows = {"turnover": [*map(str, amounts)], "CLIENTNUM": [*map(str, numbers)]}

    assert "CLIENTNUM" == getattr(keys.key(table(**rows)), "name", None)
    assert "x" == getattr(keys.key(table(x=rows["CLIENTNUM"])), "name", None)
    assert keys.key(table(x=rows["turnover"])) is None


def test_a_customer_may_be_called_so_and_no_more() -> None:
    """Where no column sounds like a key; of a category there are fewer."""
    many = [f"u{number % 60}" for number in range(500)]
    few = ["new", "old"] * 250

    assert "user" == getattr(keys.customer(table(user=many, kind=few)), "name", None)
    assert "client_no" == getattr(
        keys.customer(table(user=many, client_no=[str(n % 90) for n in range(500)])), "name", None
    )
    assert keys.customer(table(customer=few)) is None
    assert keys.customer(table(user_agent=many)) is None


def test_a_subscription_is_a_customers() -> None:
    """It stands for one only where no other column does."""
    rows = {
        "subscription_id": [f"S{number}" for number in range(100)],
        "account_id": [f"A{number // 3}" for number in range(100)],
    }

    assert "account_id" == getattr(keys.customer(table(**rows)), "name", None)
    del rows["account_id"]
    assert "subscription_id" == getattr(keys.customer(table(**rows)), "name", None)


def test_tables_are_linked_by_name_and_by_what_they_hold() -> None:
    """Usage points to accounts, and accounts to customers."""
    found = keys.links([("users", USERS), ("accounts", ACCOUNTS), ("events", EVENTS)])

    assert [
        Link("accounts", "user", "users", "user_id", 1.0),
        Link("events", "user_id", "users", "user_id", 1.0),
        Link("events", "account_id", "accounts", "account_id", 1.0),
    ] == found


def test_the_same_name_is_not_enough() -> None:
    """What holds other values points somewhere else."""
    others = table(user_id=[f"X{number % 50}" for number in range(100)])

    assert [] == keys.links([("users", USERS), ("visits", others)])


def test_an_order_is_the_orders_own_though_it_is_paid_once() -> None:
    """Rows of other tables lead to it, and it leads on to who has ordered."""
    ids = [f"O{number}" for number in range(100)]
    tables = {
        "shop_payments_of_orders": table(order_id=ids, amount=["1", "2"] * 50),
        "shop_orders": table(order_id=ids, customer_id=IDS),
        "shop_items": table(order_id=[*ids, *ids]),
        "shop_customers": table(customer_id=IDS, person=["a", "b"] * 50),
    }

    assert {
        ("shop_payments_of_orders", "order_id", "shop_orders", "order_id"),
        ("shop_items", "order_id", "shop_orders", "order_id"),
        ("shop_orders", "customer_id", "shop_customers", "customer_id"),
    } == {
        (link.table, link.column, link.to_table, link.to_column)
        for link in keys.links([*tables.items()])
    }
