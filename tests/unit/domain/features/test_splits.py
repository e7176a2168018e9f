"""Who a model learns from, and who it is judged on."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.splits import (
    Split,
    by_customer,
    by_time,
    choose_snapshots,
    customer_shares,
)
from pipelines.errors import NotEnoughLabels

FIRST = date(2026, 1, 1)


def _days(*offsets: int) -> list[date]:
    return [FIRST + timedelta(days=offset) for offset in offsets]


def _table(days: list[date], customers: int = 500) -> pa.Table:
    return pa.table(
        {
            "as_of": [day for day in days for _ in range(customers)],
            "customer_id": [f"c{number}" for _ in days for number in range(customers)],
        }
    )


def test_snapshots_are_chosen_from_the_latest_backwards() -> None:
    """Of nightly snapshots every thirtieth, counted from the latest."""
    nightly = _days(*range(100))

    actual = choose_snapshots(nightly, every_days=30, count=3, label_days=30)

    assert _days(39, 69, 99) == actual


@pytest.mark.parametrize(("offset", "is_chosen"), [(70, True), (71, False)])
def test_no_label_learned_from_is_open_when_the_test_begins(offset: int, is_chosen: bool) -> None:
    """Both edges of the embargo: labels due on the day of the test are known."""
    actual = choose_snapshots(_days(offset, 100), every_days=7, count=5, label_days=30)

    assert is_chosen == (_days(offset)[0] in actual)


def test_the_latest_snapshot_tests_and_the_others_are_learned_from() -> None:
    """Snapshots as far apart as the label is long divide in time alone."""
    actual = by_time(_days(0, 30, 60, 90), label_days=30, seed=1)

    assert Split(tuple(_days(0, 30, 60)), tuple(_days(90)), 1) == actual
    assert actual.is_in_time


@pytest.mark.parametrize(
    ("churners", "learn", "test"),
    [
        # Two of 30 days are enough to test on; between them nothing overlaps.
        ([60, 60, 60, 60, 60, 60, 30, 30], [0, 30, 60, 90, 120, 150], [180, 210]),
        ([20, 9, 9, 9, 30, 30, 30, 60], [0, 30, 60, 90, 120, 150, 180], [210]),
        # However few there are, something is left to learn from; the set is refused then.
        ([1, 1, 1, 1, 1, 1, 1, 1], [0], [30, 60, 90, 120, 150, 180, 210]),
    ],
)
def test_the_test_takes_as_many_snapshots_as_have_enough_churners(
    churners: list[int], learn: list[int], test: list[int]
) -> None:
    """The latest first, and never two whose labels overlap."""
    days = _days(*range(0, 240, 30))
    known = dict(zip(days, churners, strict=True))
    actual = by_time(days, label_days=30, seed=1, churners=known, minimum_churners=50)

    assert Split(tuple(_days(*learn)), tuple(_days(*test)), 1) == actual


def test_snapshots_of_the_test_do_not_overlap() -> None:
    """A label of 30 days every 10: of three that overlap one counts."""
    days = _days(*range(0, 200, 10))
    known = dict.fromkeys(days, 30)
    actual = by_time(days, label_days=30, seed=1, churners=known, minimum_churners=50)

    assert tuple(_days(160, 190)) == actual.test
    assert tuple(_days(*range(0, 140, 10))) == actual.learn


def test_customers_divide_one_snapshot_into_two() -> None:
    """Every row has exactly one part, in shares of 80 and 20 %."""
    split = by_customer(_days(0), seed=1)
    table = _table(_days(0), customers=5000)
    masks = [split.rows(table, part) for part in ("learn", "test")]

    assert not split.is_in_time
    np.testing.assert_array_equal(1, np.sum(masks, axis=0))
    np.testing.assert_allclose([0.8, 0.2], [mask.mean() for mask in masks], atol=0.03)


def test_a_customer_keeps_their_role() -> None:
    """It depends on id and seed alone, not on who else is there."""
    few, many = _table(_days(0), 10), _table(_days(0), 1000)
    shares = customer_shares(many["customer_id"], 1)

    np.testing.assert_array_equal(shares[:10], customer_shares(few["customer_id"], 1))
    assert (shares != customer_shares(many["customer_id"], 2)).mean() > 0.99


@pytest.mark.parametrize("days", [[], _days(0)])
def test_too_few_snapshots_are_refused(days: list[date]) -> None:
    """With the number there are and the command that makes more."""
    with pytest.raises(NotEnoughLabels, match=f"{len(days)} snapshots") as refused:
        by_time(days, label_days=30, seed=1)

    assert "churn backfill" in refused.value.next_step


def test_roles_survive_json() -> None:
    """What is read is what was written."""
    split = by_time(_days(0, 30, 60), label_days=30, seed=7)

    assert split == Split.from_dict(split.to_dict())


def test_roles_of_before_are_read() -> None:
    """What a model fitted and calibrated on it has learned from."""
    days = [day.isoformat() for day in _days(0, 30, 60)]
    before = {"fit": days[:1], "calibrate": days[1:2], "test": days[2:], "seed": 7}

    assert by_time(_days(0, 30, 60), label_days=30, seed=7) == Split.from_dict(before)
