"""Numbers in text, as spreadsheets of many countries write them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.domain.arrays import Vector
from pipelines.domain.columns.values import Counts

# What may stand beside a number without changing it; a minus sign of typesetters is one.
BESIDE = r"[\s€$£¥₹%']"
MINUS = "\u2212"


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


# In the order of preference where two read as many: `1,234` is a thousand and not one and a bit.
FORMATS = (
    NumberFormat("1234.5", r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"),
    NumberFormat("1,234.5", r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", group=","),
    NumberFormat("1.234,5", r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?", group=".", decimal=","),
)


def read(levels: pd.Series, counts: Counts) -> tuple[Vector, NumberFormat]:
    """
    Read *levels* as numbers in the one format most rows are written in.

    Args:
        levels: `(n_levels,)`, text.
        counts: `(n_levels,)`, rows of each.

    Returns:
        `(n_levels,)`, NaN where a level is no finite number in that format; and the format.
    """
    text = levels.str.replace(MINUS, "-").str.replace(BESIDE, "", regex=True)
    matches = [np.asarray(text.str.fullmatch(style.pattern), dtype=np.bool_) for style in FORMATS]
    rows = [int(counts[match].sum()) for match in matches]
    best = int(np.argmax(rows))
    style, match = FORMATS[best], matches[best]
    plain = text.where(match)
    if style.group:
        plain = plain.str.replace(style.group, "").str.replace(style.decimal, ".")
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)

    return np.where(np.isfinite(numbers), numbers, np.nan), style


def has_leading_zeros(levels: pd.Series) -> bool:
    """Tell whether a level is digits that begin with a needless 0: a code and no number."""
    return bool(levels.str.fullmatch(r"0\d+").any())
