"""
What an alarm about drift is worth: a calm year, planted changes, and a million customers.

`make benchmark-drift`, or `python -m tests.benchmarks.drift --help`. Every judged night is a line
of a file, so that a run that is stopped goes on where it was; `--only table` prints what is there.
"""

import argparse
import functools
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import structlog

from pipelines.adapters.drift import engines
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.ports.drift import DriftEngine
from pipelines.domain.ports.models import Model
from pipelines.settings import ROOT
from pipelines.testing.models import MemoryModel
from tests.benchmarks import drift_table
from tests.benchmarks.drift_business import CalmYear
from tests.benchmarks.drift_cases import cases
from tests.benchmarks.drift_nights import Judge
from tests.benchmarks.drift_plants import PROBABILITY, Planted, with_column

CALM = "calm"
# A planted change has so many nights to be caught.
NIGHTS = 3
# Repeats lie evenly over the year, however many there are (multiples of it, less the whole).
GOLDEN = 0.618034


@dataclass(frozen=True)
class Benchmark:
    """
    One business, one engine, and the file of what was judged.

    Attributes:
        year: The business.
        engine: The two-sample tests.
        told: Where each judged night is a line.
    """

    year: CalmYear
    engine: DriftEngine
    told: Path

    def calm(self, nights: int) -> Iterator[str]:
        """Judge so many nights in their order, from the first that is not judged."""
        days = self.year.days[:nights]
        judged = {
            line["as_of"] for line in drift_table.lines(self.told) if self._is_mine(line, CALM)
        }
        done = next((at for at, day in enumerate(days) if str(day) not in judged), len(days))
        # A verdict looks back at two judged nights, and that of the first of them at its list.
        first = max(0, done - NIGHTS) if done < len(days) else done
        nights_again = ((day, self.year.night(day)) for day in days[first:])
        judge = self._judge(self.year.model())
        for report in judge.nights(nights_again, unjudged=min(1, first)):
            if str(report.as_of) not in judged:
                self._tell(CALM, 0, report)
                yield f"{report.as_of} {report.verdict}: {report.reason}"

    def nights_of(self, repeats: int) -> list[date]:
        """Return the nights that so many repeats of a change look at."""
        firsts = map(self._first, range(repeats))

        return [day for first in firsts for day in self.year.days[first - 1 : first + NIGHTS]]

    def planted(self, repeats: int) -> Iterator[str]:
        """Judge up to three nights after each change, until an alarm, all over the year."""
        done = {
            (line["case"], line["repeat"])
            for line in drift_table.lines(self.told)
            if self._is_mine(line) and (line["night"] == NIGHTS or line["verdict"] != "quiet")
        }
        model = self.year.model()
        found = cases(self.year.contract(), model.importances, model.reference())
        for repeat in range(repeats):
            for case in found:
                if (case.name, repeat) in done:
                    continue
                for number, report in enumerate(self._after(case, repeat), 1):
                    self._tell(case.name, repeat, report, number, is_caught=case.is_caught)
                    yield f"{case.name}, {repeat}, night {number}: {report.verdict}"
                    if report.verdict != "quiet":
                        break

    def _after(self, case: Planted, repeat: int) -> Iterator[DriftReport]:
        """Plant a change into three nights, the night before them only published."""
        days, first = self.year.days, self._first(repeat)
        known = self.year.model()
        model = MemoryModel(
            spec=known.spec,
            predictor=known.predictor,
            importances=known.importances,
            sample=_told(case, known, case.into_training(known.reference(), repeat)),
        )
        before = days[first - 1]
        nights = [
            (day, _told(case, known, case.into_nights(self.year.night(day), repeat)))
            for day in days[first : first + NIGHTS]
        ]
        calm = (before, _told(case, known, case.into_training(self.year.night(before), repeat)))
        judge = self._judge(model, case, repeat)

        return judge.nights([calm, *nights], unjudged=1)

    def _first(self, repeat: int) -> int:
        """Return which night is the first a change is planted into; there is one before it."""
        places = len(self.year.days) - NIGHTS

        return 1 + int(repeat * GOLDEN * places) % places

    @functools.cached_property
    def _earlier(self) -> dict[date, pa.Table]:
        """Features and scores of the dates before the training, read once."""
        return {day: self.year.night(day) for day in self.year.earlier}

    def _judge(self, model: Any, case: Planted | None = None, repeat: int = 0) -> Judge:
        """Return what judges the nights; the earlier dates are as the training was."""
        earlier = self._earlier
        if case is not None:
            earlier = {day: case.into_training(it, repeat) for day, it in earlier.items()}

        return Judge(model, self.year.contract(), self.engine, earlier)

    def _is_mine(self, line: dict[str, Any], case: str | None = None) -> bool:
        """Tell whether a line is of this business and engine, and of one case."""
        is_here = (line["customers"], line["engine"]) == (self.year.customers, self.engine.name)

        return is_here and case in (None, line["case"])

    def _tell(
        self,
        case: str,
        repeat: int,
        report: DriftReport,
        night: int = 0,
        *,
        is_caught: bool = False,
    ) -> None:
        """Write what became of one night."""
        line = {
            "customers": self.year.customers,
            "engine": self.engine.name,
            "case": case,
            "is_caught": is_caught,
            "repeat": repeat,
            "night": night,
            "as_of": str(report.as_of),
            "verdict": report.verdict,
            "reason": report.reason,
            "loud": {
                check.feature: [check.verdict, check.nights, check.effect]
                for check in report.checks
                if check.verdict != "quiet" or check.feature.startswith("*")
            },
        }
        with self.told.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _told(case: Planted, model: Model, table: pa.Table) -> pa.Table:
    """Return the table as the model scores it, unless it is the scores that were changed."""
    if case.is_of_scores:
        return table
    told = pa.array(model.probabilities(table))

    return with_column(table, PROBABILITY, told)


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Do what was asked for, and print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-drift")
    asked.add_argument("--engine", choices=["scipy", "alibi"], default="scipy")
    asked.add_argument("--customers", type=int, default=10_000, help="a night, roughly")
    asked.add_argument("--nights", type=int, default=365, help="calm ones after the training")
    asked.add_argument("--judged", type=int, default=1_000_000, help="calm ones at most")
    asked.add_argument("--repeats", type=int, default=20, help="of each planted change")
    asked.add_argument("--only", choices=["calm", "planted", "table"], help="the other is left")
    given = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    given.work = given.work.absolute()  # alibi-detect works in a folder of its own
    given.work.mkdir(parents=True, exist_ok=True)
    year = CalmYear(given.work / f"{given.customers}x{given.nights}", given.customers, given.nights)
    told = given.work / "judged.jsonl"
    if given.only != "table":
        year.folder.mkdir(exist_ok=True)
        engine = engines.choose(given.engine, ROOT, given.work / "samples")
        benchmark = Benchmark(year, engine, told)
        calm = () if given.only == "planted" else year.days[: given.judged]
        planted = () if given.only == "calm" else benchmark.nights_of(given.repeats)
        for line in year.make([*calm, *planted]):
            tell(line)
        if given.only != "planted":
            for line in benchmark.calm(given.judged):
                tell(line)
        if given.only != "calm":
            for line in benchmark.planted(given.repeats):
                tell(line)
    tell(drift_table.table(drift_table.lines(told)))


if __name__ == "__main__":
    main()
