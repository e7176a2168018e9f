"""
What the features of one new day cost beside reading once what they are made of.

`make benchmark-features`, or `python -m tests.benchmarks.features --help`. In each round every
source is read, every step of the night's SQL is asked, and the whole, so that they share whatever
else the machine does. A measurement is a line of a file; one that is stopped goes on where it was.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

from pipelines.settings import ROOT
from tests.benchmarks.features_business import MadeBusiness, Run, asked, questions, tell


def measured(told: Path) -> list[Run]:
    """Return what was measured before."""
    return (
        [json.loads(line) for line in told.read_text("utf-8").splitlines()] if told.exists() else []
    )


def measure(url: str, query: str, rounds: int, told: Path) -> None:
    """Ask everything so many times, in turns."""
    for number in range(rounds):
        for name, question in questions(query).items():
            if sum(run["what"] == name for run in measured(told)) > number:
                continue
            tell(f"round {number + 1} of {rounds}: {name}")
            run = {"what": name, **asked(url, question, is_read=name.startswith("read "))}
            with told.open("a", encoding="utf-8") as lines:
                lines.write(f"{json.dumps(run)}\n")


def table(runs: list[Run]) -> str:
    """Return medians by what was asked, in Markdown, with their ratio to reading every source."""
    names = [*dict.fromkeys(run["what"] for run in runs)]
    medians = {
        name: statistics.median(run["cpu_seconds"] for run in runs if run["what"] == name)
        for name in names
    }
    read = sum(seconds for name, seconds in medians.items() if name.startswith("read "))
    lines = [
        "| what | runs | rows | CPU s | of reading all | blocks | spilled MB | scans |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, seconds in medians.items():
        of = [run for run in runs if run["what"] == name]
        scans = ", ".join(f"{count} {scan}" for scan, count in of[-1]["scans"].items())
        lines.append(
            f"| {name} | {len(of)} | {of[-1]['rows']:,.0f} | {seconds:.2f} | {seconds / read:.2f} "
            f"| {of[-1]['blocks']:,} | {of[-1]['spilled_mb']:,.0f} | {scans} |"
        )

    return "\n".join([*lines, f"| reading all | | | {read:.2f} | 1.00 | | | |"])


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-features")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=7)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--name", default="now", help="what the SQL that is measured is called")
    chosen = parser.parse_args()
    folder = chosen.work / f"{chosen.customers}x{chosen.months}"
    made = MadeBusiness(folder, chosen.customers, chosen.months)
    told = folder / f"{chosen.name}.jsonl"
    warehouse = made.started()
    try:
        measure(warehouse.url, made.built(warehouse), chosen.runs, told)
    finally:
        warehouse.engine.dispose()
        made.stop()
    sys.stdout.write(
        f"{chosen.customers:,} customers ever, {chosen.months} months:\n\n{table(measured(told))}\n"
    )


if __name__ == "__main__":
    main()
