"""Folds: rows a candidate is judged on, none of which it has seen."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.splits import CUSTOMER_FOLDS, by_customer, by_time
from pipelines.domain.training.folds import Fold, folds

FIRST = date(2026, 1, 1)
CUSTOMERS = 400


def _days(*offsets: int) -> list[date]:
    return [FIRST + timedelta(days=offset) for offset in offsets]


def _table(*offsets: int) -> pa.Table:
    return pa.table(
        {
            "as_of": [day for day in _days(*offsets) for _ in range(CUSTOMERS)],
            "customer_id": [f"c{number}" for _ in offsets for number in range(CUSTOMERS)],
        }
    )


def _every(table: pa.Table, number: int) -> np.ndarray:
    """Tell that every *number*-th leaves."""
    return np.arange(table.num_rows) % number == 0


def _divided(*offsets: int, leaves: int = 4, minimum: int = 50) -> tuple[pa.Table, list[Fold]]:
    """Return what is learned from, of snapshots and a last one to test on, and its folds."""
    table = _table(*offsets)
    split = by_time(_days(*offsets, offsets[-1] + 30), label_days=30, seed=1)
    found = folds(table, _every(table, leaves), split, label_days=30, minimum_churners=minimum)

    return table, found


def test_later_snapshots_are_judged_by_what_was_known_then() -> None:
    """A rolling origin: the four latest, each by all that were closed."""
    table, found = _divided(0, 30, 60, 90, 120, 150)
    as_ofs = table["as_of"].to_numpy().astype("datetime64[D]")

    assert 4 == len(found)
    for fold, origin in zip(found, _days(150, 120, 90, 60), strict=True):
        assert origin == fold.origin
        assert {np.datetime64(origin)} == {*as_ofs[fold.judged]}
        assert CUSTOMERS == len(fold.judged)
        assert as_ofs[fold.learned].max() == np.datetime64(origin) - 30
        assert as_ofs[fold.learned].min() == np.datetime64(FIRST)


def test_labels_that_were_open_are_not_learned_from() -> None:
    """Both edges: due on the day the origin begins is known, a day later is not."""
    table, (fold,) = _divided(0, 1, 31)
    as_ofs = table["as_of"].to_numpy().astype("datetime64[D]")

    assert {*np.array(_days(0, 1), "datetime64[D]")} == {*as_ofs[fold.learned]}
    _, (earlier,) = _divided(0, 1, 30)
    assert CUSTOMERS == len(earlier.learned)


@pytest.mark.parametrize(
    ("offsets", "leaves"),
    [((0,), 4), ((0, 29), 4), ((0, 30), 40)],
    ids=["one snapshot", "labels that overlap", "few churners"],
)
def test_where_time_cannot_divide_customers_do(offsets: tuple[int, ...], leaves: int) -> None:
    """Each in one fold, with all of their snapshots."""
    table, found = _divided(*offsets, leaves=leaves)
    ids = np.array(table["customer_id"].to_pylist())

    assert CUSTOMER_FOLDS == len(found)
    np.testing.assert_array_equal(
        np.arange(table.num_rows), np.sort(np.concatenate([fold.judged for fold in found]))
    )
    for fold in found:
        assert not {*ids[fold.learned]} & {*ids[fold.judged]}
        assert table.num_rows == len(fold.learned) + len(fold.judged)


def test_a_split_by_customer_has_folds_of_customers() -> None:
    """However many snapshots there are, and other folds than the test took its share from."""
    table = _table(0, 30, 60)
    split = by_customer(_days(0, 30, 60), seed=1)
    learn = table.filter(pa.array(split.rows(table, "learn")))
    found = folds(learn, _every(learn, 4), split, label_days=30, minimum_churners=50)

    assert [0.2] * CUSTOMER_FOLDS == pytest.approx(
        [len(fold.judged) / learn.num_rows for fold in found], abs=0.06
    )
