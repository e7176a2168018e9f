"""What declared tables are known by, and what a transaction keeps, wherever they are."""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest

from pipelines.domain.imports.declared import DeclaredColumn
from pipelines.domain.ports.records import DeclaredTables, RawTables
from pipelines.errors import ImportRefused
from pipelines.testing.contracts.records.declared import (
    CUSTOMERS,
    ID,
    ORDERS,
    PAID,
    batches,
    load_of,
    refused,
)

GIFT = DeclaredColumn("is_gift", "Gift", "boolean")


class DeclaredTablesContract:
    """
    Tests of tables none of which is there yet.

    A subclass provides them as the fixture `tables`, and where their rows are as `raw`.
    """

    def test_a_table_nobody_filled_is_not_there(self, tables: DeclaredTables) -> None:
        """So that its columns may be any."""
        assert tables.identity(CUSTOMERS) is None

    def test_a_row_is_known_by_the_columns_its_table_was_made_with(
        self, tables: DeclaredTables
    ) -> None:
        """Those it gained later are no part of that, or every row of before would be new."""
        with tables.loading() as load:
            load.stage(ORDERS, batches(ORDERS, ("ann", 1.5)))
            load.settle(ORDERS)
        assert ("customer_id", "ordered_at", "paid_eur") == tables.identity(ORDERS)

        wider = replace(ORDERS, columns=(*ORDERS.columns, GIFT))
        with tables.loading() as load:
            load.stage(wider, batches(wider, ("ann", 1.5), ("bob", 2.5)))
            assert 1 == load.settle(wider).loaded
        assert ("customer_id", "ordered_at", "paid_eur") == tables.identity(wider)

    def test_what_a_customer_is_like_makes_no_row(self, tables: DeclaredTables) -> None:
        """Wherever it is declared; it is kept all the same."""
        columns = (ID, replace(GIFT, identifies=False), *ORDERS.columns[1:])
        table = replace(ORDERS, columns=columns)
        assert ("customer_id", "ordered_at", "paid_eur") == table.identity
        for loaded in (1, 0):
            with tables.loading() as load:
                load.stage(table, batches(table, ("ann", 1.5)))
                assert loaded == load.settle(table).loaded
            assert table.identity == tables.identity(table)

    def test_a_column_of_another_type_is_refused(self, tables: DeclaredTables) -> None:
        """By its name; the table stays what it is."""
        with tables.loading() as load:
            load.stage(CUSTOMERS, batches(CUSTOMERS, ("ann", 1.5)))
            load.settle(CUSTOMERS)

        with pytest.raises(ImportRefused, match="paid_eur"):
            tables.identity(replace(CUSTOMERS, columns=(ID, replace(PAID, type="text"))))

    def test_populations_do_not_share_a_table(self, tables: DeclaredTables, raw: RawTables) -> None:
        """Two of them may call theirs the same."""
        other = replace(CUSTOMERS, population="bank")
        for table in (CUSTOMERS, other):
            with tables.loading() as load:
                load.stage(table, batches(table, ("ann", 1.5)))
                load.settle(table)

        assert {"shop__customers": 1, "bank__customers": 1} == raw.rows(
            ["shop__customers", "bank__customers"]
        )

    def test_a_transaction_that_fails_leaves_nothing(
        self, tables: DeclaredTables, raw: RawTables
    ) -> None:
        """No table, no row, no entry: of the tables that were loaded before the failure neither."""
        with pytest.raises(ValueError, match="interrupted"), tables.loading() as load:  # noqa: PT012
            load.stage(CUSTOMERS, batches(CUSTOMERS, ("ann", 1.5)))
            load.settle(CUSTOMERS)
            load.note(load_of(CUSTOMERS), refused(CUSTOMERS, 7))
            raise ValueError("interrupted")

        assert tables.identity(CUSTOMERS) is None
        assert [] == raw.loads(CUSTOMERS.raw_table)

    def test_a_source_that_fails_leaves_nothing(
        self, tables: DeclaredTables, raw: RawTables
    ) -> None:
        """What it raised is what is raised, of its kind and in its words."""

        def breaking() -> Iterator[pa.RecordBatch]:
            yield from batches(ORDERS, ("ann", 1.5), ("bob", 2.5))
            raise ImportRefused("broke off after 2 rows", next_step="again")

        with pytest.raises(ImportRefused, match="after 2 rows"), tables.loading() as load:  # noqa: PT012
            load.stage(CUSTOMERS, batches(CUSTOMERS, ("ann", 1.5)))
            load.settle(CUSTOMERS)
            load.stage(ORDERS, breaking())

        assert tables.identity(CUSTOMERS) is None
        assert tables.identity(ORDERS) is None
        assert [] == raw.loads(CUSTOMERS.raw_table)
