"""Customers counted by score."""

import numpy as np
import pytest

from pipelines.domain.training.evaluation import estimated, evaluate
from pipelines.domain.training.measures.cells import MOST_CELLS, Cells
from pipelines.domain.training.measures.ranking import ranking

RANDOM = np.random.default_rng(7)
ROWS = 30_000
SCORES = RANDOM.beta(1, 8, ROWS)
CHURNED = RANDOM.random(ROWS) < SCORES


def test_customers_with_one_score_are_one_cell() -> None:
    """The riskiest first."""
    cells = Cells.of(np.array([True, False, True, False]), np.array([0.2, 0.9, 0.9, 0.2]))

    assert [0.9, 0.2] == cells.probability.tolist()
    assert [1, 1] == cells.churners.tolist()
    assert [1, 1] == cells.stayers.tolist()


def test_neighbours_are_merged_and_nobody_is_lost() -> None:
    """About as many cells as asked for, of as many customers each, and none across an edge."""
    cells = Cells.of(CHURNED, SCORES)
    merged = cells.merged(100, edges=[0.3])

    assert len(cells.probability) > 29_000
    assert 100 <= len(merged.probability) <= 102
    assert merged.everyone.max() <= ROWS / 100 + 1
    assert merged.churners.sum() == CHURNED.sum()
    assert ROWS == merged.everyone.sum()
    is_above = merged.probability >= 0.3
    assert merged.everyone[is_above].sum() == (SCORES >= 0.3).sum()
    assert merged.probability @ merged.everyone == pytest.approx(SCORES.sum())


def test_few_scores_stay_as_they_are() -> None:
    """There is nothing to spare."""
    cells = Cells.of(CHURNED, np.round(SCORES, 3))

    assert cells.merged() is cells


@pytest.mark.simulation
def test_a_bootstrap_of_cells_is_that_of_customers() -> None:
    """The interval is as wide as one that draws every customer."""
    found = evaluate(CHURNED, SCORES, resamples=400, seed=1)["auc"]
    drawn = []
    for _ in range(400):
        rows = RANDOM.integers(0, ROWS, ROWS)
        drawn.append(ranking(Cells.of(CHURNED[rows], SCORES[rows]))["auc"])
    expected = estimated(found.value, drawn)

    assert len(np.unique(SCORES)) > MOST_CELLS
    assert found.standard_error == pytest.approx(expected.standard_error, rel=0.15)
    assert (found.lower, found.upper) == pytest.approx((expected.lower, expected.upper), abs=1e-3)


def test_a_sample_holds_both_outcomes_and_as_many_customers() -> None:
    """One churner among ten is missing from a third of all samples; none of these is yielded."""
    cells = Cells.of(np.arange(10) == 0, np.linspace(0.9, 0.1, 10))
    samples = list(cells.resampled(50, seed=1))

    assert {10.0} == {sample.everyone.sum() for sample in samples}
    assert min(sample.churners.sum() for sample in samples) > 0
