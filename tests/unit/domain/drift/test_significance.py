"""Tests beside Kolmogorov-Smirnov, against numbers worked out by hand or by scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from pipelines.domain.drift.significance import (
    has_mean,
    mean_shift_sd,
    share_shift,
    smallest_adjusted,
    two_sided,
    usual_value,
    welch_z,
)

RANDOM = np.random.default_rng(11)


def test_welch_is_that_of_scipy() -> None:
    """Unequal variances and sizes; of a thousand rows n and n - 1 differ in the fourth digit."""
    before, now = RANDOM.normal(0, 1, 3000), RANDOM.normal(0.1, 3, 1000)

    expected = stats.ttest_ind(now, before, equal_var=False)
    assert pytest.approx(expected.statistic, rel=1e-3) == welch_z(before, now)
    assert pytest.approx(expected.pvalue, rel=2e-2) == two_sided(welch_z(before, now))


def test_a_rare_value_that_is_absent_is_no_certainty() -> None:
    """None of 300 where 1.5 % are expected: two standard errors, and not seventeen."""
    before = np.repeat([0.0, 1.0], [19_700, 300])

    assert pytest.approx(-2.1, abs=0.05) == welch_z(before, np.zeros(300))


@pytest.mark.parametrize(
    ("ones", "usual", "expected"), [(30, 0.0, True), (29, 0.0, False), (29, None, True)]
)
def test_a_mean_is_that_of_thirty_values_at_least(
    ones: int, usual: float | None, *, expected: bool
) -> None:
    """Of those that are not the usual one, on each side."""
    few, many = np.repeat([0.0, 1.0], [500 - ones, ones]), np.repeat([0.0, 1.0], [900, 100])

    assert expected == has_mean(many, few, usual) == has_mean(few, many, usual)
    assert not has_mean(many, few[-29:], None)


@pytest.mark.parametrize(("now", "expected"), [(1.0, 0.0), (2.0, math.inf), (0.0, -math.inf)])
def test_constants_do_not_differ_or_cannot_be_chance(now: float, expected: float) -> None:
    """Without any variance there is no error of a mean."""
    before = np.ones(5)

    assert expected == welch_z(before, np.full(5, now))
    assert expected == mean_shift_sd(before, np.full(5, now))


def test_a_mean_moves_in_deviations_of_the_training() -> None:
    """From 2 with a deviation of 2 to 3."""
    before = np.array([0.0, 4.0])

    assert 0.5 == mean_shift_sd(before, np.array([3.0, 3.0]))
    assert -0.5 == mean_shift_sd(before, np.array([1.0]))


@pytest.mark.parametrize(("zeros", "expected"), [(49, None), (50, 0.0), (100, 0.0)])
def test_a_number_is_mostly_one_value_from_one_half_on(zeros: int, expected: float | None) -> None:
    """The others are all different."""
    numbers = np.concatenate([np.zeros(zeros), 1.0 + np.arange(100 - zeros)])

    assert expected == usual_value(numbers)


def test_a_share_changes_by_points() -> None:
    """98 of 100 that become 180 of 200: 8 points, by the likelihood ratio of scipy."""
    before = np.repeat([0.0, 7.0], [98, 2])
    now = np.repeat([0.0, 3.0], [180, 20])
    points, p_value = share_shift(before, now, 0.0)

    expected = stats.chi2_contingency(
        [[98, 2], [180, 20]], correction=False, lambda_="log-likelihood"
    )
    assert pytest.approx(-8.0) == points
    assert pytest.approx(expected.pvalue) == p_value
    assert (0.0, 1.0) == share_shift(np.zeros(50), np.zeros(9), 0.0)


def test_few_expected_are_near_the_exact_p_value() -> None:
    """14 where 4.5 of 300 are expected: once in five thousand, not in a hundred thousand."""
    _, p_value = share_shift(
        np.repeat([0.0, 1.0], [98_500, 1500]), np.repeat([0.0, 1.0], [286, 14]), 0.0
    )

    exact = stats.binomtest(14, 300, 0.015, alternative="greater").pvalue
    assert exact / 2 < p_value < 3 * exact


def test_the_smallest_of_several_pays_for_their_number() -> None:
    """Bonferroni, and never above one."""
    assert 0.03 == pytest.approx(smallest_adjusted([0.5, 0.01, 0.2]))
    assert 1.0 == smallest_adjusted([0.6, 0.8])
    assert 0.2 == smallest_adjusted([0.2])
