"""What levels add is learned from other customers than the one who is told."""

import numpy as np
import numpy.typing as npt
import pytest

from pipelines.domain.arrays import Flags, Matrix
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.level_effects import MOST_CODED
from pipelines.domain.features.splits import CUSTOMER_FOLDS
from pipelines.domain.training import levels

SIZE = 40


def _contract(size: int) -> FeatureContract:
    """Return a number and a category."""
    own = tuple(f"level_{number}" for number in range(size))

    return FeatureContract(
        "fct_features",
        (
            Feature("fee_eur", "numeric", "Fee", unit="EUR"),
            Feature("city", "categorical", "City", levels=own, nullable=True),
        ),
    )


def _rows(
    customers: int, effects: npt.NDArray[np.float64], *, seed: int = 1, snapshots: int = 1
) -> tuple[Matrix, Flags, npt.NDArray[np.intp]]:
    """Return rows, who left, and the fold of each row's customer."""
    random = np.random.default_rng(seed)
    city = random.integers(0, len(effects), customers)
    own = random.normal(0, 1.5 * (snapshots > 1), customers)
    fold = random.integers(0, CUSTOMER_FOLDS, customers)
    odds = np.repeat(-1.2 + effects[city] + own, snapshots)
    matrix = np.column_stack([np.ones(len(odds)), np.repeat(city, snapshots)]).astype(np.float32)

    return matrix, random.random(len(odds)) < 1 / (1 + np.exp(-odds)), np.repeat(fold, snapshots)


def test_a_level_is_as_it_is() -> None:
    """Of many rows, its log-odds less everybody's, whatever the order of codes."""
    effects = np.random.default_rng(3).permutation(np.linspace(-1, 1, SIZE))
    learned = levels.learned(*_rows(80_000, effects), _contract(SIZE))
    found = learned.effects.by_feature[1][:-1]

    assert [1] == [*learned.columns]
    np.testing.assert_allclose(effects - effects.mean(), found - found.mean(), atol=0.2)


def test_a_rare_level_is_like_everybody() -> None:
    """One customer who left makes no city of leavers."""
    matrix, is_churned, folds = _rows(20_000, np.linspace(-0.5, 0.5, SIZE))
    matrix[matrix[:, 1] == 7, 1] = 8
    matrix[0, 1], is_churned[0] = 7, True
    found = levels.learned(matrix, is_churned, folds, _contract(SIZE)).effects.by_feature[1]

    assert 0 < found[7] < 0.3


def test_levels_that_say_nothing_are_told_so() -> None:
    """Of 400 levels with 20 rows each rates scatter by 0.1, and nothing of it is believed."""
    learned = levels.learned(*_rows(8000, np.zeros(400)), _contract(400))

    assert 0.25 > np.abs(learned.effects.by_feature[1]).max()
    assert 0.25 > np.abs(learned.columns[1]).max()


def test_what_a_customers_rows_have_in_common_is_no_difference_of_levels() -> None:
    """Eight snapshots of somebody are not eight proofs of what their city is like."""
    learned = levels.learned(*_rows(1500, np.zeros(300), snapshots=8), _contract(300))

    assert 0.3 > np.abs(learned.effects.by_feature[1]).max()


def test_a_column_of_nearly_one_level_a_row_is_a_constant() -> None:
    """No level is had by customers of two folds, so that none is known to differ."""
    matrix, is_churned, folds = _rows(300, np.zeros(300))
    matrix[:, 1] = np.arange(300)
    learned = levels.learned(matrix, is_churned, folds, _contract(300))

    np.testing.assert_array_equal(0, learned.columns[1])
    np.testing.assert_array_equal(0, learned.effects.by_feature[1])


def test_no_row_is_told_what_became_of_its_customer() -> None:
    """Turn round who left of one fold: it is told what it was, and the others something else."""
    matrix, is_churned, folds = _rows(4000, np.linspace(-1, 1, SIZE), snapshots=2)
    turned = np.where(folds == 2, ~is_churned, is_churned)
    first, second = (
        levels.learned(matrix, left, folds, _contract(SIZE)).columns[1]
        for left in (is_churned, turned)
    )

    np.testing.assert_array_equal(first[folds == 2], second[folds == 2])
    assert (first[folds != 2] != second[folds != 2]).mean() > 0.9


def test_who_has_no_level_stays_without() -> None:
    """NULL is NaN for the rows that are learned from and later; where nobody had none it adds 0."""
    matrix, is_churned, folds = _rows(4000, np.linspace(-1, 1, SIZE))
    assert 0 == levels.learned(matrix, is_churned, folds, _contract(SIZE)).effects.by_feature[1][-1]
    matrix[::10, 1] = np.nan
    learned = levels.learned(matrix, is_churned, folds, _contract(SIZE))

    np.testing.assert_array_equal(np.isnan(matrix[:, 1]), np.isnan(learned.columns[1]))
    np.testing.assert_array_equal([False] * SIZE + [True], np.isnan(learned.effects.by_feature[1]))


def test_a_column_nobody_has_stays_empty() -> None:
    """There is nothing to learn, and nothing is divided by."""
    matrix, is_churned, folds = _rows(100, np.zeros(SIZE))
    matrix[:, 1] = np.nan
    learned = levels.learned(matrix, is_churned, folds, _contract(SIZE))

    assert np.isnan(learned.columns[1]).all()
    np.testing.assert_array_equal(0, learned.effects.by_feature[1][:-1])


@pytest.mark.parametrize("size", [2, MOST_CODED])
def test_few_levels_keep_their_codes(size: int) -> None:
    """Nothing is learned of them, so that such models are what they were."""
    learned = levels.learned(*_rows(500, np.zeros(size)), _contract(size))

    assert {} == learned.columns
    assert {} == learned.effects.by_feature


@pytest.mark.parametrize("outcome", [False, True])
def test_one_outcome_says_nothing_of_levels(outcome: bool) -> None:
    """A fold in which everybody stayed, or left, has no level that differs."""
    matrix, is_churned, folds = _rows(500, np.zeros(SIZE))
    learned = levels.learned(matrix, np.full_like(is_churned, outcome), folds, _contract(SIZE))

    np.testing.assert_array_equal(0, learned.columns[1])
