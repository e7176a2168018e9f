"""
How often a promotion is right: pairs of models of which it is known what should become of them.

    .venv/bin/python -m tests.benchmarks.verdicts [--pairs 200] [--kept var/verdicts.jsonl]

Each pair is two models fitted, calibrated and compared by the product's own functions, on customers
made up in memory. What was found of each is written as it comes, and a run that is stopped goes on
where it was. Ends with 1 if a line is not what is asked.
"""

import argparse
import functools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.adapters.models import calibrators
from pipelines.domain.training.comparison import compare
from pipelines.domain.training.evaluation import auc
from pipelines.errors import ContractMismatch
from tests.benchmarks.made_worlds import (
    BETTER_BY,
    FEATURES,
    JUDGED,
    SNAPSHOTS,
    People,
    contest,
    people,
    told,
)

RESAMPLES, EVERYBODY = 200, 400_000
FEWEST_PAIRS = 4
# Of a ruined calibration: log-odds so many times as far from even.
RUINED_SLOPE = 1.5
MOST_PROBABLE = 1 - 1e-9

Found = dict[str, Any]


def by_seed(number: int) -> Found:
    """Two models that differ by the seed of their fit."""
    return _judged(number, sample=0, seed=1, width=FEATURES)


def by_sample(number: int) -> Found:
    """Two models that learned from other customers of the same business."""
    return _judged(number, sample=1, seed=0, width=FEATURES)


def better(number: int) -> Found:
    """A challenger that knows something more, worth BETTER_BY."""
    return _judged(number, sample=0, seed=1, width=FEATURES + 1)


def ruined_calibration(number: int) -> Found:
    """The same, with log-odds that are too far from even."""

    def ruin(probabilities: np.ndarray, _: np.ndarray) -> np.ndarray:
        odds = np.log(probabilities / (1 - probabilities))
        return np.asarray(1 / (1 + np.exp(-RUINED_SLOPE * odds)))

    return _judged(number, sample=0, seed=1, width=FEATURES + 1, ruin=ruin)


def ruined_slice(number: int) -> Found:
    """The same, with the probabilities of one customer in twenty dealt out among them."""

    def ruin(probabilities: np.ndarray, region: np.ndarray) -> np.ndarray:
        rows = np.flatnonzero(region == number % 20)
        dealt = probabilities.copy()
        dealt[rows] = np.random.default_rng(number).permutation(probabilities[rows])
        return dealt

    return _judged(number, sample=0, seed=1, width=FEATURES + 1, ruin=ruin)


def calibration(number: int) -> Found:
    """Scores with ties, and pools that differ by the last digit of a double; refused or not."""
    random = np.random.default_rng(number)
    rows = int(random.integers(500, 8000))
    margins = random.normal(-2, random.uniform(0.1, 2), rows)
    margins = np.round(margins, int(random.integers(1, 17)))
    is_churned = random.random(rows) < 1 / (1 + np.exp(-margins))
    is_churned[:2] = True, False
    try:
        for fit in (calibrators.best, calibrators.line, calibrators.bins):
            fit(margins + random.integers(0, 2, rows) * 1e-16, is_churned)
    except (ContractMismatch, ValueError) as refused:
        return {"is_hit": True, "why": str(refused)}

    return {"is_hit": False}


def _judged(
    number: int,
    *,
    sample: int,
    seed: int,
    width: int,
    ruin: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> Found:
    """Return whether the challenger of a pair is promoted, and its AUC less the champion's, twice.

    On those it is judged on, and, before anything was ruined, on so many that it is the truth.
    """
    judged, everybody = _judges(number), _everybody()
    champion, true_champion = _told(number, sample=0, seed=0, width=FEATURES)
    challenger, true_challenger = _told(number, sample=sample, seed=seed, width=width)
    gain = auc(everybody.is_churned, true_challenger) - auc(everybody.is_churned, true_champion)
    if ruin is not None:
        challenger = ruin(np.minimum(challenger, MOST_PROBABLE), judged.region)
    found = compare(contest(judged, champion, challenger), resamples=RESAMPLES, seed=number)

    return {
        "is_hit": found.is_better,
        "auc": found.auc.to_dict(),
        "miscalibration": found.miscalibration.to_dict(),
        "true_auc": gain,
        "faults": found.faults,
    }


@functools.lru_cache(maxsize=1)
def _judges(number: int) -> People:
    """Return whom the models of a pair are judged on."""
    return people(1000 + 10 * number + 2, JUDGED, SNAPSHOTS)


@functools.cache
def _everybody() -> People:
    """Return so many that what is measured on them is the truth."""
    return people(1, EVERYBODY)


@functools.lru_cache(maxsize=4)
def _told(number: int, *, sample: int, seed: int, width: int) -> list[np.ndarray]:
    """Return what one of the models of a pair says of its judges, and of everybody."""
    own = 1000 + 10 * number

    return told(
        [_judges(number).matrix, _everybody().matrix],
        sample=own + sample,
        seed=number + seed * 7919,
        width=width,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """
    What is drawn again and again.

    Attributes:
        draw: Draws one.
        least: Smallest share that may be promoted, or refused.
        most: Largest share.
        every: It is drawn of one number in so many …
        first: … from this one on.
    """

    draw: Callable[[int], Found]
    least: float
    most: float
    every: int = 2
    first: int = 0


LINES = {
    "differ by seed": Line(by_seed, 0.0, 0.05),
    "differ by sample": Line(by_sample, 0.0, 0.05, first=1),
    f"better by {BETTER_BY} AUC": Line(better, 0.90, 1.0),
    "better, calibration ruined": Line(ruined_calibration, 0.0, 0.0, every=4),
    "better, a slice of 5 % ruined": Line(ruined_slice, 0.0, 0.0, every=4),
    "calibrations refused": Line(calibration, 0.0, 0.0, every=1),
}


def main() -> int:
    """Draw what is missing, and print what was found of all."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    asked.add_argument("--pairs", type=int, default=200, help="half by seed, half by sample")
    asked.add_argument("--kept", type=Path, default=Path("var/verdicts.jsonl"))
    given = asked.parse_args()
    if given.pairs < FEWEST_PAIRS:
        asked.error(f"it takes {FEWEST_PAIRS} pairs, for every line to have one")
    given.kept.parent.mkdir(parents=True, exist_ok=True)
    known = _known(given.kept)
    with given.kept.open("a", encoding="utf-8") as kept:
        for number in range(given.pairs):
            for name, line in LINES.items():
                if number % line.every == line.first and (name, number) not in known:
                    known[name, number] = line.draw(number)
                    found = {"line": name, "number": number, **known[name, number]}
                    kept.write(json.dumps(found) + "\n")
                    kept.flush()
            if number % 10 == 9:
                sys.stderr.write(f"{number + 1} of {given.pairs}\n")

    return _shown(known, given.pairs)


def _known(path: Path) -> dict[tuple[str, int], Found]:
    """Return what was found before; half a line, of a run that was killed, is none."""
    if not path.exists():
        return {}
    known = {}
    for line in path.read_text("utf-8").splitlines():
        try:
            found = json.loads(line)
        except json.JSONDecodeError:
            continue
        known[found["line"], found["number"]] = found

    return known


def _shown(known: dict[tuple[str, int], Found], pairs: int) -> int:
    """Print a row for each line; return 1 if any is not what is asked."""
    is_met = True
    rows = [
        "| line | of | promoted | asked | truly no better | true difference of AUC |",
        "|---|---|---|---|---|---|",
    ]
    for name, line in LINES.items():
        found = [known[name, number] for number in range(line.first, pairs, line.every)]
        hits = sum(each["is_hit"] for each in found)
        share = hits / len(found)
        is_met &= line.least <= share <= line.most
        asked = f"at least {line.least:.0%}" if line.least else f"at most {line.most:.0%}"
        gains = [each["true_auc"] for each in found if "true_auc" in each]
        wrong = sum(each["is_hit"] and each.get("true_auc", 1) <= 0 for each in found)
        gain = f"{np.mean(gains):+.4f} ± {np.std(gains):.4f}" if gains else ""
        told_hits = f"{hits} ({share:.1%})"
        rows.append(f"| {name} | {len(found)} | {told_hits} | {asked} | {wrong} | {gain} |")
    sys.stdout.write("\n".join(rows) + "\n")

    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
