"""What rows are known by."""

import hashlib
from datetime import UTC, date, datetime

import pyarrow as pa

from pipelines.domain.imports import digests

COLUMNS = {
    "a": pa.array(["x", None, "", "1:x\x1f"]),
    "b": pa.array([1, None, 0, 1], pa.int64()),
    "c": pa.array([0.1, None, 0.0, 5e-324]),
    "d": pa.array([True, None, False, True]),
    "e": pa.array([date(2024, 1, 2), None, date(1970, 1, 1), date(1, 1, 1)]),
    "f": pa.array([datetime(2024, 1, 2, tzinfo=UTC), None, datetime(1970, 1, 1, tzinfo=UTC), None],
                  pa.timestamp("us", "UTC")),
}  # fmt: skip


def test_every_row_is_another() -> None:
    """Nothing is not an empty text, nor 0, nor false."""
    rows = digests.of_rows(COLUMNS)

    assert 4 == len({*rows})
    assert {32} == {len(row) for row in rows}


def test_it_is_the_same_tomorrow() -> None:
    """Another library, another version of one: rows that are there must be found again."""
    first = digests.of_rows({"b": pa.array([7]), "a": pa.array(["ä"]), "c": pa.array([0.1])})
    bits_of_a_tenth = 4591870180066957722

    assert [hashlib.sha256(f"2:ä\x1f7\x1f{bits_of_a_tenth}".encode()).digest()] == first


def test_the_order_of_columns_does_not_matter() -> None:
    """A declaration may be sorted anew."""
    assert digests.of_rows(COLUMNS) == digests.of_rows(dict(reversed(COLUMNS.items())))


def test_no_value_can_look_like_two() -> None:
    """Whatever stands between them."""
    pairs = [("a", "b"), ("a\x1f1:b", ""), ("", "a\x1f1:b"), ("1:a\x1f", "b"), ("", "")]
    columns = {"x": pa.array([x for x, _ in pairs]), "y": pa.array([y for _, y in pairs])}

    assert len(pairs) == len({*digests.of_rows(columns)})


def test_identical_rows_are_told_apart_by_their_number() -> None:
    """The first is known by its values alone."""
    (row,) = digests.of_rows({"a": pa.array(["x"])})

    assert row == digests.of_repetition(row, 1)
    assert 3 == len({digests.of_repetition(row, number) for number in (1, 2, 3)})
