"""The raw tables of a business: bad on purpose, then put back row by row."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.wiring import data, night
from tests.e2e.at_rest import UNTIL
from tests.faults.business import POPULATION, Business

KEPT = "kept_raw"
TABLES = ("customers", "subscriptions", "invoices", "usage_events", "support_tickets")
# What stands in each table, whatever the order of its columns.
CONTENT = "select count(*), md5(string_agg(md5(line), '' order by line)) from ({}) as lines (line)"


class Sources:
    """
    The raw tables of a business and a copy of them.

    Args:
        business: Whose; its night UNTIL is published from them as they are.
    """

    def __init__(self, business: Business) -> None:
        self.business = business
        names = "select string_agg(column_name, ', ' order by ordinal_position) from "
        names += "information_schema.columns where table_schema = 'raw' and table_name = %s"
        self.columns = {table: business.rows(names, table)[0][0] for table in TABLES}
        business.execute(
            f"drop schema if exists {KEPT} cascade",
            f"create schema {KEPT}",
            *(f"create table {KEPT}.{table} as table raw.{table}" for table in TABLES),
        )
        self.rebuild()
        self.hash = business.seen(UNTIL)[2]
        assert self.hash is not None

    @contextmanager
    def broken(self, table: str, *statements: str, undo: tuple[str, ...] = ()) -> Iterator[None]:
        """
        Break a table for the block, then put every row of it back.

        Args:
            table: Of the schema raw.
            statements: What breaks it; the last one has to touch a row or a column.
            undo: What gives it its columns back, before the rows come.
        """
        assert self.business.execute(*statements) != 0
        try:
            yield
        finally:
            self.put_back(table, *undo)

    def put_back(self, table: str, *undo: str) -> None:
        """Give a table its columns back by *undo*, then every row; nothing may be lost."""
        names = self.columns[table]
        self.business.execute(
            *undo,
            f"truncate raw.{table}",
            f"insert into raw.{table} ({names}) select {names} from {KEPT}.{table}",
        )
        there, kept = (
            self.business.rows(CONTENT.format(f"select ({names})::text from {schema}.{table}"))
            for schema in ("raw", KEPT)
        )
        assert kept == there

    def rebuild(self) -> None:
        """Do the night up to its list in this process; every task has to succeed."""
        wired = self.business.wired
        night.gate(wired, "sources", POPULATION, UNTIL)
        night.features(wired, POPULATION, UNTIL)
        night.gate(wired, "features", POPULATION, UNTIL)
        self.business.stage(UNTIL)
        night.publish(wired, POPULATION, UNTIL)

    def built(self) -> None:
        """Build the features of the night from the tables as they are."""
        data.build_features(self.business.wired, POPULATION, [UNTIL], UNTIL)
