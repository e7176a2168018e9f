"""Bounds that may be looked at daily: how often they are wrong, and that they find a difference."""

import math

import numpy as np
import pytest
from scipy import stats

from pipelines.domain.serving.sequential import Always, always, brier_differences, share_differences

ALPHA = 0.05


def worlds(count: int, rows: int, edge: float = 0.0) -> np.ndarray:
    """Return differences of Brier losses of two models with errors of one kind, a world a row."""
    random = np.random.default_rng(20261130)
    truth = random.beta(2, 6, (count, rows))
    is_churned = random.random((count, rows)) < truth
    champion = np.clip(truth + random.normal(0, 0.10, truth.shape), 0.001, 0.999)
    challenger = np.clip(truth + random.normal(0, 0.10 - edge, truth.shape), 0.001, 0.999)

    return np.stack(
        [brier_differences(*each) for each in zip(is_churned, champion, challenger, strict=True)]
    )


def is_alarm(found: Always) -> bool:
    """Tell whether bounds say that equal models differ, or contradict themselves."""
    return found.lower > 0 or found.upper < 0 or found.is_contradictory


def false_alarms(worlds: np.ndarray, most: float) -> float:
    """Return the share of worlds in which one of the looks says there is a difference.

    Bounds are those of all rows until then, so a look sees what any before it would have seen.
    """
    looks = range(100, worlds.shape[1] + 1, 100)
    found = [[always(world[:rows], most=most, alpha=ALPHA) for rows in looks] for world in worlds]

    return float(np.mean([any(map(is_alarm, of)) for of in found]))


@pytest.mark.simulation
def test_looking_after_every_row_raises_no_more_false_alarms_than_promised() -> None:
    """Of models that are equal; a t-test that is looked at as often is wrong far more often."""
    drawn = worlds(300, 1500)
    number = np.arange(1, 1501)
    means = np.cumsum(drawn, axis=1) / number
    deviations = np.sqrt(np.cumsum(drawn**2, axis=1) / number - means**2)
    late = slice(50, None)
    peeked = np.abs(means[:, late]) > (
        stats.norm.ppf(1 - ALPHA / 2) * deviations[:, late] / np.sqrt(number[late])
    )

    assert 0.20 < peeked.any(axis=1).mean()
    assert ALPHA >= false_alarms(drawn, 1.0)


@pytest.mark.simulation
def test_shares_raise_no_more_false_alarms_either() -> None:
    """With few customers in one share, and losses that are 0 or 1."""
    random = np.random.default_rng(7)
    drawn = [
        share_differences(
            (random.random(1500) < 0.2).astype(float), random.random(1500) < 0.1, share=0.1
        )
        for _ in range(300)
    ]

    assert ALPHA >= false_alarms(np.stack(drawn), 10.0)


@pytest.mark.parametrize("mean", [-0.9, -0.3, 0.0, 0.02, 0.95])
def test_the_mean_is_missed_at_most_as_often_as_promised(mean: float) -> None:
    """Whatever it is, of rows that are as far apart as can be."""
    random = np.random.default_rng(11)
    missed = 0
    for _ in range(200):
        rows = np.where(random.random(800) < (mean + 1) / 2, 1.0, -1.0)
        found = always(rows, most=1.0, alpha=ALPHA)
        missed += found.is_contradictory or not found.lower <= mean <= found.upper

    assert ALPHA * 200 >= missed


def test_a_better_model_is_found() -> None:
    """Of few thousand customers, and the worse of two is told to be worse."""
    (world,) = worlds(1, 6000, edge=0.08)
    found = always(world, most=1.0, alpha=ALPHA)

    assert found.upper < 0
    assert found.lower < found.estimate < found.upper
    assert always(-world, most=1.0, alpha=ALPHA).lower > 0
    assert 6000 == found.rows


def test_bounds_only_ever_close() -> None:
    """What was said yesterday is not taken back today."""
    (world,) = worlds(1, 2000)
    widths = [
        (each.lower, each.upper)
        for each in (always(world[:rows], most=1.0, alpha=ALPHA) for rows in range(0, 2001, 250))
    ]

    lower, upper = zip(*widths, strict=True)
    assert [*lower] == sorted(lower)
    assert [*upper] == sorted(upper, reverse=True)
    assert (-1.0, 1.0) == widths[0]


def test_the_formula_is_the_one_that_was_published() -> None:
    """Written out row by row, as theorem 2 has it."""
    rows = np.tile([0.2, -0.1, 0.3, 0.1, -0.2, 0.9], 40)
    scaled, threshold = (rows + 1) / 2, math.log(2 / ALPHA)
    mean, squares, total, stake, won, paid = 0.5, 0.25, 0.5, 0.0, 0.0, 0.0
    lows, highs = [], []
    for number, row in enumerate(scaled, 1):
        variance = squares / number
        bet = min(math.sqrt(2 * threshold / (variance * number * math.log(1 + number))), 0.5)
        paid += 4 * (row - mean) ** 2 * (-math.log(1 - bet) - bet) / 4
        stake, won = stake + bet, won + bet * row
        total += row
        mean = total / (number + 1)
        squares += (row - mean) ** 2
        lows.append(won / stake - (threshold + paid) / stake)
        highs.append(won / stake + (threshold + paid) / stake)
    found = always(rows, most=1.0, alpha=ALPHA)

    assert -0.5 < found.lower < found.upper < 0.5
    assert pytest.approx(2 * max(lows) - 1) == found.lower
    assert pytest.approx(2 * min(highs) - 1) == found.upper


def test_the_mean_of_share_differences_is_the_difference() -> None:
    """Whatever the share."""
    random = np.random.default_rng(3)
    is_challenger = random.random(200_000) < 0.2
    losses = np.where(is_challenger, random.random(200_000) < 0.30, random.random(200_000) < 0.25)
    rows = share_differences(losses.astype(float), is_challenger, share=0.2)

    assert pytest.approx(0.05, abs=0.01) == rows.mean()
    assert 5.0 >= np.abs(rows).max()


@pytest.mark.parametrize("row", [1.5, float("nan"), float("-inf")])
def test_a_difference_that_cannot_be_is_refused(row: float) -> None:
    """Bounds of it would be none."""
    with pytest.raises(ValueError, match="between -1 and 1"):
        always(np.array([0.1, row]), most=1.0, alpha=ALPHA)
