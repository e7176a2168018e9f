"""Curves a person judges a model by, as points between 0 and 1."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Vector
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.shares import wilson

# More points than that no picture shows.
MOST_POINTS = 200
BINS = 10
CUSTOMERS_A_BIN = 10

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Bin:
    """
    Customers who were given about the same probability.

    Attributes:
        told: Their mean probability.
        left: Share of them that left.
        lower: Lower bound of that share, 95 %.
        upper: Upper bound.
        customers: How many they are.
    """

    told: float
    left: float
    lower: float
    upper: float
    customers: int


def roc(cells: Cells) -> Points:
    """Return share of stayers and share of churners contacted, by ever lower thresholds."""
    return _thinned(cells.stayers, cells.churners)


def gain(cells: Cells) -> Points:
    """Return share of customers contacted and share of churners among them."""
    return _thinned(cells.everyone, cells.churners)


def precision_recall(cells: Cells) -> Points:
    """Return share of churners contacted and share of churners among those contacted."""
    kept = _kept(len(cells.churners))[1:]
    found, contacted = np.cumsum(cells.churners)[kept - 1], np.cumsum(cells.everyone)[kept - 1]

    return list(
        zip((found / cells.churners.sum()).tolist(), (found / contacted).tolist(), strict=True)
    )


def reliability(cells: Cells) -> list[Bin]:
    """Return tenths of the probability that CUSTOMERS_A_BIN customers were given, lowest first."""
    number = np.minimum((cells.probability * BINS).astype(int), BINS - 1)
    found = []
    for tenth in range(BINS):
        is_here = number == tenth
        everyone = cells.everyone[is_here]
        customers, churners = int(everyone.sum()), int(cells.churners[is_here].sum())
        if customers < CUSTOMERS_A_BIN:
            continue
        told = float((cells.probability[is_here] * everyone).sum() / customers)
        found.append(Bin(told, churners / customers, *wilson(churners, customers), customers))

    return found


def _thinned(across: Vector, up: Vector) -> Points:
    """Return cumulative shares from 0 to 1, of as many cells as MOST_POINTS show."""
    kept = _kept(len(up))
    x = np.r_[0.0, np.cumsum(across)][kept] / across.sum()
    y = np.r_[0.0, np.cumsum(up)][kept] / up.sum()

    return list(zip(x.tolist(), y.tolist(), strict=True))


def _kept(cells: int) -> npt.NDArray[np.intp]:
    """Return after how many of *cells* a point is shown, from 0 to all of them."""
    return np.unique(np.linspace(0, cells, MOST_POINTS).astype(np.intp))
