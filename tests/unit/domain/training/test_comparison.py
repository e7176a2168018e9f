"""Two models on the same customers: what is surely better, and what is surely worse."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipelines.domain.training import log_odds_line
from pipelines.domain.training.comparison import Comparison, Contest, compare
from pipelines.domain.training.evaluation import Estimate, auc

CUSTOMERS, SNAPSHOTS = 3000, 2
ROWS = CUSTOMERS * SNAPSHOTS
RANDOM = np.random.default_rng(11)
TRUE = RANDOM.normal(-2, 1.3, ROWS)
IS_CHURNED = RANDOM.random(ROWS) < 1 / (1 + np.exp(-TRUE))
SLICE = RANDOM.integers(0, 10, ROWS)


def told(noise: float, seed: int = 1) -> np.ndarray:
    """Return calibrated probabilities of a model that knows the odds up to some noise."""
    seen = TRUE + noise * np.random.default_rng(seed).normal(size=ROWS)
    shrunk = -2 + (seen + 2) * 1.3**2 / (1.3**2 + noise**2)

    return np.asarray(1 / (1 + np.exp(-shrunk)))


def compared(challenger: np.ndarray, champion: np.ndarray, **changes: Any) -> Comparison:
    """Compare two, on two snapshots of the same customers."""
    contest = {
        "is_churned": IS_CHURNED,
        "snapshot": np.repeat(np.arange(SNAPSHOTS), CUSTOMERS),
        "customer": np.tile(np.arange(CUSTOMERS), SNAPSHOTS),
        "slices": {f"plan = {number}": number == SLICE for number in range(10)},
        **changes,
    }

    return compare(
        Contest(challenger=challenger, champion=champion, **contest), resamples=50, seed=1
    )


def test_a_better_one_is_better() -> None:
    """In ranking, and nothing is worse."""
    found = compared(told(0.5), told(1.0))

    assert found.is_better
    assert 0 < found.auc.lower < found.auc.value < found.auc.upper
    assert found.log_loss.upper < 0
    assert ({}, 10) == (found.worse_slices, found.slices)
    assert "above 0" in str(found)
    assert "worse" not in str(found)


def test_the_same_one_is_not() -> None:
    """A difference of nothing is not above it."""
    found = compared(told(1.0), told(1.0))

    assert Estimate(0, 0, 0) == found.auc
    assert not found.is_better
    assert "not above 0" in str(found)


@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_ruined_calibration_is_not_better(factor: float) -> None:
    """However well it ranks, whether too sure or too timid."""
    odds = np.log(told(0.5) / (1 - told(0.5)))
    found = compared(1 / (1 + np.exp(-factor * odds)), told(1.0))

    assert found.auc.lower > 0
    assert found.miscalibration.lower > 0
    assert not found.is_better
    assert "calibration +" in str(found)


@pytest.mark.parametrize(("factor", "is_better"), [(1.04, True), (1.25, False)])
def test_a_slope_that_is_a_little_worse_is_no_fault(factor: float, is_better: bool) -> None:
    """However surely it is: beyond a twentieth it counts, here of a slope of exactly 1."""
    odds, champion = np.log(told(0.5) / (1 - told(0.5))), told(1.0)
    slopes = [
        log_odds_line.fitted(each, IS_CHURNED.astype(float))[0]
        for each in (odds, np.log(champion / (1 - champion)))
    ]
    straight = odds * slopes[0]
    champion = 1 / (1 + np.exp(-slopes[1] * np.log(champion / (1 - champion))))
    found = compared(1 / (1 + np.exp(-factor * straight)), champion, slices={})

    assert np.log(factor) == pytest.approx(found.miscalibration.value, abs=0.02)
    assert is_better == (not any("calibration" in fault for fault in found.faults))


def test_a_gain_that_is_surely_next_to_nothing_is_none() -> None:
    """What another seed gives as well; the words say from where on it would be one."""
    base = Comparison(Estimate(0.003, 0.0005, 0.006), *[Estimate(0, 0, 0)] * 2, {}, 0)

    assert (False, True) == (
        base.is_better,
        replace(base, auc=Estimate(0.003, 0.0011, 0.005)).is_better,
    )
    assert "not above 0.001" in str(base)


def test_a_ruined_slice_is_not_better() -> None:
    """It is named; no other one is."""
    ruined = told(0.2)
    rows = np.flatnonzero(SLICE == 3)
    ruined[rows] = np.random.default_rng(5).permutation(ruined[rows])
    found = compared(ruined, told(1.2))

    assert found.auc.lower > 0
    assert ["plan = 3"] == [*found.worse_slices]
    assert not found.is_better
    assert "log loss of plan = 3 +" in str(found)


def test_a_slice_of_a_few_is_not_looked_at() -> None:
    """29 churners say nothing; 30 do."""
    churners = np.flatnonzero(IS_CHURNED)
    for number, expected in ((29, 0), (30, 1)):
        is_in = ~IS_CHURNED
        is_in[churners[:number]] = True
        assert expected == compared(told(1), told(1), slices={"few": is_in}).slices


def test_rows_are_ranked_within_their_snapshot() -> None:
    """A model that says more of a later month knows no customer better."""
    probabilities = told(1.0)
    later = np.arange(ROWS) >= CUSTOMERS
    shifted = np.where(later, probabilities**0.5, probabilities)
    both = compared(shifted, probabilities, slices={})

    assert both.auc.value == pytest.approx(0, abs=1e-12)
    assert auc(IS_CHURNED, shifted) < auc(IS_CHURNED, probabilities)


def test_snapshots_in_which_all_did_the_same_rank_nobody() -> None:
    """One where everybody left and one where nobody did: no ranking is better."""
    later = np.arange(ROWS) >= CUSTOMERS
    found = compared(told(0.5), told(1.0), is_churned=later, slices={})

    assert (0.0, False) == (found.auc.value, found.is_better)


def test_a_customer_is_drawn_with_all_their_rows() -> None:
    """Rows twice over are no more evidence."""
    once = compared(
        *(each[:CUSTOMERS] for each in (told(0.9), told(1.0))),
        is_churned=IS_CHURNED[:CUSTOMERS],
        snapshot=np.zeros(CUSTOMERS, np.intp),
        customer=np.arange(CUSTOMERS),
        slices={},
    )
    twice = compared(
        *(np.tile(each[:CUSTOMERS], 2) for each in (told(0.9), told(1.0))),
        is_churned=np.tile(IS_CHURNED[:CUSTOMERS], 2),
        slices={},
    )

    assert once.auc.value == pytest.approx(twice.auc.value)
    assert once.auc.standard_error == pytest.approx(twice.auc.standard_error, rel=1e-6)


def test_many_faults_are_counted() -> None:
    """Three are named; the evidence has all of them."""
    found = compared(1 - told(1.0), told(1.0))

    assert "more" in str(found)
    assert 10 == len(found.to_dict()["worse_slices"])
