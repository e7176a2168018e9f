"""Cells of a sheet: the type that all of a column share, and their values in it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import pyarrow as pa

INSTANT = pa.timestamp("us")


def common_type(values: Iterable[object]) -> pa.DataType:
    """Return the type of a column that holds *values*; text where they are of several."""
    kinds = {_kind(value) for value in values if value != ""}
    if len(kinds) == 1:
        return kinds.pop()

    return pa.string()


def converted(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    """
    Return *values* in *kind*, NULL where a cell is empty.

    Raises:
        ValueError: A value is of another type.
    """
    if kind == pa.string():
        return pa.array([as_text(value) for value in values], kind)
    if wrong := sum(value != "" and _kind(value) != kind for value in values):
        raise ValueError(f"{wrong} values are not {kind}")
    if kind == INSTANT:
        return pa.array([_instant(value) for value in values], kind)

    return pa.array([None if value == "" else value for value in values], kind)


def as_text(value: object) -> str | None:
    """Return what people see in a cell, None where it is empty; 7.0 is 7, as sheets show it."""
    if value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ")

    return str(value)


def _kind(value: object) -> pa.DataType:
    """Return the type of one value."""
    if isinstance(value, bool):
        return pa.bool_()
    if isinstance(value, int | float):
        return pa.float64()
    if isinstance(value, date):
        return INSTANT

    return pa.string()


def _instant(value: object) -> datetime | None:
    """Return a date at its midnight."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  sheets know no zones

    return None
