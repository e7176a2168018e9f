"""Which of several models a customer is told by."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Matrix
from pipelines.domain.features.splits import CUSTOMER_FOLDS, by_customer
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.training.folds import by_customer as folds_by_customer

DAY = date(2026, 11, 1)
SPLIT = by_customer([DAY], seed=5)
IDS = pa.array([f"c{number}" for number in range(2000)])
MATRIX = np.arange(4000, dtype=np.float32).reshape(2000, 2)


@dataclass(frozen=True)
class Says:
    """A model that says its number, whoever it is asked about."""

    number: float

    @property
    def base(self) -> float:
        """Return half of the number."""
        return self.number / 2

    def margins(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return the number for each row."""
        return np.full(len(matrix), self.number)

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return it for each feature, and the row's own first value in the last."""
        return np.column_stack([np.full(len(matrix), self.number), matrix[:, 0]])


CROSS_FITTED = CrossFitted(Says(0), SPLIT, tuple(Says(n) for n in range(1, CUSTOMER_FOLDS + 1)))


def test_nobody_is_told_by_a_model_that_learned_from_them() -> None:
    """Who was in the test is told by the model itself, the others by that of their fold."""
    table = pa.table({"customer_id": IDS, "as_of": pa.repeat(pa.scalar(DAY), len(IDS))})
    told = CROSS_FITTED.margins(MATRIX, IDS)
    learn = np.flatnonzero(SPLIT.rows(table, "learn"))

    assert 0.1 < (told == 0).mean() < 0.3
    np.testing.assert_array_equal(SPLIT.rows(table, "test"), told == 0)
    for number, fold in enumerate(folds_by_customer(IDS.take(pa.array(learn)), SPLIT.seed), 1):
        assert {number} == {*told[learn[fold.judged]]}
        assert number not in {*told[learn[fold.learned]]}


def test_each_row_keeps_its_own_contributions() -> None:
    """Whichever model told them, from its own base, and whoever is in the same batch."""
    contributions = CROSS_FITTED.contributions(MATRIX, IDS)

    np.testing.assert_array_equal(CROSS_FITTED.margins(MATRIX, IDS), contributions[:, 0])
    np.testing.assert_array_equal(contributions[:, 0] / 2, CROSS_FITTED.bases(MATRIX, IDS))
    np.testing.assert_array_equal(MATRIX[:, 0], contributions[:, 1])
    np.testing.assert_array_equal(
        contributions[700:703], CROSS_FITTED.contributions(MATRIX[700:703], IDS[700:703])
    )


def test_without_folds_the_model_tells_everybody() -> None:
    """Where labels are of a time before, nobody's present outcome was learned."""
    assert {7.0} == {*CrossFitted(Says(7), SPLIT).margins(MATRIX, IDS)}


def test_nobody_is_told_nothing() -> None:
    """An empty batch is legal."""
    assert (0,) == CROSS_FITTED.margins(MATRIX[:0], IDS[:0]).shape
    assert (0, 2) == CROSS_FITTED.contributions(MATRIX[:0], IDS[:0]).shape
