"""The raw tables, to which rows are only ever added, and raw.loads, the ledger of what was."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from psycopg.sql import Identifier

from pipelines.adapters.loads import ledger
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.imports.loads import Load


@dataclass(frozen=True)
class WarehouseRawTables:
    """
    The raw tables of one warehouse.

    Attributes:
        warehouse: The database.
        schema: Schema of the raw tables.
    """

    warehouse: Warehouse
    schema: str = "raw"

    def loads(self, source: str) -> list[Load]:
        """Return what was loaded from *source*, oldest first."""
        rows = self.warehouse.rows(
            f"select source, fingerprint, rows, details from {self._named(ledger.TABLE)} "  # noqa: S608  quoted
            "where source = :source order by load_id",
            {"source": source},
        )

        return [Load(**row._mapping) for row in rows]

    def erased(self) -> frozenset[bytes]:
        """Return the digests of customers who were erased."""
        return frozenset(
            row.customer_sha256
            for row in self.warehouse.rows("select customer_sha256 from churn.erasures")
        )

    def rows(self, tables: Sequence[str]) -> dict[str, int]:
        """Return the number of rows of each of *tables*."""
        counts = ", ".join(f"(select count(*) from {self._named(name)})" for name in tables)  # noqa: S608  quoted

        return dict(zip(tables, self.warehouse.rows(f"select {counts}")[0], strict=True))

    def append(self, blocks: Iterable[Mapping[str, pa.Table]], load: Load) -> dict[str, int]:
        """
        Add rows to several tables, and the load to the ledger, in one transaction.

        The planner is told of them afterwards, so that the first features are not built slowly.
        """
        added: Counter[str] = Counter()
        with self.warehouse.loading() as transaction:
            for block in blocks:
                for name, rows in block.items():
                    added[name] += transaction.ingest(self.schema, name, rows)
            entry = ledger.entry(replace(load, rows=added.total()))
            transaction.ingest(self.schema, ledger.TABLE, entry)
        for name in added:
            self.warehouse.execute(f"analyze {self._named(name)}")

        return dict(added)

    def _named(self, table: str) -> str:
        """Return the quoted name of a table with its schema."""
        return Identifier(self.schema, table).as_string(None)
