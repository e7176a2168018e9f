"""A project that declares populations, and the commands that load them into a warehouse."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.adapters.files import declarations
from pipelines.adapters.loads.declared_tables import WarehouseDeclaredTables
from pipelines.adapters.sources import source
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse import connection_options
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.imports.imported import ImportedTable
from pipelines.steps.data.import_records import import_records

AS_OF = date(2026, 6, 30)
CHURN = Path(sys.executable).parent / "churn"


def toml(**tables: dict[str, Any]) -> str:
    """Return a declaration; of each table its keys, and its columns by name."""
    parts = []
    for name, keys in tables.items():
        plain = {key: value for key, value in keys.items() if key != "columns"}
        parts += [f"[tables.{name}]", *(f"{key} = {json.dumps(v)}" for key, v in plain.items())]
        parts.append(f"[tables.{name}.columns]")
        for column, of_column in keys["columns"].items():
            inner = ", ".join(f"{key} = {json.dumps(value)}" for key, value in of_column.items())
            parts.append(f"{column} = {{ {inner} }}")

    return "\n".join(parts) + "\n"


CUSTOMERS = {
    "holds": "snapshot",
    "columns": {
        "customer_id": {"header": "Id", "type": "text"},
        "fee_eur": {"header": "Fee", "type": "number", "missing": ["-1"]},
        "visits": {"header": "Visits", "type": "integer"},
        "is_new": {"header": "New", "type": "boolean"},
        "joined_on": {"header": "Joined", "type": "date"},
        "seen_at": {"header": "Seen", "type": "instant"},
        "note": {"header": "Note", "type": "text"},
    },
}
EVENTS = {
    "holds": "log",
    "happened_at": "happened_at",
    "columns": {
        "customer_id": {"header": "Id", "type": "text"},
        "happened_at": {"header": "At", "type": "instant"},
        "kind": {"header": "Kind", "type": "text"},
    },
}


@dataclass
class House:
    """
    A project and a warehouse.

    Attributes:
        project: Its folder.
        warehouse: As its owner.
    """

    project: Path
    warehouse: Warehouse

    def declare(self, population: str, **tables: dict[str, Any]) -> None:
        """Write what a population is made of."""
        path = declarations.path(self.project, population)
        path.parent.mkdir(exist_ok=True)
        path.write_text(toml(**tables), "utf-8")

    def load(
        self, population: str, as_of: date = AS_OF, *, pct: float = 1.0, **sources: str
    ) -> list[ImportedTable]:
        """Import in this process, as the role of the command."""
        declared = declarations.read(self.project, population)
        loader = Warehouse(connection_options.configured(self.warehouse.url, role="churn_loader"))
        try:
            return import_records(
                declared=declared,
                sources={
                    table.name: source.only(sources.get(table.name, table.origin))
                    for table in declared.tables
                },
                as_of=as_of,
                refused_rows_pct=pct,
                raw=WarehouseRawTables(loader),
                tables=WarehouseDeclaredTables(loader),
                locks=loader,
            )
        finally:
            loader.engine.dispose()

    def start(self, *words: str, **environ: str) -> "subprocess.Popen[str]":
        """Start `churn` as people do."""
        return subprocess.Popen(
            [CHURN, *words],
            env={
                **os.environ,
                "CHURN_DATABASE_URL": self.warehouse.url,
                "CHURN_PROJECT": str(self.project),
                "CHURN_HOME": str(self.project / "home"),
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, **environ: str) -> tuple[int, str, str]:
        """Run `churn` to its end; return its exit code, what it printed and what it logged."""
        process = self.start(*words, **environ)
        printed, logged = process.communicate(timeout=300)

        return process.returncode, printed, logged

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return rows of a raw table, in the order of all their columns."""
        found = self.warehouse.rows(f"select {columns} from raw.{table}")

        return sorted(map(tuple, found), key=repr)

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every declared table, of the quarantine and of the ledger."""
        names: Sequence[Any] = self.warehouse.rows(
            "select tablename from pg_tables where schemaname = 'raw' "
            "and (tablename ~ '__' or tablename in ('quarantine', 'loads')) order by 1"
        )

        return {name: self.rows(name) for (name,) in names}
