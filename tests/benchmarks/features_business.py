"""A warehouse with a generated business in it, whose features are asked step by step."""

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.local import postgres
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse import migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.settings import ROOT, load
from pipelines.steps.data.load_demo import load_demo

NIGHT = date(2026, 11, 21)
SCHEMA = "analytics"
MOST_GENERATED = 100_000
MODEL = load({}).populations["subscribers"].feature_model
STEP = re.compile(r"__dbt__cte__(int_\w+) as \(")
LAST = re.compile(r"select \* from features\s*$")
# What a night of features has to read, and no more: of what happens daily the last days.
MUST_READ = {
    "customers": "true",
    "subscriptions": "true",
    "invoices": "issued_at >= timestamptz '{night}' - interval '180 days'",
    "support_tickets": "opened_at >= timestamptz '{night}' - interval '180 days'",
    "usage_events": "occurred_at >= timestamptz '{night}' - interval '90 days'",
}
# As the model's own pre-hook has them; one process, whose CPU seconds are all there are.
SETTINGS = re.compile(r"prefer_hash_joins\(\) -%}\n(.*)\n")

Run = dict[str, Any]


@dataclass(frozen=True)
class MadeBusiness:
    """
    A server in a folder, and a business in its warehouse.

    Attributes:
        folder: Everything lies in it.
        customers: How many there ever were; of more than MOST_GENERATED each is there several
            times.
        months: How long its history is.
    """

    folder: Path
    customers: int
    months: int

    def started(self) -> Warehouse:
        """Start the server, load what is not there yet, and return the warehouse."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        url = postgres.start(self.folder / "server", is_durable=False)
        warehouse = Warehouse(f"{url}/churn")
        if warehouse.rows("select to_regclass('churn.score_runs') as made")[0].made is None:
            migrations.apply(warehouse, ROOT / "sql" / "migrations")
        loaded = load_demo(
            customers=min(self.customers, MOST_GENERATED),
            months=self.months,
            seed=7,
            until=NIGHT,
            raw=WarehouseRawTables(warehouse),
            locks=warehouse,
        )
        if loaded.was_loaded:
            with psycopg.connect(warehouse.url, autocommit=True) as connection:
                for table in MUST_READ if self.customers > MOST_GENERATED else ():
                    tell(f"copying {table}")
                    self._copy(connection, table)
                connection.execute("vacuum (analyze, freeze)")

        return warehouse

    def _copy(self, connection: psycopg.Connection, table: str) -> None:
        """Add each row under other names, beside itself, so that days still lie together."""
        found = connection.execute(f"select * from raw.{table} limit 0").description or ()
        columns = ", ".join(
            f"{each.name} || '_' || copy" if each.name.endswith("_id") else each.name
            for each in found
        )
        copies = self.customers // MOST_GENERATED - 1
        connection.execute(
            f"insert into raw.{table} select {columns} from raw.{table}, "
            f"generate_series(1, {copies}) as copy"
        )

    def stop(self) -> None:
        """End the server."""
        postgres.stop(self.folder / "server")

    def built(self, warehouse: Warehouse) -> str:
        """Build the night as `churn features` does, and return the SQL it was built by."""
        dbt = Dbt(ROOT / "dbt_project", warehouse.url, SCHEMA, self.folder / "dbt")
        variables = {"as_ofs": [NIGHT.isoformat()], "known_at": NIGHT.isoformat()}

        return dbt.build(f"+{MODEL}", variables).compiled[MODEL].query


def questions(query: str) -> dict[str, str]:
    """
    Return what is measured: reads of each source, each step of the night's SQL, and the whole.

    Args:
        query: As dbt compiled it, with a part for each step.
    """
    reads = {
        f"read {table}": f"select * from raw.{table} where {where.format(night=NIGHT)}"
        for table, where in MUST_READ.items()
    }
    steps = {
        f"step {name}": LAST.sub(f"select * from __dbt__cte__{name}", query)
        for name in STEP.findall(query)
    }

    return {**reads, **steps, "night": query}


def asked(url: str, query: str, *, is_read: bool) -> Run:
    """
    Run a query without fetching its rows; return its seconds, what it scanned and what it spilled.

    Args:
        url: Of the warehouse.
        query: SQL.
        is_read: Whether it is a read that others are compared with: one process, no index.
    """
    macros = (ROOT / "dbt_project" / "macros" / "as_ofs.sql").read_text("utf-8")
    (settings,) = SETTINGS.findall(macros)
    alone = "set local max_parallel_workers_per_gather = 0"
    plain = f"{alone}; set local enable_bitmapscan = off"
    with psycopg.connect(url) as connection:
        connection.execute(plain if is_read else f"{alone}; {settings}")
        began, cpu = time.monotonic(), _cpu_seconds(connection)
        found = connection.execute(
            f"explain (analyze, buffers, timing off, format json) {query}"
        ).fetchone()
        seconds, cpu = time.monotonic() - began, _cpu_seconds(connection) - cpu
    assert found is not None
    plan = found[0] if isinstance(found[0], list) else json.loads(found[0])
    nodes = [*_nodes(plan[0]["Plan"])]
    scans = Counter(
        f"{node['Relation Name']}: {node['Node Type']}"
        for node in nodes
        if "Relation Name" in node
        for _ in range(node["Actual Loops"])
    )

    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "scans": dict(scans),
        "blocks": plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"],
        "spilled_mb": plan[0]["Plan"]["Temp Written Blocks"] * 8 / 1024,
        "rows": plan[0]["Plan"]["Actual Rows"],
    }


def _cpu_seconds(connection: psycopg.Connection) -> float:
    """Return the CPU seconds of the process that answers a connection."""
    stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text("utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]

    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a node of a plan and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def tell(text: str) -> None:
    """Say what is being done."""
    sys.stderr.write(f"{text}\n")
