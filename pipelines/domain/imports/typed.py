"""A column of a source, read as the type its declaration says."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.columns import dates, numbers
from pipelines.domain.columns.kinds import PAIRS
from pipelines.domain.columns.values import NOTHING, WHOLE_BELOW, as_text
from pipelines.domain.imports import plain
from pipelines.domain.imports.declared import CUSTOMER, ColumnType, DeclaredColumn

Marks = npt.NDArray[np.bool_]

INSTANT = pa.timestamp("us", tz="UTC")
TYPES: Mapping[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "instant": INSTANT,
}
NOUNS: Mapping[ColumnType, str] = {
    "text": "text that a database can hold",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "an answer such as yes or no",
    "date": "a date without a time of day",
    "instant": "a date or time",
}
ANSWERS = {answer: place == 0 for pair in PAIRS for place, answer in enumerate(pair)}
NAMELESS = pa.array(["", *sorted(NOTHING)])
# Numbers that need no reading.
PLAIN = r"^-?[0-9]{1,17}(?:\.[0-9]{1,17})?$"
WHOLE = r"^(?P<digits>-?[0-9]{1,18})(?:\.0*)?$"
# What Python and every client of a database can show.
FIRST, END = np.datetime64("0001-01-01", "us"), np.datetime64("10000-01-01", "us")
NOT_A_TIME = np.iinfo(np.int64).min
DAY_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Typed:
    """
    One column, read.

    Attributes:
        values: `(n_rows,)` of its type; NULL where there is nothing, and where it is bad.
        is_bad: `(n_rows,)`, where there is something that is no value of its type.
    """

    values: pa.Array
    is_bad: Marks


def read(column: DeclaredColumn, values: pa.Array) -> Typed:
    """
    Read *values* as *column* declares them.

    A source with types and one without, of the same table, give the same.

    Args:
        column: What they are, and what stands for nothing.
        values: `(n_rows,)`, text or any plain type. Not modified.

    Raises:
        pa.ArrowInvalid: Values of a nested or binary type, or times beyond every calendar.
        pa.ArrowNotImplementedError: The same, of other types.
    """
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    read_already = _of_types(column, values)
    if read_already is not None:
        if pa.types.is_floating(values.type):
            values = pc.if_else(pc.is_nan(values), None, values)
        known, is_nothing = read_already, values.is_null()
    else:
        encoded = as_text(values).dictionary_encode()
        levels = encoded.dictionary
        known = _of_text(column, levels).take(encoded.indices)
        is_missing = pc.is_in(pc.utf8_lower(levels), NAMELESS)
        if column.missing:
            is_missing = pc.or_(is_missing, pc.is_in(levels, pa.array(column.missing)))
        is_nothing = pc.fill_null(is_missing.take(encoded.indices), True)
    if (stand_ins := _stand_ins(column)) is not None:
        is_nothing = pc.or_(is_nothing, pc.is_in(known, stand_ins))
    known = pc.if_else(is_nothing, pa.scalar(None, known.type), known)

    return Typed(known, _mask(pc.and_(pc.invert(is_nothing), known.is_null())))


@functools.cache
def _stand_ins(column: DeclaredColumn) -> pa.Array | None:
    """Return the values that stand for nothing, in the column's type: 999.0 is 999."""
    if not column.missing or column.type == "text":
        return None

    return _of_text(column, pa.array(column.missing)).drop_null()


def _of_types(column: DeclaredColumn, values: pa.Array) -> pa.Array | None:
    """Return values whose source has types in the column's, NULL where that cannot be."""
    kind = values.type
    is_counted = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if is_counted and column.style == "epoch" and column.type in {"date", "instant"}:
        floats = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _times(column.type, dates.of_epoch(floats))
    if is_counted and column.style == "digits" and column.type in {"date", "instant"}:
        floats = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _times(column.type, dates.of_digits(floats))
    if is_counted and column.type in {"number", "integer"}:
        return _of_numbers(column.type, values)
    if column.type == "boolean" and pa.types.is_boolean(kind):
        return values
    if column.type in {"date", "instant"} and (
        pa.types.is_date(kind) or pa.types.is_timestamp(kind)
    ):
        is_finer = pa.types.is_timestamp(kind) and kind.unit == "ns"
        micros = values.cast(pa.timestamp("us", tz=getattr(kind, "tz", None)), safe=not is_finer)
        whole = micros.cast(pa.int64()).fill_null(NOT_A_TIME).to_numpy()
        return _times(column.type, np.asarray(whole, dtype=np.int64).view("datetime64[us]"))

    return None


def _of_numbers(kind: ColumnType, values: pa.Array) -> pa.Array:
    """Return numbers of any width as numbers or whole ones, NULL where they are none."""
    if kind == "integer" and pa.types.is_integer(values.type):
        return pc.if_else(_fits(values), values, None).cast(pa.int64())
    floats = values.cast(pa.float64(), safe=False)

    return _finite(floats) if kind == "number" else _whole(floats)


def _of_text(column: DeclaredColumn, levels: pa.Array) -> pa.Array:
    """Return texts as the column's type, NULL where they are none of it."""
    match column.type:
        case "text":
            if column.name == CUSTOMER and pc.any(pc.match_substring(levels, ".0")).as_py():
                # Where some are missing, programs write the whole numbers of a column as floats.
                levels = pc.replace_substring_regex(levels, r"^([0-9]+)\.0+$", r"\1")
            return pc.if_else(pc.match_substring(levels, "\0"), None, levels)
        case "boolean":
            lower = pc.utf8_lower(levels)
            return pa.array([ANSWERS.get(answer) for answer in lower.to_pylist()], pa.bool_())
        case "number" | "integer":
            return _numbers(column, levels)
        case "date" | "instant":
            order = cast(dates.Order, column.style or "year first")
            return _times(column.type, _parsed(levels, order))


def _parsed(levels: pa.Array, order: dates.Order) -> dates.Instants:
    """Return texts as times; most of a column are written in the one way that is read at once."""
    if order in {"epoch", "digits"}:
        return dates.parsed(_series(levels), order)
    instants, is_plain = plain.times(levels)
    if not is_plain.all():
        others = levels.filter(pa.array(~is_plain))
        instants[~is_plain] = dates.parsed(_series(others), order)

    return instants


def _numbers(column: DeclaredColumn, levels: pa.Array) -> pa.Array:
    """Return numbers in the column's style; whole ones to their last digit."""
    style = numbers.BY_NAME[column.style or numbers.FORMATS[0].name]
    texts = _digits(levels, style)
    floats = _finite(texts.cast(pa.float64()))
    if column.type == "number":
        return floats
    digits = pc.extract_regex(texts, WHOLE)
    exact = pc.if_else(digits.is_valid(), digits.field("digits"), None).cast(pa.int64())

    return pc.coalesce(exact, _whole(floats))


def _digits(levels: pa.Array, style: numbers.NumberFormat) -> pa.Array:
    """Return numbers of a style as `1234.5`, NULL where a text is none."""
    is_other = pa.repeat(True, len(levels))
    if style == numbers.FORMATS[0]:
        is_other = pc.invert(pc.match_substring_regex(levels, PLAIN))
    others = levels.filter(is_other)
    if not len(others):
        return levels
    read = pa.array(numbers.plain(_series(others), style), pa.string(), from_pandas=True)

    return pc.replace_with_mask(levels, is_other, read)


def _finite(floats: pa.Array) -> pa.Array:
    """Return numbers with NULL where they are none, and one zero for two."""
    return pc.add(pc.if_else(pc.is_finite(floats), floats, None), 0.0)


def _whole(floats: pa.Array) -> pa.Array:
    """Return whole numbers; NULL where they are none, or too large to be exact."""
    is_whole = pc.and_(pc.equal(floats, pc.floor(floats)), pc.less(pc.abs(floats), WHOLE_BELOW))

    return pc.if_else(is_whole, floats, None).cast(pa.int64())


def _fits(values: pa.Array) -> pa.Array:
    """Tell which whole numbers have a sign bit to spare."""
    if values.type != pa.uint64():
        return values.is_valid()

    return pc.less(values, pa.scalar(2**63, pa.uint64()))


def _times(kind: ColumnType, instants: dates.Instants) -> pa.Array:
    """Return times as dates or instants, NULL where there is none or a date has a time of day."""
    is_known = ~np.isnat(instants) & (instants >= FIRST) & (instants < END)
    micros = np.where(is_known, instants, np.datetime64(0, "us")).astype(np.int64)
    if kind == "instant":
        return pa.array(micros, INSTANT, mask=~is_known)
    days, clock = np.divmod(micros, DAY_MICROSECONDS)

    return pa.array(days.astype(np.int32), pa.date32(), mask=~(is_known & (clock == 0)))


def _series(levels: pa.Array) -> pd.Series:
    """Return texts as `domain.columns` takes them."""
    return pd.Series(levels.to_pandas(), dtype=str)


def _mask(values: pa.Array) -> Marks:
    """Return a boolean array without nulls as numpy's."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.bool_)
