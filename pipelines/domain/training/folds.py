"""Folds: every model that is judged while it is chosen is judged on rows it has not seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Flags
from pipelines.domain.features.splits import CUSTOMER_FOLDS, Split, fold_numbers

Rows = npt.NDArray[np.intp]

# At most so many snapshots are judged by earlier ones.
MOST_ORIGINS = 4
REPEATS = 2


@dataclass(frozen=True, slots=True)
class Fold:
    """
    Rows a model learns from and rows it is judged on, none in both.

    Attributes:
        learned: Positions, ascending.
        judged: Positions, ascending.
        origin: The snapshot that is judged; None where it is a share of the customers.
    """

    learned: Rows
    judged: Rows
    origin: date | None = None


def folds(
    table: pa.Table, is_churned: Flags, split: Split, *, label_days: int, minimum_churners: int
) -> list[Fold]:
    """
    Divide the rows to learn from.

    Where snapshots tell learning from test, a rolling origin (Tashman 2000): each of the latest
    snapshots is judged by what was known when it began. Where they do not, or too few churners are
    left to learn from, folds of customers, each customer in one of them.

    Args:
        table: `as_of` and `customer_id` of the rows to learn from. Not modified.
        is_churned: `(n_rows,)`.
        split: Where the rows come from.
        label_days: Gap and horizon together, after which it is known who of a snapshot left.
        minimum_churners: To learn from, and judged in all folds together.
    """
    if split.is_in_time:
        found = [*_in_time(table, is_churned, label_days, minimum_churners)]
        judged = sum(int(is_churned[fold.judged].sum()) for fold in found)
        if found and judged >= minimum_churners:
            return found

    return by_customer(table.column("customer_id"), split.seed)


def decided(folds: Sequence[Fold], is_churned: Flags) -> list[Fold]:
    """Return the folds that have both outcomes among what they judge: others rank nobody."""
    return [
        fold
        for fold in folds
        if is_churned[fold.judged].any() and not is_churned[fold.judged].all()
    ]


def apart(table: pa.Table, label_days: int) -> Flags:
    """
    Return which rows are of snapshots a label apart, the latest first: nobody leaves twice there.

    Args:
        table: `as_of` of the rows. Not modified.
        label_days: Gap and horizon together, after which it is known who of a snapshot left.
    """
    as_ofs = table.column("as_of").to_numpy().astype("datetime64[D]")
    taken: list[np.datetime64] = []
    for day in np.unique(as_ofs)[::-1]:
        if not taken or day + np.timedelta64(max(1, label_days), "D") <= taken[-1]:
            taken.append(day)

    return np.isin(as_ofs, taken)


def repeated(customer_ids: pa.Array | pa.ChunkedArray, seed: int) -> list[Fold]:
    """Divide rows into folds of customers REPEATS times over, each time otherwise."""
    return [fold for turn in range(REPEATS) for fold in by_customer(customer_ids, seed + 2 * turn)]


def by_customer(customer_ids: pa.Array | pa.ChunkedArray, seed: int) -> list[Fold]:
    """Divide rows into folds of customers that depend on nothing but id and seed."""
    number = fold_numbers(customer_ids, seed)

    return [
        Fold(np.flatnonzero(number != fold), np.flatnonzero(number == fold))
        for fold in range(CUSTOMER_FOLDS)
    ]


def _in_time(
    table: pa.Table, is_churned: Flags, label_days: int, minimum_churners: int
) -> Iterator[Fold]:
    """Yield the latest snapshots that earlier ones, closed by then, can be judged on."""
    as_ofs = table.column("as_of").to_numpy().astype("datetime64[D]")
    for origin in np.unique(as_ofs)[::-1][:MOST_ORIGINS]:
        # Who has left may be known on the day itself; that day is still another one.
        is_closed = as_ofs + np.timedelta64(max(1, label_days), "D") <= origin
        is_judged = as_ofs == origin
        outcomes = (is_churned[is_closed], is_churned[is_judged])
        least = (minimum_churners, 1)
        if all(min(o.sum(), (~o).sum()) >= n for o, n in zip(outcomes, least, strict=True)):
            yield Fold(np.flatnonzero(is_closed), np.flatnonzero(is_judged), origin.item())
