"""What becomes of rows that are gathered for declared tables, whoever loads them."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import timedelta
from typing import Any, Generic, TypeVar

import pytest

from pipelines.domain.imports.declared import DeclaredColumn
from pipelines.domain.imports.loads import Repeats, Settled
from pipelines.domain.ports.records import DeclaredTables, RawTables
from pipelines.testing.contracts.records.declared import (
    CARDS,
    CUSTOMERS,
    ITEMS,
    KNOWN_AT,
    ORDERS,
    batches,
    load_of,
    refused,
)

T = TypeVar("T", bound=DeclaredTables)

GIFT = DeclaredColumn("is_gift", "Gift", "boolean")
LATER = KNOWN_AT + timedelta(days=1)


class DeclaredLoadContract(ABC, Generic[T]):
    """
    Tests of transactions on tables none of which is there yet.

    A subclass provides them as the fixture `tables`, and where their rows are as `raw`.
    """

    @abstractmethod
    def rows(self, tables: T, table: str) -> list[dict[str, Any]]:
        """Return all of a raw table, in any order."""

    def test_the_first_row_of_a_customer_is_the_snapshots(self, tables: T) -> None:
        """Later ones are told with their lines, and quarantined."""
        with tables.loading() as load:
            people = (("ann", 1.5), ("bob", 2.5), ("ann", 3.5), ("ann", 3.5), ("cy", 1.5))
            load.stage(CUSTOMERS, batches(CUSTOMERS, *people))
            assert Repeats(2, (4, 5)) == load.repeats(CUSTOMERS)
            assert Settled(3, 2) == load.settle(CUSTOMERS)

        found = self.rows(tables, "shop__customers")
        assert {("ann", 1.5), ("bob", 2.5), ("cy", 1.5)} == {
            (row["customer_id"], row["paid_eur"]) for row in found
        }
        assert {KNOWN_AT} == {row["loaded_at"] for row in found}
        assert {"#place", "#line"}.isdisjoint(found[0])
        reason = "repeats the customer of an earlier row"
        assert {(4, "customer_id", reason), (5, "customer_id", reason)} == {
            (row["line"], row["column_name"], row["reason"])
            for row in self.rows(tables, "quarantine")
        }

    def test_a_snapshot_follows_another(self, tables: T, raw: RawTables) -> None:
        """Rows of before stay, so that what was known then can be read again."""
        for known_at in (KNOWN_AT, LATER):
            with tables.loading() as load:
                load.stage(CUSTOMERS, batches(CUSTOMERS, ("ann", 1.5), known_at=known_at))
                assert Repeats(0, ()) == load.repeats(CUSTOMERS)
                assert Settled(1, 0) == load.settle(CUSTOMERS)

        assert {"shop__customers": 2} == raw.rows(["shop__customers"])
        known = [row["loaded_at"] for row in self.rows(tables, "shop__customers")]
        assert {KNOWN_AT, LATER} == {*known}

    def test_items_are_all_there_and_replaced(self, tables: T) -> None:
        """However many a customer has, alike or not; a later load adds all of them again."""
        later = KNOWN_AT + timedelta(days=1)
        with tables.loading() as load:
            load.stage(ITEMS, batches(ITEMS, ("ann", 1.5), ("ann", 1.5), ("bob", 2.5)))
            assert Settled(3, 0) == load.settle(ITEMS)
        with tables.loading() as load:
            load.stage(ITEMS, batches(ITEMS, ("ann", 1.5), known_at=later))
            assert Settled(1, 0) == load.settle(ITEMS)

        assert [
            ("ann", 1.5, KNOWN_AT),
            ("ann", 1.5, KNOWN_AT),
            ("ann", 1.5, later),
            ("bob", 2.5, KNOWN_AT),
        ] == sorted(
            (row["customer_id"], row["paid_eur"], row["loaded_at"])
            for row in self.rows(tables, "shop__items")
        )

    def test_what_happened_twice_is_there_twice(self, tables: T, raw: RawTables) -> None:
        """Identical rows of one load are several, and stay as many when they come again."""
        for expected in (Settled(3, 0), Settled(0, 3)):
            with tables.loading() as load:
                load.stage(ORDERS, batches(ORDERS, ("ann", 1.5), ("ann", 1.5), ("bob", 2.5)))
                assert expected == load.settle(ORDERS)

        assert {"shop__orders": 3} == raw.rows(["shop__orders"])
        assert 3 == len({row["row_digest"] for row in self.rows(tables, "shop__orders")})

    def test_a_log_that_has_grown_adds_what_is_new(self, tables: T, raw: RawTables) -> None:
        """Also one more of what was there, and in whatever order; nothing goes with a row less."""
        with tables.loading() as load:
            load.stage(ORDERS, batches(ORDERS, ("ann", 1.5), ("bob", 2.5)))
            load.settle(ORDERS)
        grown = (("cy", 3.5), ("ann", 1.5), ("ann", 1.5))
        with tables.loading() as load:
            load.stage(ORDERS, batches(ORDERS, *grown, known_at=LATER))
            assert Settled(2, 1) == load.settle(ORDERS)

        assert {"shop__orders": 4} == raw.rows(["shop__orders"])
        assert {("ann", 1.5), ("cy", 3.5)} == {
            (row["customer_id"], row["paid_eur"])
            for row in self.rows(tables, "shop__orders")
            if row["loaded_at"] == LATER
        }

    def test_whose_a_value_is_is_who_was_known_last(self, tables: T) -> None:
        """Of each value once, what the same transaction has loaded among them."""
        with tables.loading() as load:
            load.stage(CARDS, batches(CARDS, ("ann", 1), ("ann", 2)))
            load.settle(CARDS)
        with tables.loading() as load:
            load.stage(CARDS, batches(CARDS, ("bob", 2), ("bob", 3), known_at=LATER))
            load.settle(CARDS)
            owners = load.owners(CARDS, "card_no")

        assert ["value", "customer_id"] == owners.column_names
        assert {"card 1": "ann", "card 2": "bob", "card 3": "bob"} == dict(
            zip(*owners.to_pydict().values(), strict=True)
        )

    def test_a_column_that_was_gained_is_null_in_rows_of_before(self, tables: T) -> None:
        """They are the same rows."""
        with tables.loading() as load:
            load.stage(CUSTOMERS, batches(CUSTOMERS, ("ann", 1.5)))
            load.settle(CUSTOMERS)
        wider = replace(CUSTOMERS, columns=(*CUSTOMERS.columns, GIFT))
        with tables.loading() as load:
            load.stage(wider, batches(wider, ("ann", 1.5), known_at=LATER))
            load.settle(wider)

        assert [None, None] == [row["is_gift"] for row in self.rows(tables, "shop__customers")]

    def test_entries_and_refused_rows_are_kept_together(self, tables: T, raw: RawTables) -> None:
        """As they are given; refused rows without a value of theirs."""
        with tables.loading() as load:
            load.stage(ORDERS, batches(ORDERS, ("ann", 1.5)))
            load.settle(ORDERS)
            load.note(load_of(ORDERS, rows=1), refused(ORDERS, 7, 9))

        assert [load_of(ORDERS, rows=1)] == raw.loads("shop__orders")
        assert {
            ("shop", "shop__orders", 7, "paid_eur", "is not a number"),
            ("shop", "shop__orders", 9, "paid_eur", "is not a number"),
        } == {
            tuple(row[name] for name in ("source", "raw_table", "line", "column_name", "reason"))
            for row in self.rows(tables, "quarantine")
        }

    def test_several_tables_are_filled_in_one(self, tables: T, raw: RawTables) -> None:
        """One after the other, or gathered before any is settled."""
        with tables.loading() as load:
            load.stage(ORDERS, batches(ORDERS, ("ann", 1.5)))
            load.stage(CUSTOMERS, batches(CUSTOMERS, ("ann", 1.5), ("bob", 2.5)))
            assert Settled(2, 0) == load.settle(CUSTOMERS)
            assert Settled(1, 0) == load.settle(ORDERS)

        assert {"shop__orders": 1, "shop__customers": 2} == raw.rows(
            ["shop__orders", "shop__customers"]
        )

    def test_a_fingerprint_is_noted_once(self, tables: T, raw: RawTables) -> None:
        """Even code that forgets to ask cannot do so twice, and nothing of that load stays."""
        with tables.loading() as load:
            load.note(load_of(ORDERS), refused(ORDERS))
        with pytest.raises(Exception, match="fingerprint"), tables.loading() as load:  # noqa: PT012
            load.stage(ORDERS, batches(ORDERS, ("ann", 1.5)))
            load.settle(ORDERS)
            load.note(load_of(ORDERS, rows=1), refused(ORDERS))

        assert tables.identity(ORDERS) is None
        assert [load_of(ORDERS)] == raw.loads("shop__orders")
