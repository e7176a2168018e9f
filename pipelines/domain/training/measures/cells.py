"""Customers counted by score, which is all that a measure and its bootstrap need of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from pipelines.domain.arrays import Flags, Vector

# A cell of so many holds a twentieth of a percent of the customers, whose scores hardly differ.
MOST_CELLS = 2000


@dataclass(frozen=True, slots=True)
class Cells:
    """
    How many left and stayed of those with the same score, the riskiest first.

    Attributes:
        probability: `(n_cells,)` mean score of a cell, falling.
        churners: `(n_cells,)`.
        stayers: `(n_cells,)`.
    """

    probability: Vector
    churners: Vector
    stayers: Vector

    @property
    def everyone(self) -> Vector:
        """`(n_cells,)`, churners and stayers."""
        return self.churners + self.stayers

    @classmethod
    def of(cls, is_churned: Flags, probabilities: Vector) -> Self:
        """
        Count customers by score, a cell for each that differs.

        Args:
            is_churned: `(n_customers,)`.
            probabilities: `(n_customers,)`.
        """
        order = np.argsort(-probabilities, kind="stable")
        ranked, churned = probabilities[order], is_churned[order].astype(np.float64)
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        churners = np.add.reduceat(churned, starts)
        everyone = np.diff(np.r_[starts, len(ranked)]).astype(np.float64)

        return cls(ranked[starts], churners, everyone - churners)

    def merged(self, most: int = MOST_CELLS, edges: Sequence[float] = ()) -> Self:
        """
        Return neighbours counted together, about *most* cells of as many customers each.

        Args:
            most: Fewer cells than that stay as they are.
            edges: Scores that no cell lies across, because something is decided there.
        """
        if len(self.probability) <= most:
            return self
        everyone = self.everyone
        rank = np.cumsum(everyone) - everyone
        number = (rank * (most / everyone.sum())).astype(np.intp)
        side = np.searchsorted(np.sort(edges), self.probability, side="right")
        starts = np.flatnonzero(np.r_[True, (number[1:] != number[:-1]) | (side[1:] != side[:-1])])
        together = np.add.reduceat(everyone, starts)

        return type(self)(
            np.add.reduceat(self.probability * everyone, starts) / together,
            np.add.reduceat(self.churners, starts),
            np.add.reduceat(self.stayers, starts),
        )

    def resampled(self, count: int, seed: int) -> Iterator[Self]:
        """
        Yield what a bootstrap of the customers counts, for samples that hold both outcomes.

        Customers drawn with replacement fall into the cells as a multinomial distribution says
        (Efron 1979), so that a sample costs its cells and not its customers.

        Args:
            count: Number of bootstrap samples.
            seed: Seed of them.
        """
        random = np.random.default_rng(seed)
        counts = np.r_[self.churners, self.stayers]
        customers, cells = int(counts.sum()), len(self.churners)
        yielded = 0
        while yielded < count:
            drawn = random.multinomial(customers, counts / counts.sum()).astype(np.float64)
            if 0 < drawn[:cells].sum() < customers:
                yielded += 1
                yield type(self)(self.probability, drawn[:cells], drawn[cells:])
