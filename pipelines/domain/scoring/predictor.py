"""Predictors: fitted models of any family, and the one among several that a customer is told by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Matrix
from pipelines.domain.features.level_effects import LevelEffects
from pipelines.domain.features.splits import Split, customer_shares, fold_numbers, is_tested

# Another machine's arithmetic moves a probability by up to 2.2e-8; a wrong model by far more.
SAME_PROBABILITY = 1e-6


class Predictor(Protocol):
    """A fitted model of any family; a row's answer never depends on the other rows."""

    @property
    def base(self) -> float:
        """Log-odds before anything is known of a customer: a margin less all its contributions."""

    def margins(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers,)` uncalibrated log-odds of `(n_customers, n_features)`."""

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers, n_features)`: what each feature adds to the log-odds."""


@dataclass(frozen=True, slots=True)
class OfEffects:
    """
    A predictor that has learned from effects of levels, asked about their codes.

    Attributes:
        predictor: What has learned from them.
        effects: What it is told in place of codes.
    """

    predictor: Predictor
    effects: LevelEffects

    @property
    def base(self) -> float:
        """Log-odds before anything is known of a customer."""
        return self.predictor.base

    def margins(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers,)` uncalibrated log-odds of `(n_customers, n_features)`."""
        return self.predictor.margins(self.effects.applied(matrix))

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers, n_features)`: what each feature adds, a category by its effect."""
        return self.predictor.contributions(self.effects.applied(matrix))


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """
    Predictors of which each customer is told by one that has not learned what became of them.

    Where it is known on the day itself who has left, those who are scored are those the model
    learned from: it would tell them what it remembers. Who was in the test is told by the model
    itself, everybody else by that of the fold they were judged in.

    Attributes:
        served: The model that has learned from every row but the test's.
        split: Who was in the test, and in which fold the others are.
        folds: The models of the folds, by number; none where labels are of a time before.
    """

    served: Predictor
    split: Split
    folds: tuple[Predictor, ...] = ()

    def margins(
        self, matrix: Matrix, customer_ids: pa.Array | pa.ChunkedArray
    ) -> npt.NDArray[np.float64]:
        """Return `(n_customers,)` uncalibrated log-odds."""
        return self._told(matrix, customer_ids, (), lambda model, rows: model.margins(rows))

    def bases(
        self, matrix: Matrix, customer_ids: pa.Array | pa.ChunkedArray
    ) -> npt.NDArray[np.float64]:
        """Return `(n_customers,)`: where the contributions of each begin, in log-odds."""
        return self._told(
            matrix, customer_ids, (), lambda model, rows: np.full(len(rows), model.base)
        )

    def contributions(
        self, matrix: Matrix, customer_ids: pa.Array | pa.ChunkedArray
    ) -> npt.NDArray[np.float64]:
        """Return `(n_customers, n_features)`: what each feature adds to the log-odds."""
        width = matrix.shape[1:]

        return self._told(
            matrix, customer_ids, width, lambda model, rows: model.contributions(rows)
        )

    def _told(
        self,
        matrix: Matrix,
        customer_ids: pa.Array | pa.ChunkedArray,
        width: tuple[int, ...],
        ask: Callable[[Predictor, Matrix], npt.NDArray[np.float64]],
    ) -> npt.NDArray[np.float64]:
        """Return what each customer's own model says."""
        if not self.folds:
            return ask(self.served, matrix)
        shares = customer_shares(customer_ids, self.split.seed)
        number = np.where(is_tested(shares), 0, 1 + fold_numbers(customer_ids, self.split.seed))
        told = np.empty((len(matrix), *width))
        for own, model in enumerate((self.served, *self.folds)):
            rows = np.flatnonzero(number == own)
            told[rows] = ask(model, matrix[rows])

        return told
