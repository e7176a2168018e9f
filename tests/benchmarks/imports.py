"""
What `churn import` of a generated log costs: once, the same file again, and the file grown.

`python -m tests.benchmarks.imports --help`. Every way of the code that is named is measured in
turns on the same file, each in a database of its own, so that they share whatever else the machine
does. CPU seconds are those of the command and of the server apart, memory is the command's peak.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.adapters.local import postgres
from pipelines.adapters.warehouse import migrations
from pipelines.settings import ROOT
from tests import databases

CHURN = Path(sys.executable).parent / "churn"
AS_OF = "2026-07-01"
FIRST = np.datetime64("2025-07-01", "us")
MICROSECONDS = 365 * 86_400_000_000
BLOCK_ROWS = 500_000
KINDS = ("play", "skip", "thumbs up", "thumbs down", "advert", "search", "settings", "help")
TEXTS = (
    *("", "N/A", "shuffle is on", "from the list of a friend", "a song, and its album"),
    *('said "never again"', "auf dem Weg nach Hause, größer", "offline"),
)
DECLARED = """
[tables.events]
origin = "{path}"
holds = "log"
happened_at = "happened_at"
[tables.events.columns]
customer_id = {{ header = "Customer", type = "text" }}
happened_at = {{ header = "Time", type = "instant" }}
kind = {{ header = "Kind", type = "text" }}
amount = {{ header = "Amount", type = "number" }}
session = {{ header = "Session", type = "integer" }}
note = {{ header = "Text", type = "text" }}
"""
GROWN_BY = 0.01


@dataclass(frozen=True)
class Way:
    """
    A checkout whose code is measured.

    Attributes:
        name: How it is called.
        root: Its folder.
    """

    name: str
    root: Path


def blocks(rows: int, seed: int = 1) -> Iterator[pa.Table]:
    """Yield so many rows of a log, in the order of their time."""
    dice = np.random.default_rng(seed)
    for first in range(0, rows, BLOCK_ROWS):
        count = min(BLOCK_ROWS, rows - first)
        after = (first + np.sort(dice.random(count)) * count) / rows * MICROSECONDS
        times = pa.array(FIRST + after.astype("timedelta64[us]")).cast(
            pa.timestamp("s"), safe=False
        )
        customers = pa.array(dice.integers(0, max(rows // 100, 1), count))
        cents = dice.integers(0, 100_000, count)
        yield pa.table(
            {
                "Customer": pc.binary_join_element_wise("C", customers.cast(pa.string()), ""),
                "Time": times.cast(pa.string()),
                "Kind": pa.array(KINDS).take(pa.array(dice.integers(0, len(KINDS), count))),
                "Amount": pa.array(cents / 100),
                "Session": pa.array(dice.integers(0, rows // 5 + 1, count)),
                "Text": pa.array(TEXTS).take(pa.array(dice.integers(0, len(TEXTS), count))),
            }
        )


def write(path: Path, rows: int) -> None:
    """Write a log of so many rows as csv, if it is not there."""
    if path.exists():
        return
    made = path.with_suffix(".part")
    options = pa.csv.WriteOptions(quoting_style="needed")
    writer = None
    for block in blocks(rows):
        writer = writer or pa.csv.CSVWriter(made, block.schema, write_options=options)
        writer.write_table(block)
    if writer is not None:
        writer.close()
    made.rename(path)


def grow(path: Path, grown: Path, rows: int) -> None:
    """Write what *path* has and so many rows more."""
    with grown.open("wb") as written, path.open("rb") as source:
        while piece := source.read(1 << 24):
            written.write(piece)
        for block in blocks(rows, seed=2):
            options = pa.csv.WriteOptions(include_header=False)
            pa.csv.write_csv(block, written, write_options=options)


def server_seconds(home: Path) -> float:
    """Return the CPU seconds of the server of *home* so far, of what it has ended too."""
    data = postgres.state_folder(home) / "data"
    root = int((data / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended, and is its parent's
            continue
        pid, parent = int(stat.parent.name), int(fields[1])
        if pid == root:
            ticks += sum(map(int, fields[11:15]))
        elif parent == root:
            ticks += sum(map(int, fields[11:13]))

    return ticks / os.sysconf("SC_CLK_TCK")


def imported(way: Way, home: Path, project: Path, url: str, source: Path) -> dict[str, object]:
    """Import *source* by the code of *way*; return what it took."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(way.root),
        "CHURN_DATABASE_URL": url,
        "CHURN_PROJECT": str(project),
        "CHURN_HOME": str(project / "home"),
    }
    before, begun = server_seconds(home), time.monotonic()
    with (project / "log").open("a") as log:
        process = subprocess.Popen(
            [CHURN, "import", "big", str(source), "--as-of", AS_OF],
            cwd=way.root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{way.name}: status {status}; see {project / 'log'}")
    seconds = time.monotonic() - begun

    return {
        "seconds": round(seconds, 1),
        "client_cpu": round(usage.ru_utime + usage.ru_stime, 1),
        "server_cpu": round(server_seconds(home) - before, 1),
        "peak_mb": usage.ru_maxrss // 1024,
        "said": said.strip(),
    }


def main() -> None:
    """Measure, and add a line a run to runs.jsonl in the folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-imports")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--way", action="append", default=[], help="NAME=CHECKOUT; again for more")
    parser.add_argument("--once", action="store_true", help="neither again nor grown")
    chosen = parser.parse_args()
    ways = [Way(name, Path(root)) for name, _, root in (way.partition("=") for way in chosen.way)]
    chosen.work.mkdir(parents=True, exist_ok=True)
    path = chosen.work / f"log-{chosen.rows}.csv"
    write(path, chosen.rows)
    grown = chosen.work / f"log-{chosen.rows}-grown.csv"
    if not chosen.once:
        grow(path, grown, int(chosen.rows * GROWN_BY))
    home = chosen.work / "server"
    postgres.start(home)
    url = postgres.superuser_url(home)
    try:
        for number in range(chosen.runs):
            for way in ways or [Way("now", ROOT)]:
                project = chosen.work / "project"
                (project / "sources").mkdir(parents=True, exist_ok=True)
                (project / "sources" / "big.toml").write_text(DECLARED.format(path=path))
                with databases.created(url, "imports") as warehouse:
                    migrations.apply(warehouse, ROOT / "sql" / "migrations")
                    for what, source in (
                        ("first", path),
                        *([] if chosen.once else [("again", path), ("grown", grown)]),
                    ):
                        told = imported(way, home, project, warehouse.url, source)
                        at = datetime.now(UTC).strftime("%H:%M:%S")
                        line = {"at": at, "way": way.name, "run": number, "what": what}
                        run = {**line, "rows": chosen.rows, **told}
                        with (chosen.work / "runs.jsonl").open("a") as lines:
                            lines.write(f"{json.dumps(run)}\n")
    finally:
        postgres.stop(home)


if __name__ == "__main__":
    main()
