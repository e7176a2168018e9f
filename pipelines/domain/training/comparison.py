"""Two models on the same later customers: which ranks better, and whether anything got worse."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.training import log_odds_line
from pipelines.domain.training.evaluation import Estimate, Ranked, estimated

Codes = npt.NDArray[np.intp]

# The bootstrap knows the noise of who was judged, and not that of the fit: with another seed or
# other customers of the same business a model differs by about so much AUC, and is no better for it
# (docs/measurements.md, verdicts). What a challenger gains has to be surely more.
LEAST_GAIN = 0.001
# How much worse a slope of calibration may surely be, as a factor's logarithm: a twentieth, which
# no tier notices and many rows tell from nothing. What it costs is in the log loss.
SLOPE_MARGIN = float(np.log(1.05))
# A slice is looked at from so many churners, and so many who stayed.
LEAST_OF_SLICE = 30
# Chance that any of all slices is called worse though none is.
SLICE_ALARM = 0.05
PROBABILITY_EDGE = 1e-12
# Faults a reason names; the evidence has all.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Contest:
    """
    What two models said of rows neither had learned from.

    Attributes:
        is_churned: `(n_rows,)`.
        challenger: `(n_rows,)` probabilities.
        champion: `(n_rows,)` probabilities.
        snapshot: `(n_rows,)`, number of the snapshot; rows are ranked within it.
        customer: `(n_rows,)`, number of the customer, who is drawn with all of their rows.
        slices: `(n_rows,)` by name: who is in it.
    """

    is_churned: Flags
    challenger: Vector
    champion: Vector
    snapshot: Codes
    customer: Codes
    slices: Mapping[str, Flags]

    def taken(self, is_taken: Flags) -> Self:
        """Return some of the rows."""
        return type(self)(
            is_churned=self.is_churned[is_taken],
            challenger=self.challenger[is_taken],
            champion=self.champion[is_taken],
            snapshot=self.snapshot[is_taken],
            customer=self.customer[is_taken],
            slices={name: is_in[is_taken] for name, is_in in self.slices.items()},
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    The challenger beside the champion; every difference is the challenger's less the champion's.

    Attributes:
        auc: Mean over the snapshots, weighted by their churners.
        log_loss: Above 0 is worse.
        miscalibration: Distance of the slope of calibration from 1, as a factor's logarithm.
        worse_slices: Log loss of slices in which it is surely worse, by name.
        slices: How many were looked at.
    """

    auc: Estimate
    log_loss: Estimate
    miscalibration: Estimate
    worse_slices: Mapping[str, Estimate]
    slices: int

    @property
    def is_better(self) -> bool:
        """Whether it surely ranks better, and nothing is surely worse."""
        return self.auc.lower > LEAST_GAIN and not self.faults

    @property
    def faults(self) -> list[str]:
        """What is surely worse, for people."""
        found = []
        if self.log_loss.lower > 0:
            found.append(f"log loss {_signed(self.log_loss)}")
        if self.miscalibration.lower > SLOPE_MARGIN:
            found.append(f"calibration {_signed(self.miscalibration)}")
        found += [
            f"log loss of {name} {_signed(estimate)}"
            for name, estimate in self.worse_slices.items()
        ]

        return found

    def __str__(self) -> str:
        """Return the comparison in a sentence, for people."""
        words = f"{'' if self.auc.lower > LEAST_GAIN else 'not '}above {LEAST_GAIN:g}"
        told = f"its AUC differs from the champion's by {_signed(self.auc)}, {words}"
        if faults := self.faults:
            rest = f", and {len(faults) - MOST_NAMED} more" if len(faults) > MOST_NAMED else ""
            told += f"; worse: {', '.join(faults[:MOST_NAMED])}{rest}"

        return told

    def to_dict(self) -> dict[str, Any]:
        """Return every difference as JSON-compatible values."""
        return {
            "auc_difference": self.auc.to_dict(),
            "log_loss_difference": self.log_loss.to_dict(),
            "miscalibration_difference": self.miscalibration.to_dict(),
            "worse_slices": {name: each.to_dict() for name, each in self.worse_slices.items()},
            "slices": self.slices,
        }


def compare(contest: Contest, *, resamples: int, seed: int) -> Comparison:
    """
    Compare two models by a bootstrap of the customers.

    Args:
        contest: What they said. Not modified.
        resamples: Number of bootstrap samples of the customers.
        seed: Seed of the resamples.
    """
    measured = _Measured(contest)
    once = np.ones(len(contest.is_churned))
    value = measured.of(once)
    drawn = np.array(
        [measured.of(weights) for weights in _resampled(contest.customer, resamples, seed)]
    )
    auc, log_loss, miscalibration = (
        estimated(float(value[number]), [*drawn[:, number]]) for number in range(3)
    )
    # One-sided, and shared by all slices: the more there are, the surer each has to be.
    sure = NormalDist().inv_cdf(1 - SLICE_ALARM / max(1, len(measured.slices)))
    errors = drawn[:, 3:].std(axis=0, ddof=1)
    worse = {
        name: Estimate(float(found), float(found - sure * error), float(found + sure * error))
        for name, found, error in zip(measured.slices, value[3:], errors, strict=True)
        if found > sure * error
    }

    return Comparison(auc, log_loss, miscalibration, worse, len(measured.slices))


class _Measured:
    """What does not change from one resample to the next."""

    def __init__(self, contest: Contest) -> None:
        self._is_churned = contest.is_churned
        self._both = [
            np.clip(each, PROBABILITY_EDGE, 1 - PROBABILITY_EDGE)
            for each in (contest.challenger, contest.champion)
        ]
        self._odds = [np.log(each / (1 - each)) for each in self._both]
        self._snapshots = []
        for number in np.unique(contest.snapshot):
            rows = np.flatnonzero(contest.snapshot == number)
            outcome = contest.is_churned[rows]
            if outcome.any() and not outcome.all():
                ranked = [Ranked(outcome, each[rows]) for each in self._both]
                self._snapshots.append((rows, outcome, ranked))
        losses = [-np.log(np.where(self._is_churned, each, 1 - each)) for each in self._both]
        self._loss = losses[0] - losses[1]
        self.slices = {
            name: np.flatnonzero(is_in)
            for name, is_in in contest.slices.items()
            if min((self._is_churned & is_in).sum(), (~self._is_churned & is_in).sum())
            >= LEAST_OF_SLICE
        }

    def of(self, weights: Vector) -> Vector:
        """Return differences of AUC, log loss and miscalibration, and of log loss by slice."""
        found, churners = [], []
        for rows, outcome, (challenger, champion) in self._snapshots:
            drawn = weights[rows]
            left = drawn[outcome].sum()
            if 0 < left < drawn.sum():
                found.append(challenger.auc(drawn) - champion.auc(drawn))
                churners.append(left)
        outcomes = self._is_churned.astype(np.float64)
        slopes = [log_odds_line.fitted(odds, outcomes, weights)[0] for odds in self._odds]
        far = [abs(np.log(max(slope, 1e-3))) for slope in slopes]
        by_slice = [
            np.average(self._loss[rows], weights=weights[rows]) if weights[rows].any() else 0.0
            for rows in self.slices.values()
        ]

        return np.array(
            [
                np.average(found, weights=churners) if found else 0.0,
                np.average(self._loss, weights=weights),
                far[0] - far[1],
                *by_slice,
            ]
        )


def _resampled(customer: Codes, count: int, seed: int) -> Iterator[Vector]:
    """Yield how often each row is drawn with its customer."""
    random = np.random.default_rng(seed)
    customers = int(customer.max()) + 1
    for _ in range(count):
        times = np.bincount(random.integers(0, customers, customers), minlength=customers)
        yield times[customer].astype(np.float64)


def _signed(estimate: Estimate) -> str:
    """Return a difference and its interval."""
    return f"{estimate.value:+.4f} [{estimate.lower:+.4f}, {estimate.upper:+.4f}]"
