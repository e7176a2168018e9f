"""Whether a model is as good for some customers as for others."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.groups import Group
from pipelines.domain.training.measures.probability import losses
from pipelines.domain.training.measures.ranking import roc_area
from pipelines.domain.training.measures.shares import wilson

# A slice is looked at from so many churners on, and so many who stayed.
LEAST = 30
# Chance that any of all slices is called a gap though none is.
ALARM = 0.05
HEADINGS = (
    "customers with",
    "rows",
    "left",
    "of each expected",
    "AUC (expected)",
    "log loss",
    "gap",
)


@dataclass(frozen=True, slots=True)
class Slice:
    """
    A group of customers, on rows no model had seen.

    Attributes:
        feature: What it is a level or a band of.
        name: What people read.
        customers: Rows in it.
        churners: How many of them left.
        expected: How many the probabilities say would.
        observed_to_expected: Churners for each that was expected.
        lower: Lower bound of it, so far that of all slices together one in twenty is beyond.
        upper: Upper bound.
        auc: Area under the ROC curve among them; ties count half.
        auc_expected: What it is where people leave as often as their probabilities say.
        auc_error: Standard error of it (Hanley & McNeil 1982).
        log_loss: Mean over them.
        gaps: What is surely otherwise than for everybody: `more leave`, `fewer leave`, `ranked
            worse`.
        is_protected: Whether churn.toml names the feature as protected.
    """

    feature: str
    name: str
    customers: int
    churners: int
    expected: float
    observed_to_expected: float
    lower: float
    upper: float
    auc: float
    auc_expected: float
    auc_error: float
    log_loss: float
    gaps: tuple[str, ...]
    is_protected: bool

    @property
    def oddity(self) -> float:
        """How far from 1 it is that left of each expected, as a part of its interval."""
        return abs(self.observed_to_expected - 1) / (self.upper - self.lower)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        return asdict(self)


def slices(
    groups: Sequence[Group],
    is_churned: Flags,
    probabilities: Vector,
    *,
    protected: Collection[str] = (),
) -> tuple[Slice, ...]:
    """
    Return every group with enough churners, and in what it differs beyond chance from everybody.

    More leave, or fewer, where the interval of the share that leaves (Wilson 1927, wider than that
    of unequal probabilities) does not hold what was expected of the group, times what is observed
    of everybody for each expected. It is ranked worse where its AUC is below what its own
    probabilities promise (van Klaveren et al. 2016): that of a group is below everybody's by itself
    where the model knows what the group has in common. All looks share ALARM (Bonferroni), so that
    the more groups there are, the surer each gap has to be.

    Args:
        groups: Who is in each.
        is_churned: `(n_rows,)`; no customer counts twice for the same days.
        probabilities: `(n_rows,)`, by models and calibrators that had not seen the row.
        protected: Features that churn.toml names as protected.
    """
    looked_at = [
        group
        for group in groups
        if min((is_churned & group.is_in).sum(), (~is_churned & group.is_in).sum()) >= LEAST
    ]
    if not looked_at:
        return ()
    # Two looks at each for the share, on either side, and one for the ranking.
    sure = NormalDist().inv_cdf(1 - ALARM / (3 * len(looked_at)))
    overall = float(is_churned.sum() / probabilities.sum())
    # What is in order already is counted by score in half the time.
    order = np.argsort(-probabilities, kind="stable")
    ranked, told = is_churned[order], probabilities[order]

    return tuple(
        _slice(
            group,
            ranked[group.is_in[order]],
            told[group.is_in[order]],
            overall=overall,
            sure=sure,
            is_protected=group.feature in protected,
        )
        for group in looked_at
    )


def loudest(found: Sequence[Slice]) -> list[Slice]:
    """Return them with gaps first, then what is protected."""
    return sorted(found, key=lambda each: (not each.gaps, not each.is_protected))


def cells(each: Slice) -> tuple[str, ...]:
    """Return what a table says of a slice, under HEADINGS."""
    return (
        f"{each.name}{' (protected)' if each.is_protected else ''}",
        f"{each.customers:,}",
        f"{each.churners:,}",
        f"{each.observed_to_expected:.2f} [{each.lower:.2f}, {each.upper:.2f}]",
        f"{each.auc:.3f} ({each.auc_expected:.3f})",
        f"{each.log_loss:.3f}",
        ", ".join(each.gaps),
    )


def _slice(
    group: Group,
    is_churned: Flags,
    probabilities: Vector,
    *,
    overall: float,
    sure: float,
    is_protected: bool,
) -> Slice:
    """Measure one group."""
    counted = Cells.of(is_churned, probabilities)
    customers, churners = len(is_churned), int(is_churned.sum())
    expected = float(probabilities.sum())
    lower, upper = (share * customers / expected for share in wilson(churners, customers, sure))
    area = roc_area(counted.churners, counted.stayers)
    promised = counted.everyone * counted.probability
    area_expected = roc_area(promised, counted.everyone - promised)
    error = _area_error(area, churners, customers - churners)

    def gaps() -> Iterator[str]:
        if lower > overall:
            yield "more leave"
        if upper < overall:
            yield "fewer leave"
        if area + sure * error < area_expected:
            yield "ranked worse"

    return Slice(
        feature=group.feature,
        name=group.name,
        customers=customers,
        churners=churners,
        expected=expected,
        observed_to_expected=churners / expected,
        lower=lower,
        upper=upper,
        auc=area,
        auc_expected=area_expected,
        auc_error=error,
        log_loss=losses(counted)["log_loss"],
        gaps=tuple(gaps()),
        is_protected=is_protected,
    )


def _area_error(area: float, churners: int, stayers: int) -> float:
    """Return the standard error of an AUC (Hanley & McNeil 1982)."""
    above, below = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area)
    variance += (churners - 1) * (above - area**2) + (stayers - 1) * (below - area**2)

    return math.sqrt(variance / (churners * stayers))
