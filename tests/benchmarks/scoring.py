"""
What a night of scoring costs beside what people do today, and beside what the machine allows.

`make benchmark`, or `python -m tests.benchmarks.scoring --help`. Every way is a process of its own,
and one of each is run after another, so that they share whatever else the machine does. A run is a
line of a file; one that is stopped goes on where it was.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from pipelines.settings import ROOT
from tests.benchmarks.scoring_warehouse import MadeWarehouse
from tests.benchmarks.scoring_ways import WAYS

Run = dict[str, Any]


def runs(told: Path) -> list[Run]:
    """Return what was measured before."""
    return (
        [json.loads(line) for line in told.read_text("utf-8").splitlines()] if told.exists() else []
    )


def measure(made: MadeWarehouse, ways: list[str], rounds: int, told: Path) -> None:
    """Run every way so many times, in turns."""
    for number in range(rounds):
        for way in ways:
            if sum(run["way"] == way for run in runs(told)) > number:
                continue
            sys.stderr.write(f"round {number + 1} of {rounds}: {way}\n")
            command = [sys.executable, "-m", "tests.benchmarks.scoring_ways", way]
            command += ["--folder", str(made.folder), "--customers", str(made.customers)]
            command += ["--features", str(made.features), "--depth", str(made.depth)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
            with told.open("a", encoding="utf-8") as lines:
                lines.write(done.stdout)


def table(found: list[Run]) -> str:
    """Return medians by way, and how they compare with ours, in Markdown."""
    medians = {
        way: {
            key: statistics.median(run[key] for run in found if run["way"] == way)
            for key in ("rows", "seconds", "cpu_seconds", "peak_mb")
        }
        for way in WAYS
        if any(run["way"] == way for run in found)
    }
    ours = medians["stream"]["seconds"]
    lines = [
        "| way | runs | seconds | CPU s | peak MB | times ours |",
        "|---|---|---|---|---|---|",
    ]
    for way, of_way in medians.items():
        count = sum(run["way"] == way for run in found)
        lines.append(
            f"| {way.replace('_', ' ')} | {count} | {of_way['seconds']:.1f} "
            f"| {of_way['cpu_seconds']:.1f} | {of_way['peak_mb']:,.0f} "
            f"| {of_way['seconds'] / ours:.2f} |"
        )
    if {"drain", "predict", "write"} <= {*medians}:
        drained, told, written = (medians[way]["seconds"] for way in ("drain", "predict", "write"))
        floor = max(drained, told + written)
        named = "floor: the larger of drain, and predict and write"
        lines.append(f"| {named} | | {floor:.1f} | | | {floor / ours:.2f} |")

    return "\n".join(lines)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-scoring")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=70)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=[*WAYS])
    chosen = parser.parse_args()
    folder = chosen.work / f"{chosen.customers}x{chosen.features}x{chosen.depth}"
    made = MadeWarehouse(folder, chosen.customers, chosen.features, chosen.depth)
    told = folder / "runs.jsonl"
    made.started()
    try:
        measure(made, chosen.ways, chosen.runs, told)
    finally:
        made.stop()
    sys.stdout.write(
        f"{chosen.customers:,} customers with {chosen.features} features, depth {chosen.depth}:\n\n"
        f"{table(runs(told))}\n"
    )


if __name__ == "__main__":
    main()
