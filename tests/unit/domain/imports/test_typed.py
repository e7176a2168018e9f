"""A column as its declaration says, whatever its source has made of it."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from pipelines.domain.imports import typed
from pipelines.domain.imports.declared import ColumnType, DeclaredColumn

NOON = datetime(2024, 2, 3, 12, tzinfo=UTC)
BAD = "bad"


def read(
    kind: ColumnType, values: pa.Array, *, style: str = "", missing: tuple[str, ...] = ()
) -> list[object]:
    """Return the values of a column as *kind*, with what is bad named."""
    found = typed.read(DeclaredColumn("x", "X", kind, style, missing), values)
    assert typed.TYPES[kind] == found.values.type

    return [
        BAD if is_bad else value
        for value, is_bad in zip(found.values.to_pylist(), found.is_bad, strict=True)
    ]


@pytest.mark.parametrize(
    ("kind", "style", "texts", "expected"),
    [
        ("text", "", [" a ", "", "N/A", None, "x\0"], ["a", None, None, None, BAD]),
        ("integer", "", ["7", "7.0", "7.5", "1e3", "+7", "x"], [7, 7, BAD, 1000, 7, BAD]),
        ("integer", "1,234.5", ["1,234", "12,34"], [1234, BAD]),
        ("integer", "", ["9007199254740993", "9" * 19], [9007199254740993, BAD]),
        ("number", "", ["7", "€ 1.5", "12%", "1,5", "1e400"], [7.0, 1.5, 12.0, BAD, BAD]),
        ("number", "1,234.5", ["1,234.5", "1.234,5"], [1234.5, BAD]),
        ("number", "1.234,5", ["1.234,5", "1,5"], [1234.5, 1.5]),
        ("number", "", ["0.1", "5e-324"], [0.1, 5e-324]),
        ("boolean", "", ["Yes", "no", "1", "NEIN", "2"], [True, False, True, False, BAD]),
        ("date", "day first", ["3.2.2024", "2024-02-03"], [date(2024, 2, 3)] * 2),
        ("date", "", ["2024-02-03 00:00", "2024-02-03 10:00"], [date(2024, 2, 3), BAD]),
        ("date", "", ["2024-02-30", "0001-01-01"], [BAD, date(1, 1, 1)]),
        ("instant", "", ["2024-02-03T14:00+02:00", "2024-02-03 12:00"], [NOON, NOON]),
        ("instant", "month first", ["2/3/2024 12:00 PM", "13/3/2024"], [NOON, BAD]),
        ("date", "digits", ["20240203", "20240203.0", "20240230"], [date(2024, 2, 3)] * 2 + [BAD]),
        ("instant", "epoch", ["1706961600", "1706961600000", "7"], [NOON, NOON, BAD]),
    ],
)  # fmt: skip
def test_text_is_read_in_its_style(
    kind: ColumnType, style: str, texts: list[str | None], expected: list[object]
) -> None:
    """And in no other; what is none of it is bad, and what says nothing is NULL."""
    assert expected == read(kind, pa.array(texts, pa.string()), style=style)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("text", pa.array([17850.0, math.nan, 12345678901.0, 1.5]), ["17850", None, "12345678901",
                                                                     "1.5"]),
        ("text", pa.array([7, None]), ["7", None]),
        ("text", pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        ("integer", pa.array([7.0, 7.5, math.nan, math.inf]), [7, BAD, None, BAD]),
        ("integer", pa.array([2**63, 7], pa.uint64()), [BAD, 7]),
        ("integer", pa.array([Decimal("7.00"), Decimal("7.50")]), [7, BAD]),
        ("integer", pa.array([True]), [BAD]),
        ("number", pa.array([7, None]), [7.0, None]),
        ("number", pa.array([math.inf, -0.0, math.nan]), [BAD, 0.0, None]),
        ("number", pa.array([Decimal("1.10")]), [1.1]),
        ("number", pa.array([1.5], pa.float32()), [1.5]),
        ("boolean", pa.array([True, None]), [True, None]),
        ("boolean", pa.array([1.0, 0.0, 2.0]), [True, False, BAD]),
        ("date", pa.array([date(2024, 2, 3), None]), [date(2024, 2, 3), None]),
        ("date", pa.array([NOON, NOON.replace(hour=0)]), [BAD, date(2024, 2, 3)]),
        ("instant", pa.array([NOON], pa.timestamp("ns", "Europe/Berlin")), [NOON]),
        ("instant", pa.array([date(2024, 2, 3)]), [datetime(2024, 2, 3, tzinfo=UTC)]),
        ("instant", pa.array([300_000_000], pa.timestamp("s")), [datetime(1979, 7, 5, 5, 20,
                                                                          tzinfo=UTC)]),
        ("instant", pa.array([400_000_000_000], pa.timestamp("s")), [BAD]),
        ("instant", pa.array([1, 2]), [BAD, BAD]),
        ("text", pa.nulls(2), [None, None]),
        ("instant", pa.nulls(1), [None]),
        ("number", pa.array([], pa.string()), []),
    ],
)  # fmt: skip
def test_a_type_is_taken_as_it_is(
    kind: ColumnType, values: pa.Array, expected: list[object]
) -> None:
    """Where it is that of the declaration; else it is read as it is written."""
    assert expected == read(kind, values)


@pytest.mark.parametrize(
    ("kind", "values", "missing", "expected"),
    [
        ("text", pa.array(["none of it", "x"]), ("x",), ["none of it", None]),
        ("number", pa.array(["-1", "-1.00", "2"]), ("-1",), [None, None, 2.0]),
        ("number", pa.array([-1.0, 2.0]), ("-1",), [None, 2.0]),
        ("integer", pa.array([999, 1]), ("-1", "999"), [None, 1]),
        ("integer", pa.array(["never", "1"]), ("never",), [None, 1]),
        ("date", pa.array([date(1900, 1, 1)]), ("1900-01-01",), [None]),
        ("date", pa.array(["1900/1/1"]), ("1900-01-01",), [None]),
        ("boolean", pa.array(["-1", "1"]), ("-1",), [None, True]),
    ],
)
def test_what_stands_for_nothing_is_nothing(
    kind: ColumnType, values: pa.Array, missing: tuple[str, ...], expected: list[object]
) -> None:
    """However it is written, and even if it is no value of the type."""
    assert expected == read(kind, values, missing=missing)


def test_the_whole_number_of_a_customer_has_no_point() -> None:
    """As a program writes it where others are missing; elsewhere a version 1.0 is one."""
    customer = DeclaredColumn("customer_id", "Id", "text")
    found = typed.read(customer, pa.array(["17850.0", "A1.0", "17850"]))

    assert ["17850", "A1.0", "17850"] == found.values.to_pylist()
    assert ["1.0"] == read("text", pa.array(["1.0"]))


def test_what_no_column_can_be_is_raised() -> None:
    """Values that are lists, and times beyond every calendar."""
    with pytest.raises((pa.ArrowInvalid, pa.ArrowNotImplementedError)):
        read("text", pa.array([[1]]))
    with pytest.raises(pa.ArrowInvalid):
        read("instant", pa.array([2**62], pa.timestamp("s")))


def test_digits_of_other_scripts_are_none_of_ours() -> None:
    """They are told as bad, and nothing stumbles over them."""
    assert [BAD, 3] == read("integer", pa.array(["\u0663", "3"]))
    assert [BAD] == read("number", pa.array(["\u0663.5"]))
    assert [BAD] == read("date", pa.array(["\u0662\u0660\u0662\u0664-01-01"]))


@pytest.mark.parametrize("kind", typed.TYPES)
@pytest.mark.parametrize("values", [[], [None, None], [""]])
def test_a_batch_without_a_value_is_read(kind: ColumnType, values: list[str | None]) -> None:
    """As those of a database may have it, whose columns are NULL for many rows."""
    assert [None] * len(values) == read(kind, pa.array(values, pa.string()))
