"""Numbers in text, as spreadsheets of many countries write them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipelines.domain.arrays import Vector
from pipelines.domain.columns.values import Counts

# What may stand beside a number without changing it; a minus sign of typesetters is one.
BESIDE = r"[\s€$£¥₹%']"
MINUS = "\u2212"
DIGIT = "[0-9]"


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """
    How numbers are written.

    Attributes:
        name: An example.
        pattern: What a whole value looks like.
        group: Separates thousands; removed.
        decimal: Separates the fraction.
    """

    name: str
    pattern: str
    group: str = ""
    decimal: str = "."


# In the order of preference where two read as many: `1,234` is a thousand and not one and a bit,
# but no thousands begin with a 0, so that `0,812` is less than one.
FORMATS = (
    NumberFormat("1234.5", r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"),
    NumberFormat(
        "1,234.5",
        r"[+-]?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?",
        group=",",
    ),
    NumberFormat(
        "1.234,5",
        r"[+-]?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?",
        group=".",
        decimal=",",
    ),
)


BY_NAME = {style.name: style for style in FORMATS}


def read(levels: pd.Series, counts: Counts) -> tuple[Vector, NumberFormat]:
    """
    Read *levels* as numbers in the one format most rows are written in.

    Args:
        levels: `(n_levels,)`, text.
        counts: `(n_levels,)`, rows of each.

    Returns:
        `(n_levels,)`, NaN where a level is no finite number in that format; and the format.
    """
    text = _bare(levels)
    style, is_number, most = FORMATS[0], np.zeros(len(text), dtype=np.bool_), 0
    for each in FORMATS if text.str.contains(DIGIT).any() else ():
        marks = _matches(text, each)
        rows = int(counts[marks].sum())
        if rows > most:
            style, is_number, most = each, marks, rows
        if marks.all():
            break

    return _parsed(_plain(text, style, is_number)), style


def parsed(levels: pd.Series, style: NumberFormat) -> Vector:
    """
    Read *levels* as numbers of a known format.

    Args:
        levels: `(n_levels,)`, text.
        style: How they are written.

    Returns:
        `(n_levels,)`, NaN where a level is no finite number in that format.
    """
    return _parsed(plain(levels, style))


def plain(levels: pd.Series, style: NumberFormat) -> pd.Series:
    """Return numbers of a known format as `1234.5`; NA where a level is none."""
    text = _bare(levels)

    return _plain(text, style, _matches(text, style))


def _bare(levels: pd.Series) -> pd.Series:
    """Return *levels* without what may stand beside a number."""
    return levels.str.replace(MINUS, "-").str.replace(BESIDE, "", regex=True)


def _matches(text: pd.Series, style: NumberFormat) -> npt.NDArray[np.bool_]:
    """Tell which are numbers in *style*."""
    return np.asarray(text.str.fullmatch(style.pattern), dtype=np.bool_)


def _plain(text: pd.Series, style: NumberFormat, is_number: npt.NDArray[np.bool_]) -> pd.Series:
    """Return those that are numbers in *style* as `1234.5`."""
    known = text.where(is_number)
    if style.group:
        known = known.str.replace(style.group, "").str.replace(style.decimal, ".")

    return known.str.removeprefix("+")


def _parsed(text: pd.Series) -> Vector:
    """Return numbers, exact to the last bit as pandas' own are not; NaN where there is none."""
    numbers = pa.array(text, pa.string(), from_pandas=True).cast(pa.float64())
    values = numbers.to_numpy(zero_copy_only=False)

    return np.where(np.isfinite(values), values, np.nan)


def has_leading_zeros(levels: pd.Series) -> bool:
    """Tell whether a level is digits that begin with a needless 0: a code and no number."""
    return bool(levels.str.fullmatch(r"0\d+").any())
