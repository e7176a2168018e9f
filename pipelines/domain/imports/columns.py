"""One column of a file people bring: what it must hold, and its values read as that."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

ColumnKind = Literal["text", "code", "integer", "count", "number", "instant"]

TYPES: dict[ColumnKind, pa.DataType] = {
    "text": pa.string(),
    "code": pa.string(),
    "integer": pa.int32(),
    "count": pa.int64(),
    "number": pa.float64(),
    "instant": pa.timestamp("us", tz="UTC"),
}
NOUNS: dict[ColumnKind, str] = {
    "text": "text",
    "code": "codes",
    "integer": "whole numbers",
    "count": "whole numbers",
    "number": "numbers",
    "instant": "times (2010-12-01 08:26:00, or 12/1/2010 8:26 with the month first)",
}
WHOLE: dict[ColumnKind, str] = {"integer": r"^[+-]?[0-9]{1,9}$", "count": r"^[+-]?[0-9]{1,15}$"}
NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"
EXAMPLE_LENGTH = 40

# As the sources gate asks; PostgreSQL's indexes take no more than 2,704 bytes.
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class FileColumn:
    """
    What one column of a file must hold.

    Attributes:
        name: Its header in the file.
        target: Its name in the raw table.
        kind: text; code (text, where a spreadsheet's `17850.0` is `17850`); integer (32 bits);
            count (64 bits); number; instant (UTC where it names no zone).
        is_blank_legal: Whether values may be missing.
        blank_where_zero: Column that must be 0 wherever this one is blank, if it may be blank then.
        levels: The only legal values; empty means any.
        is_personal: Whether a value may identify someone, so that no message shows one.
        longest: Most characters a value may have; None means any number.
    """

    name: str
    target: str
    kind: ColumnKind
    is_blank_legal: bool = False
    blank_where_zero: str | None = None
    levels: tuple[str, ...] = ()
    is_personal: bool = False
    longest: int | None = None

    @property
    def noun(self) -> str:
        """What its values are, for people."""
        if self.levels:
            return " or ".join(self.levels)
        limit = f" of at most {self.longest} characters" if self.longest else ""

        return NOUNS[self.kind] + limit


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One column as its raw type, and what was wrong with it.

    Attributes:
        values: `(n_rows,)`; NULL where blank or bad.
        is_blank: `(n_rows,)`, where the file holds nothing.
        is_bad: `(n_rows,)`, where it holds something else than the column's kind or levels.
        text: `(n_rows,)`, what the file holds, for examples.
    """

    values: pa.Array
    is_blank: npt.NDArray[np.bool_]
    is_bad: npt.NDArray[np.bool_]
    text: pa.Array


def read(column: FileColumn, values: pa.ChunkedArray) -> Reading:
    """
    Read *values*, text or already typed, as the kind of *column*.

    Raises:
        pa.ArrowInvalid: Values of a nested or binary type.
        pa.ArrowNotImplementedError: The same, of other types.
    """
    whole = values.combine_chunks()
    if pa.types.is_floating(whole.type):
        whole = pc.if_else(pc.is_nan(whole), None, whole)
    text = pc.utf8_trim_whitespace(pc.cast(whole, pa.string()))
    text = pc.if_else(pc.equal(text, ""), None, text)
    parsed = _parse(column.kind, whole, text)
    if column.levels:
        parsed = pc.if_else(pc.is_in(text, pa.array(column.levels)), parsed, None)
    if column.longest:
        parsed = pc.if_else(pc.less_equal(pc.utf8_length(text), column.longest), parsed, None)

    is_blank = _mask(pc.is_null(text))
    return Reading(parsed, is_blank, _mask(pc.is_null(parsed)) & ~is_blank, text)


def _parse(kind: ColumnKind, values: pa.Array, text: pa.Array) -> pa.Array:
    """Return *values* as the type of *kind*, NULL where they are not of it."""
    match kind:
        case "text":
            return text
        case "code":
            return pc.replace_substring_regex(text, r"^([0-9]+)\.0+$", r"\1")
        case "integer" | "count":
            plain = pc.replace_substring_regex(text, r"\.0+$", "")
            return _cast_where(plain, WHOLE[kind], TYPES[kind])
        case "number":
            return _cast_where(text, NUMBER, TYPES[kind])
        case "instant":
            return _instants(values, text)


def _cast_where(text: pa.Array, pattern: str, kind: pa.DataType) -> pa.Array:
    """Cast what matches *pattern*; the rest is NULL. Arrow's cast knows no leading +."""
    legal = pc.if_else(pc.match_substring_regex(text, pattern), text, None)

    return pc.cast(pc.utf8_ltrim(legal, "+"), kind)


def _instants(values: pa.Array, text: pa.Array) -> pa.Array:
    """Read times; one that names no zone is UTC."""
    if pa.types.is_temporal(values.type):
        return pc.cast(values, TYPES["instant"], safe=False)

    strings = text.to_pandas()
    iso = strings.where(strings.str.match(r"\d{4}-\d{2}-\d{2}", na=False))
    instants = pd.to_datetime(iso, format="ISO8601", errors="coerce", utc=True)
    rest = instants.isna() & strings.notna()
    if rest.any():
        instants[rest] = pd.to_datetime(
            strings[rest], format="%m/%d/%Y %H:%M", errors="coerce", utc=True
        )

    naive = pa.array(instants.dt.tz_convert(None).to_numpy(), from_pandas=True)
    return naive.cast(TYPES["instant"], safe=False)


def _mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Return a boolean array without nulls as numpy's."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.bool_)
