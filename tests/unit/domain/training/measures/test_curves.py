"""Curves as points."""

import numpy as np
import pytest
from sklearn import metrics

from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.curves import (
    MOST_POINTS,
    gain,
    precision_recall,
    reliability,
    roc,
)

RANDOM = np.random.default_rng(13)
SCORES = RANDOM.beta(1, 5, 5000)
CHURNED = RANDOM.random(5000) < SCORES
CELLS = Cells.of(CHURNED, SCORES)


def test_the_area_under_the_points_is_the_auc() -> None:
    """As many points as a picture shows, from 0 to 1."""
    points = np.array(roc(CELLS))
    area = float(np.sum(np.diff(points[:, 0]) * (points[1:, 1] + points[:-1, 1]) / 2))

    assert MOST_POINTS == len(points)
    assert [0.0, 0.0] == points[0].tolist()
    assert [1.0, 1.0] == points[-1].tolist()
    assert metrics.roc_auc_score(CHURNED, SCORES) == pytest.approx(area, abs=2e-3)


def test_the_gain_is_the_churners_among_those_contacted() -> None:
    """Two of four left, the first and the third: half of them in the first half."""
    cells = Cells.of(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.3, 0.1]))

    assert [(0, 0), (0.25, 0.5), (0.5, 0.5), (0.75, 1), (1, 1)] == gain(cells)


def test_precision_falls_as_recall_grows() -> None:
    """At each threshold as scikit-learn has it; at the end everybody is contacted."""
    cells = Cells.of(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.3, 0.1]))
    assert [(0.5, 1), (0.5, 0.5), (1, pytest.approx(2 / 3)), (1, 0.5)] == precision_recall(cells)

    precision, recall, _ = metrics.precision_recall_curve(CHURNED, SCORES)
    points = np.array(precision_recall(CELLS))
    expected = np.interp(points[:, 0], recall[::-1], precision[::-1])
    assert MOST_POINTS - 1 == len(points)
    np.testing.assert_allclose(expected[10:], points[10:, 1], atol=0.02)


def test_tenths_of_the_probability_are_compared_with_who_left() -> None:
    """Those that few were given are passed over; the intervals hold what was told."""
    bins = reliability(CELLS)

    assert [each.told for each in bins] == sorted(each.told for each in bins)
    assert all(each.lower <= each.told <= each.upper for each in bins[:5])
    first = SCORES < 0.1
    assert (first.sum(), pytest.approx(CHURNED[first].mean())) == (
        bins[0].customers,
        bins[0].left,
    )
    assert [] == reliability(Cells.of(CHURNED[:5], SCORES[:5]))


def test_certainty_is_in_the_last_tenth() -> None:
    """And does not open one of its own."""
    (only,) = reliability(Cells.of(np.arange(20) < 19, np.full(20, 1.0)))

    assert (1.0, 0.95, 20) == (only.told, only.left, only.customers)
