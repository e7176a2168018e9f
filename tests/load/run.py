"""
A mixture of requests by locust on a service of its own, with a table and a picture at the end.

`make load-test`, or `python -m tests.load.run --help`. Locust runs in an environment of its own,
.venv-load. What it reads has a key in it, and is removed when it has ended.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from docs.generate.blocks import table
from docs.generate.line_chart import Point, chart
from pipelines.settings import ROOT
from tests.benchmarks.api_business import running
from tests.benchmarks.api_rates import MOST_P95_MS
from tests.benchmarks.api_servers import answering
from tests.e2e.at_rest import NIGHT
from tests.faults.business import POPULATION, Business
from tests.integration.service_night import features, made_key, night_of

LOCUST: Final = ROOT / ".venv-load" / "bin" / "locust"
LOCUSTFILE: Final = Path(__file__).with_name("locustfile.py")
COLUMNS: Final = {
    "Name": "route",
    "Request Count": "requests",
    "Failure Count": "failures",
    "Requests/s": "a second",
    "50%": "p50 ms",
    "95%": "p95 ms",
    "99%": "p99 ms",
}
PICTURE: Final = "load.svg"
# What locust says of a second without an answer.
NOTHING_YET: Final = ("N/A", "0")
Row = Mapping[str, str]


def write_asked(business: Business, path: Path) -> None:
    """Write what locust asks, and by which key, for nobody else to read."""
    rows = features(business, [*night_of(business)])
    asked = {
        "population": POPULATION,
        "key": made_key(business, per_hour=100_000_000),
        "rows": rows,
    }
    path.touch(0o600)
    path.write_text(json.dumps(asked), "utf-8")


def locust(port: int, asked: Path, results: Path, *, users: int, seconds: int) -> int:
    """Let locust ask a server of this machine; return how it ended: 1 where a request failed."""
    command = [LOCUST, "--headless", "--only-summary", "--locustfile", LOCUSTFILE]
    command += ["--host", f"http://127.0.0.1:{port}", "--users", users, "--spawn-rate", users]
    command += ["--run-time", f"{seconds}s", "--csv", results / "load", "--csv-full-history"]

    return subprocess.run(
        [*map(str, command)],
        env={**os.environ, "CHURN_LOAD_ASKED": str(asked)},
        stdout=subprocess.DEVNULL,
        check=False,
    ).returncode


def read(path: Path) -> list[Row]:
    """Return the rows of a csv of locust's."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [*csv.DictReader(lines)]


def shown(stats: Sequence[Row]) -> str:
    """Return a row a route, and one of all of them."""
    rows = [[_short(each[column]) for column in COLUMNS] for each in stats]

    return table([*COLUMNS.values()], rows)


def picture(history: Sequence[Row]) -> str:
    """Return how long answers took from second to second."""
    told = [
        each for each in history if each["Name"] == "Aggregated" and each["95%"] not in NOTHING_YET
    ]
    begins = int(told[0]["Timestamp"])
    lines = {
        f"p{share}": [
            Point(int(each["Timestamp"]) - begins, float(each[f"{share}%"])) for each in told
        ]
        for share in (50, 95, 99)
    }
    last = int(told[-1]["Timestamp"]) - begins

    return chart(
        lines,
        title="Milliseconds until requests were answered, by second of the load test.",
        axis="seconds since the first answer; half, 95 and 99 in 100 are answered within",
        ticks=range(0, last + 1, max(1, last // 6)),
        source="Made by `make load-test`.",
        bound_ms=MOST_P95_MS,
    )


def _short(text: str) -> str:
    """Return a number without what nobody reads of it."""
    try:
        return f"{float(text):,.0f}"
    except ValueError:
        return text


def main() -> int:
    """Let locust ask, print a table and write a picture; 1 where a request failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-api")
    parser.add_argument("--to", type=Path, default=ROOT / "var" / "load-test")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    if not LOCUST.exists():
        sys.exit("locust is not there; next: make load-test")
    chosen.to.mkdir(parents=True, exist_ok=True)
    with running(chosen.work) as business, tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.json"
        write_asked(business, asked)
        with answering(business, "--as-of", NIGHT) as (_, port):
            code = locust(port, asked, chosen.to, users=chosen.users, seconds=chosen.seconds)
    (chosen.to / PICTURE).write_text(picture(read(chosen.to / "load_stats_history.csv")), "utf-8")
    sys.stdout.write(f"{shown(read(chosen.to / 'load_stats.csv'))}\n\n{chosen.to / PICTURE}\n")

    return code


if __name__ == "__main__":
    sys.exit(main())
