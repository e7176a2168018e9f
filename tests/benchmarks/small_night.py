"""
What a night of a small business costs, by one command and by its ten.

`make benchmark-night`, or `python -m tests.benchmarks.small_night --help`. A made-up business has
one night after another, each by `churn run` and by the commands Airflow gives, in turns, so that
they share whatever else the machine does. CPU seconds are those of the commands and of what they
start, dbt and alibi-detect; PostgreSQL's are its server's, and not among them. A night is a line of
a file; a benchmark that is stopped goes on where it was.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipelines.settings import ROOT
from tests import few_trials
from tests.e2e.churn_home import CHURN, ended

UNTIL = date(2026, 11, 28)
MONTHS = 18
# As the DAG gives them; nothing is pulled for a business whose records are loaded.
COMMANDS = (
    *("gate sources", "features", "gate features", "score", "gate scores"),
    *("publish", "outcomes", "drift", "report", "notify"),
)
WAYS = {"help": ("--help",), "run": ("run",), "commands": COMMANDS}

Cost = dict[str, float]
KEYS = ("cpu_seconds", "seconds")


def cost(home: Path, command: str, *options: str) -> Cost:
    """Run one command that has to succeed; return its seconds, and its CPU seconds."""
    environ = {**os.environ, "CHURN_HOME": str(home), "CHURN_CONFIG": str(home / "churn.toml")}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [CHURN, *command.split(), *options],
        env={**environ, "CHURN_FUTURE": "true"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return {"seconds": seconds, "cpu_seconds": used}


def prepare(home: Path, customers: int) -> None:
    """Have a business, and a champion that was trained before its first night."""
    home.mkdir(parents=True, exist_ok=True)
    few_trials.written(home / "churn.toml")
    if (home / "ready").exists():
        return
    cost(home, "migrate")
    made = ("--customers", str(customers), "--months", str(MONTHS))
    cost(home, "load-demo", *made, "--as-of", str(UNTIL))
    for command in ("backfill", "train"):
        cost(home, command, "--as-of", str(UNTIL - timedelta(days=30)))
    (home / "ready").touch()


def nights(told: Path) -> list[dict[str, Any]]:
    """Return the nights that were measured before."""
    return (
        [json.loads(line) for line in told.read_text("utf-8").splitlines()] if told.exists() else []
    )


def measure(home: Path, rounds: int, told: Path) -> None:
    """Have so many nights by every way, in turns; the first of them is not counted."""
    for number in range(rounds + 1):
        for way, commands in WAYS.items():
            if sum(night["way"] == way for night in nights(told)) > number:
                continue
            sys.stderr.write(f"round {number} of {rounds}: {way}\n")
            as_of = str(UNTIL - timedelta(days=rounds - number))
            dated = () if way == "help" else ("--as-of", as_of)
            costs = {command: cost(home, command, *dated) for command in commands}
            with told.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"way": way, "costs": costs}) + "\n")


def table(found: list[dict[str, Any]]) -> str:
    """Return the medians of each command, and of a night of ten, in Markdown."""
    lines = ["| | nights | CPU s | seconds |", "|---|---|---|---|"]
    for way, commands in WAYS.items():
        counted = [night["costs"] for night in found if night["way"] == way][1:]
        lines += [
            _line(f"`churn {command}`", [costs[command] for costs in counted])
            for command in commands
        ]
        if len(commands) > 1:
            sums = [
                {key: sum(each[key] for each in costs.values()) for key in KEYS}
                for costs in counted
            ]
            lines.append(_line("all ten", sums))

    return "\n".join(lines)


def _line(title: str, costs: list[Cost]) -> str:
    """Return one line of the table."""
    cpu, seconds = (statistics.median(each[key] for each in costs) for key in KEYS)

    return f"| {title} | {len(costs)} | {cpu:.2f} | {seconds:.2f} |"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-night")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5, help="Nights of each way that count.")
    chosen = parser.parse_args()
    home = (chosen.work / str(chosen.customers)).absolute()
    with ended(home):
        prepare(home, chosen.customers)
        measure(home, chosen.runs, home / "nights.jsonl")
    sys.stdout.write(
        f"A night of {chosen.customers:,} customers:\n\n{table(nights(home / 'nights.jsonl'))}\n"
    )


if __name__ == "__main__":
    main()
