"""
Whether a score keeps meaning what it says: a year of nights of which it is known who left.

    .venv/bin/python -m tests.benchmarks.year --help

The generated business is loaded, trained on and built by the product's own commands. Every night is
scored by whoever was champion then, and by the first model, as if it had never been replaced; and
again with noise, to see whose tier that changes. What was found of a night is a line of a file, and
a run that is stopped goes on where it was; `--only table` prints what is there.
"""

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from pipelines import settings
from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.ports.models import Model
from pipelines.domain.scoring.tier_bounds import Bound, TierBounds, log_odds, shifted
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.evaluation import auc, evaluate
from pipelines.domain.training.measures.probability import calibration
from tests.benchmarks import year_table
from tests.benchmarks.matured_year import MaturedYear

RESAMPLES = 100
# Standard deviation, in log-odds, of what a score that comes again is off by; and how far a tier
# holds whom it had.
NOISE, HELD = 0.02, 0.1


@dataclass(frozen=True)
class Measuring:
    """
    Looks at nights, one after the other.

    Attributes:
        tiers: As churn.toml has them.
        models: What was trained, the first of them version 1.
        champions: From which training on which version was champion, ascending.
    """

    tiers: TierPolicy
    models: list[Model]
    champions: list[tuple[date, int]]

    def lines(self, day: date, rows: Any) -> Iterator[dict[str, Any]]:
        """Yield what was found of one night: by the first model, and by the champion of the day."""
        champion = [version for since, version in self.champions if since < day][-1]
        for who, version in ((year_table.FIRST, 1), (year_table.CHAMPION, champion)):
            model = self.models[version - 1]
            probabilities = model.probabilities(rows)
            is_churned = rows["is_churned"].to_numpy(zero_copy_only=False).astype(bool)
            seed = day.toordinal()
            found = evaluate(
                is_churned,
                probabilities,
                resamples=RESAMPLES,
                seed=seed,
                measures=(calibration,),
            )
            yield {
                "as_of": str(day),
                "who": who,
                "version": version,
                "customers": len(is_churned),
                "churners": int(is_churned.sum()),
                "expected": float(probabilities.sum()),
                "auc": auc(is_churned, probabilities),
                **{name: estimate.to_dict() for name, estimate in found.items()},
                "tiers": self._tiers(model, probabilities, is_churned),
                "moved": self._moved(probabilities, seed),
            }

    def _tiers(
        self, model: Model, probabilities: Vector, is_churned: Flags
    ) -> dict[str, dict[str, Any]]:
        """Return what each tier promised, and what came, by its name."""
        codes = TierBounds.of(self.tiers).cut(probabilities)
        promised = {each["tier"]: each for each in model.evaluation["tiers"]}
        found = {}
        for place, name in enumerate(self.tiers.names):
            is_here = codes == place
            found[name] = {
                "customers": int(is_here.sum()),
                "churners": int(is_churned[is_here].sum()),
                "expected": float(probabilities[is_here].sum()),
                "variance": float((probabilities * (1 - probabilities))[is_here].sum()),
                "promise": promised[name],
                "tiers": sum(each["rows"] > 0 for each in promised.values()),
            }

        return found

    def _moved(self, probabilities: Vector, seed: int) -> dict[str, float]:
        """Return whose tier changes, as a share, when a score comes again a little otherwise."""
        noise = np.random.default_rng(seed).normal(0, NOISE, len(probabilities))
        again = 1 / (1 + np.exp(-(log_odds(probabilities) + noise)))
        loose = TierBounds.of(self.tiers)
        was = loose.cut(probabilities)

        return {
            "loose": float(np.mean(loose.cut(again) != was)),
            "held": float(np.mean(_held(loose).cut(again, None, was) != was)),
        }


def _held(bounds: TierBounds) -> TierBounds:
    """Return the bounds with those of the list before held by so much as churn.toml may say."""

    def moved(by: float) -> tuple[Bound, ...]:
        return tuple(Bound(shifted(each.probability, by)) for each in bounds.new)

    return replace(bounds, up=moved(HELD), stay=moved(-HELD))


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Make the year and look at its nights; 1 where it is not what is asked."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    asked.add_argument("--work", type=Path, default=settings.ROOT / "var" / "year")
    asked.add_argument("--customers", type=int, default=10_000, help="a night, roughly")
    asked.add_argument("--nights", type=int, default=365, help="after the first training")
    asked.add_argument("--every", type=int, default=1, help="days from one night to the next")
    asked.add_argument("--train-every", type=int, default=91, help="days between trainings")
    asked.add_argument("--only", choices=["table"], help="print what is there")
    given = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    folder = given.work / f"{given.customers}x{given.nights}"
    folder.mkdir(parents=True, exist_ok=True)
    year = MaturedYear(folder, given.customers, given.nights, given.every, given.train_every)
    told = folder / "nights.jsonl"
    if given.only is None:
        with year.opened():
            for made in year.make():
                tell(made)
            measuring = Measuring(settings.load({}).tiers, year.models(), year.champions())
        done = Counter(line["as_of"] for line in year_table.lines(told))
        with told.open("a", encoding="utf-8") as file:
            for day in year.days:
                if done[str(day)] < 2:
                    found = [*measuring.lines(day, year.night(day))]
                    file.write("".join(f"{json.dumps(line)}\n" for line in found))
                    file.flush()
    table, is_met = year_table.table(year_table.lines(told))
    tell(table)

    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
