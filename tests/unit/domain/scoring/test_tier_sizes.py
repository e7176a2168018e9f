"""Tiers of so many customers."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.scoring.tier_bounds import UNKNOWN, TierBounds, keys_of
from pipelines.domain.scoring.tier_sizes import SizedTiers, bounds_of_list
from pipelines.domain.scoring.tiers import Size, TierPolicy
from tests.unit.domain.scoring.test_tier_bounds import BEFORE

ROWS = 2000
IDS = pa.array([f"C{number:04d}" for number in range(ROWS)])
SIZED = TierPolicy(
    {"medium": 0.3},
    {"low": "none", "medium": "mail", "high": "offer", "critical": "call"},
    sizes={"high": Size(percent=5.0), "critical": Size(customers=30)},
)
HELD = replace(SIZED, hold_log_odds=0.2)


def made(seed: int = 1, digits: int = 17) -> np.ndarray:
    """Return probabilities; with few digits many are the same."""
    return np.round(np.random.default_rng(seed).beta(1, 6, ROWS), digits)


def found(
    tiers: TierPolicy,
    probabilities: np.ndarray,
    was: np.ndarray | None = None,
    batch: int = ROWS,
) -> TierBounds:
    """Return the bounds of a list that comes in batches, as a night finds them."""
    sized = SizedTiers(tiers, len(probabilities), None if was is None else BEFORE)
    for begin in range(0, len(probabilities), batch):
        told, ids = probabilities[begin : begin + batch], IDS[begin : begin + batch]
        at = np.flatnonzero(sized.may_be_in(told))
        sized.add(
            told[at],
            ids.take(pa.array(at)),
            None if was is None else was[begin : begin + batch][at],
        )

    return sized.bounds


def sizes(codes: np.ndarray) -> list[int]:
    """Return how many are in each tier, the lowest first."""
    return np.bincount(codes, minlength=4).tolist()


@pytest.mark.parametrize("digits", [17, 2, 1, 0])
def test_a_tier_has_its_size_however_many_have_the_same(digits: int) -> None:
    """30, then 5 % of 2,000, then a threshold; even where all scores are equal."""
    probabilities = made(digits=digits)
    codes = found(SIZED, probabilities).cut(probabilities, IDS)

    assert [100, 30] == sizes(codes)[2:]
    assert probabilities[codes == 3].min() >= probabilities[codes == 2].max()
    assert probabilities[codes == 2].min() >= probabilities[codes == 1].max(initial=0)


@pytest.mark.parametrize("batch", [1, 7, 1999])
@pytest.mark.parametrize("digits", [17, 2])
def test_batches_do_not_matter(batch: int, digits: int) -> None:
    """Nor does the order of customers."""
    probabilities = made(digits=digits)
    was = np.random.default_rng(2).integers(UNKNOWN, 4, ROWS)

    assert found(SIZED, probabilities) == found(SIZED, probabilities, batch=batch)
    assert found(HELD, probabilities, was) == found(HELD, probabilities, was, batch=batch)


def test_it_holds_as_many_as_the_tiers_do_and_no_list() -> None:
    """Of customers who fall one by one, none is kept after the first 130 and one more."""
    falling = np.sort(made())[::-1]
    sized = SizedTiers(SIZED, ROWS)
    sized.add(falling[:131], IDS[:131])

    assert not sized.may_be_in(falling[131:]).any()
    assert sized.may_be_in(falling[:130]).all()


def test_ties_are_decided_by_nothing_of_the_customer() -> None:
    """The same ones every night, by a digest of their id and not by its order."""
    probabilities = np.full(ROWS, 0.2)
    codes = found(SIZED, probabilities).cut(probabilities, IDS)
    chosen = np.flatnonzero(codes == 3)

    assert 700 < np.mean(chosen) < 1300
    keys = keys_of(IDS)
    assert min(keys[codes == 3].tolist()) > max(keys[codes == 2].tolist())


def test_a_bound_names_no_customer() -> None:
    """It has no key where nobody ties, and else as many digits as tell two of those apart."""
    assert ["", ""] == [bound.key for bound in found(SIZED, made()).new[1:]]
    keys = [bound.key for bound in found(SIZED, np.full(ROWS, 0.2)).new[1:]]
    assert all(1 <= len(key) <= 8 for key in keys)


@pytest.mark.parametrize("seed", range(5))
def test_held_customers_keep_the_size(seed: int) -> None:
    """As exactly as nobody held, whoever was where."""
    probabilities = made(seed)
    was = np.random.default_rng(seed).integers(UNKNOWN, 4, ROWS)
    codes = found(HELD, probabilities, was).cut(probabilities, IDS, was)

    assert [100, 30] == sizes(codes)[2:]


def test_noise_moves_few_into_and_out_of_a_sized_tier() -> None:
    """Most who stood in a tier stay, where without a hold many of its edge would go."""
    odds = np.random.default_rng(3).normal(-2, 1, ROWS)
    shaken = odds + np.random.default_rng(4).normal(0, 0.05, ROWS)
    first, second = (1 / (1 + np.exp(-each)) for each in (odds, shaken))
    was = found(SIZED, first).cut(first, IDS)
    loose = found(SIZED, second).cut(second, IDS)
    held = found(HELD, second, was).cut(second, IDS, was)

    assert np.count_nonzero(loose != was) > 3 * np.count_nonzero(held != was)
    assert 0.01 > np.mean(held != was)


def test_a_list_that_is_too_small_is_all_in_the_highest_tier() -> None:
    """And of nobody every tier is empty."""
    few = np.array([0.1, 0.2, 0.3])
    assert [3, 3, 3] == found(SIZED, few).cut(few, IDS[:3]).tolist()

    nobody = np.empty(0)
    assert [] == found(SIZED, nobody).cut(nobody, IDS[:0]).tolist()


def test_of_rows_at_hand_as_many_are_in_a_tier() -> None:
    """Of several lists so many times the number; a share stays a share."""
    probabilities = made()

    assert [100, 30] == sizes(bounds_of_list(SIZED, probabilities).cut(probabilities))[2:]
    assert [100, 90] == sizes(bounds_of_list(SIZED, probabilities, 3).cut(probabilities))[2:]
    plain = TierPolicy({"high": 0.3}, {"low": "none", "high": "call"})
    assert TierBounds.of(plain) == bounds_of_list(plain, probabilities)


@pytest.mark.parametrize(
    ("size", "rows", "expected"),
    [
        (Size(customers=30), 20, 20),
        (Size(customers=30), 31, 30),
        (Size(percent=29.0), 100, 29),
        (Size(percent=5.0), 19, 0),
        (Size(percent=100.0), 7, 7),
    ],
)
def test_a_size_is_never_more_than_there_are(size: Size, rows: int, expected: int) -> None:
    """Shares are rounded down: what is done for a tier is never exceeded."""
    assert expected == size.of(rows)


@pytest.mark.parametrize(
    ("sizes", "hold", "fault"),
    [
        ({"high": Size()}, 0.0, "high has to have either customers or percent"),
        ({"high": Size(3, 5.0)}, 0.0, "high has to have either customers or percent"),
        ({"high": Size(0)}, 0.0, "high has customers = 0, and it takes 1 at least"),
        ({"high": Size(percent=101.0)}, 0.0, "high has percent = 101, and that has to be above 0"),
        ({"high": Size(percent=float("nan"))}, 0.0, "high has percent = nan"),
        ({"severe": Size(3)}, 0.0, "severe has a size and no action"),
        ({"high": Size(3)}, -0.1, "hold_log_odds is -0.1 and has to be at least 0 and at most 2"),
    ],
)
def test_sizes_that_are_none_are_refused(sizes: dict[str, Size], hold: float, fault: str) -> None:
    """By name, with what is legal."""
    actions = {"low": "none", "high": "call"}
    with pytest.raises(ValueError, match=fault):
        TierPolicy({}, actions, sizes=sizes, hold_log_odds=hold)
