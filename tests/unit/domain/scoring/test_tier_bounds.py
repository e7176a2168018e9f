"""Where tiers begin, and who is held where they were."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.tier_bounds import (
    NOBODY,
    UNKNOWN,
    Bound,
    TierBounds,
    keys_of,
    log_odds,
    shifted,
)
from pipelines.domain.scoring.tiers import TierPolicy

TIERS = TierPolicy(
    {"medium": 0.3, "high": 0.6, "critical": 0.8},
    {"low": "none", "medium": "mail", "high": "offer", "critical": "call"},
)
HELD = replace(TIERS, hold_log_odds=0.1)
BEFORE = ScoreRun(
    run_id=7,
    population="subscribers",
    as_of=date(2026, 6, 29),
    status="published",
    model_name="churn-subscribers",
    model_version=1,
    contract_fingerprint="abcdef012345",
    rows=3,
    scores_hash="h",
    reason=None,
    created_at=datetime(2026, 6, 29, tzinfo=UTC),
    published_at=None,
)


def odds_apart(threshold: float, *by: float) -> np.ndarray:
    """Return probabilities so far from *threshold*, in log-odds."""
    return np.array([shifted(threshold, each) for each in by])


def test_without_a_list_before_nobody_is_held() -> None:
    """Nor where nobody is to be, and then no list is on record."""
    expected = TierBounds.of(TIERS)

    assert expected == TierBounds.of(HELD)
    assert expected == TierBounds.of(TIERS, BEFORE)
    assert (None, None) == (expected.before_run_id, expected.before_date)
    assert expected.new == expected.up == expected.stay


@pytest.mark.parametrize("digits", [1, 17])
def test_thresholds_alone_cut_as_they_did(digits: int) -> None:
    """As a search among the ascending thresholds does, from the right."""
    probabilities = np.round(np.random.default_rng(9).random(5000), digits)
    expected = np.searchsorted([0.3, 0.6, 0.8], probabilities, side="right")

    assert expected.tolist() == TierBounds.of(TIERS).cut(probabilities).tolist()


def test_who_is_near_a_threshold_stays_on_the_side_they_were() -> None:
    """Within 0.1 of log-odds; beyond, and unknown, the threshold decides."""
    bounds = TierBounds.of(HELD, BEFORE)
    near = odds_apart(0.6, -0.11, -0.09, 0.0, 0.09, 0.11)

    def cut(was: int) -> list[int]:
        return bounds.cut(near, None, np.full(5, was, dtype=np.intp)).tolist()

    assert [1, 1, 2, 2, 2] == cut(UNKNOWN) == bounds.cut(near).tolist()
    assert [1, 1, 1, 1, 2] == cut(1) == cut(0)
    assert [1, 2, 2, 2, 2] == cut(2) == cut(3)
    assert (7, date(2026, 6, 29)) == (bounds.before_run_id, bounds.before_date)


@pytest.mark.parametrize("was", [UNKNOWN, 0, 1, 2, 3])
def test_a_tier_is_at_most_what_it_would_be_a_little_higher_and_at_least_a_little_lower(
    was: int,
) -> None:
    """Held customers are never moved: of all tiers within reach they are in that they had."""
    probabilities = np.random.default_rng(1).random(5000)
    bounds, everywhere = TierBounds.of(HELD, BEFORE), np.full(5000, was, dtype=np.intp)
    lower, higher = (
        TierBounds.of(TIERS).cut(1 / (1 + np.exp(-(log_odds(probabilities) + by))))
        for by in (-0.1, 0.1)
    )
    found = bounds.cut(probabilities, None, everywhere)
    expected = (
        TierBounds.of(TIERS).cut(probabilities)
        if was == UNKNOWN
        else np.clip(everywhere, lower, higher)
    )

    assert expected.tolist() == found.tolist()


def test_noise_moves_few() -> None:
    """A score that shakes by 0.02 moves more than 1 in 200 without a hold, and nobody with one."""
    random = np.random.default_rng(5)
    odds = random.normal(-0.5, 1.2, 50_000)
    again = odds + random.normal(0, 0.02, 50_000)
    first, second = (1 / (1 + np.exp(-each)) for each in (odds, again))
    was = TierBounds.of(TIERS).cut(first)
    loose, held = (
        TierBounds.of(TIERS).cut(second),
        TierBounds.of(HELD, BEFORE).cut(second, None, was),
    )

    assert 0.005 < np.mean(loose != was)
    assert 0.0001 > np.mean(held != was)


def test_only_those_near_a_bound_are_asked_about() -> None:
    """Whoever is not has the same tier wherever they were."""
    probabilities = np.array([0.05, *odds_apart(0.3, -0.05, 0.05, 0.2), 0.5, 0.79, 0.99])
    ids = pa.array([f"C{number}" for number in range(len(probabilities))])
    bounds = TierBounds.of(HELD, BEFORE)

    asked = [False, True, True, False, False, True, False]
    assert asked == bounds.is_undecided(probabilities, ids).tolist()
    assert not TierBounds.of(TIERS).is_undecided(probabilities, ids).any()


def test_where_many_have_as_much_the_key_decides() -> None:
    """Nobody reaches it without a key that is high enough; who has more always does."""
    ids = pa.array(["C1", "C2", "C3", "C4"])
    first, *_, last = sorted(hashlib.md5(f"C{n}".encode()).hexdigest() for n in (1, 2, 3))
    probabilities = np.array([0.5, 0.5, 0.5, 0.51])

    assert [True] * 4 == Bound(0.5, first).reached(probabilities, ids).tolist()
    assert 2 == Bound(0.5, last).reached(probabilities, ids).sum()
    assert Bound(0.5, last).reached(probabilities, ids)[3]
    assert not NOBODY.reached(np.array([1.0]), ids[:1]).any()
    assert hashlib.md5("Ü".encode()).hexdigest().encode() == keys_of(pa.array(["Ü"]))[0]


def test_bounds_are_read_as_they_were_written() -> None:
    """To the last digit of a double, through JSON."""
    bounds = replace(TierBounds.of(HELD, BEFORE), new=(Bound(0.1 + 0.2, "ab"), *[NOBODY] * 2))

    assert bounds == TierBounds.from_dict(json.loads(json.dumps(bounds.to_dict())))
    assert TierBounds.of(TIERS) == TierBounds.from_dict(TierBounds.of(TIERS).to_dict())


def test_the_threshold_of_a_tier_is_where_one_above_begins_if_that_is_lower() -> None:
    """A tier that is sized may reach below the threshold of one below it."""
    bounds = replace(TierBounds.of(TIERS), new=(Bound(0.3), Bound(0.6), Bound(0.2)))

    assert [0.2, 0.2, 0.2] == [bounds.threshold(name) for name in TIERS.names[1:]]
    assert 0.6 == TierBounds.of(TIERS).threshold("high")
    assert [0, 3, 3] == bounds.cut(np.array([0.1, 0.25, 0.7])).tolist()
