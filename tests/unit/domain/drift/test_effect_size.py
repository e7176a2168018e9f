"""Sizes of differences, against numbers worked out by hand or by scipy."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from scipy import stats

from pipelines.domain.drift.effect_size import psi, psi_limit, share_p_value, wasserstein_sd

RANDOM = np.random.default_rng(7)


def column(values: npt.ArrayLike, times: Sequence[int] | int = 1) -> pa.ChunkedArray:
    """Return each of *values* as many times as asked for, as a comparable column."""
    return pa.chunked_array([np.repeat(np.asarray(values), times)])


def test_wasserstein_is_that_of_scipy_over_the_references_deviation() -> None:
    """Our one pass over sorted values gives scipy's distance."""
    before, now = RANDOM.lognormal(size=500), RANDOM.lognormal(0.3, size=400)

    expected = stats.wasserstein_distance(before, now) / before.std()
    assert pytest.approx(expected) == wasserstein_sd(before, now)


def test_a_shift_measures_itself() -> None:
    """Everyone moved by 3, with a deviation of 2, is 1.5 sd."""
    before = np.array([0.0, 4.0])

    assert 1.5 == wasserstein_sd(before, before + 3)


@pytest.mark.parametrize(("now", "expected"), [(1.0, 0.0), (2.0, math.inf)])
def test_constants_are_equal_or_infinitely_far(now: float, expected: float) -> None:
    """Without any spread there is nothing to measure a distance in."""
    assert expected == wasserstein_sd(np.ones(5), np.full(5, now))


def test_psi_of_equal_samples_is_nothing() -> None:
    """The same numbers in ten bins, the same words in as many as there are."""
    numbers, words = column(RANDOM.normal(size=1000)), column(["a", "b", "a"])

    assert (0.0, 10) == psi(numbers, numbers)
    assert (0.0, 2) == psi(words, words)


def test_psi_by_hand() -> None:
    """Shares of 50 and 50 % that become 60 and 40 %."""
    before = column(["a", "b"], [5000, 5000])
    now = column(["a", "b"], [6000, 4000])

    expected = 0.1 * math.log(0.6 / 0.5) + -0.1 * math.log(0.4 / 0.5)
    assert pytest.approx(expected, rel=1e-3) == psi(before, now)[0]


def test_a_level_that_appears_is_no_infinity() -> None:
    """A bin empty on one side counts as half a row."""
    before = column(["a"], [1000])
    now = column(["a", "b"], [900, 100])

    index, bins = psi(before, now)
    assert 2 == bins
    assert 0.2 < index < 1.0


def test_psi_has_to_exceed_what_chance_gives() -> None:
    """Three times the expected value without drift, or the limit asked for."""
    assert 0.02 == psi_limit(0.02, bins=10, reference_rows=20_000, current_rows=20_000)
    assert pytest.approx(3 * 9 * (1 / 1000 + 1 / 500)) == psi_limit(
        0.02, bins=10, reference_rows=1000, current_rows=500
    )


def test_equal_shares_by_the_two_proportion_test() -> None:
    """5 of 100 against 15 of 100: z = 2.357; nothing missing on either side: p = 1."""
    assert pytest.approx(0.01842, abs=1e-5) == share_p_value(5, 100, 15, 100)
    assert 1.0 == share_p_value(0, 100, 0, 50)
