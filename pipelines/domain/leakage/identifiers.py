"""Identifiers that were given by outcome: by their numbers, or by the letters before them."""

import numpy as np
import pandas as pd

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.columns.column import Column
from pipelines.domain.leakage.finding import Finding
from pipelines.domain.leakage.ranking import BINS, binned, out_of_fold_auc

# From here an identifier and the place of its row say the same.
SAME_ORDER = 0.9
COMMON_PREFIX = 0.001


def identifier(column: Column, rows: Flags, is_churned: Flags, *, bound: float) -> Finding | None:
    """
    Return the suspicion that an identifier was given by outcome.

    One that only numbers the rows of a table that is sorted by outcome was not.

    Args:
        column: Of which nearly every row has its own value.
        rows: `(n_rows,)`, which are looked at.
        is_churned: `(n_rows_looked_at,)`, with enough of both.
        bound: AUC from which it is suspect.
    """
    levels = column.values.levels.astype(str)
    numbers = _of_rows(column, _number(levels))[rows]
    by_number = _auc(numbers, is_churned)
    by_prefix = out_of_fold_auc(_prefixes(column, levels)[rows], is_churned)
    found = max(by_number, by_prefix)
    if found < bound or _is_place(numbers, is_churned):
        return None
    what = "its digits tell" if by_number >= by_prefix else "the letters it begins with tell"
    reason = f"is an identifier, and {what} who left (AUC {found:.2f}): given by outcome?"

    return Finding((column.name,), "id", reason, found)


def _number(levels: pd.Series) -> Vector:
    """Return the last digits of each text as a number, NaN where there are none."""
    digits = levels.str.extract(r"(\d{1,15})\D*$", expand=False)

    return pd.to_numeric(digits, errors="coerce").to_numpy(dtype=np.float64)


def _prefixes(column: Column, levels: pd.Series) -> np.ndarray:
    """Return `(n_rows,)`, a number for the letters each value begins with; rare ones are one."""
    letters = levels.str.extract(r"^([^\d]{0,8})", expand=False).fillna("")
    codes, _ = pd.factorize(letters)
    of_rows = np.append(codes, -1)[column.values.codes] + 1
    counts = np.bincount(of_rows)
    is_rare = counts < max(2.0, COMMON_PREFIX * len(of_rows))

    return np.where(is_rare[of_rows], 0, of_rows)


def _auc(numbers: Vector, is_churned: Flags) -> float:
    """Return how well bins of numbers tell who left; 0.5 of none."""
    is_known = ~np.isnan(numbers)
    if not is_known.any():
        return 0.5
    bins = np.zeros(len(numbers), dtype=np.intp)
    bins[is_known] = 1 + binned(numbers[is_known], BINS)

    return out_of_fold_auc(bins, is_churned)


def _is_place(numbers: Vector, is_churned: Flags) -> bool:
    """Tell whether numbers rise, or fall, with the rows of a table that is sorted by outcome."""
    is_known = ~np.isnan(numbers)
    if is_known.sum() < 2 or np.ptp(numbers[is_known]) == 0:
        return False
    places = np.flatnonzero(is_known)
    goes_with = pd.Series(numbers[is_known]).rank().corr(pd.Series(places).rank())
    is_sorted = (np.diff(is_churned.astype(np.int8)) != 0).sum() < is_churned.sum() / 2

    return bool(abs(goes_with) >= SAME_ORDER and is_sorted)


def _of_rows(column: Column, of_levels: Vector) -> Vector:
    """Return a number of each row; NaN where a row has none."""
    return np.append(of_levels, np.nan)[column.values.codes]
