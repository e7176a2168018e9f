"""Columns that hold the churn rate of their own rows: means of the label by group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.leakage.finding import Finding
from pipelines.domain.leakage.told import Codes, Told

# With fewer values a line through their rates is no surprise.
LEAST_VALUES = 5
# From here on a rate may have been pulled towards the mean, by the number of its rows.
MANY_VALUES = 20
# Mean of chi-squared a value: 1 is what chance makes of a rate that was known before.
CLOSE = 0.4
# That it is so low by luck.
BY_LUCK = 1e-5
SURELY = 4.0
# Rows of a value times the variance of an outcome; of less, chance says too little.
LEAST_VARIANCE = 0.25
# Correlation with the mean of the other rows of a group.
THE_SAME = 0.999
# A few rows lie on a line by chance, and a rate is told of all rows of its group, but for mistakes.
LEAST_ROWS = 30
LEAST_SHARE = 0.5
SCREENED_ROWS = 2_000


@dataclass(frozen=True)
class Grouping:
    """
    A column as groups of rows.

    Attributes:
        codes: `(n_rows,)`, the group of each row, from 0; -1 where it has none.
        others: `(n_rows,)`, the share of the other rows of its group that left; NaN where there is
            none.
        screened: Positions of rows, of as many whole groups as fit.
    """

    codes: Codes
    others: Vector
    screened: Codes

    @classmethod
    def of(cls, codes: Codes, is_churned: Flags) -> Self:
        """Return the groups of a column."""
        is_known = codes >= 0
        rows = np.append(np.bincount(codes[is_known]), 0)[codes]
        left = np.append(np.bincount(codes[is_known], is_churned[is_known]), 0)[codes]
        others = np.full(len(codes), np.nan)
        np.divide(left - is_churned, rows - 1, out=others, where=rows > 1)
        order = np.argsort(codes, kind="stable")[(~is_known).sum() :]

        return cls(codes, others, order[:SCREENED_ROWS])


def own_rates(columns: Sequence[Told], is_churned: Flags) -> dict[str, Finding]:
    """
    Return the suspicion, by column, that it was computed from the outcomes of its own rows.

    A score or rate that was there before is right on average, and off by chance: among the rows of
    one value the share who left scatters around it as draws of a binomial do, so that Pearson's
    chi-squared is about one a value. A mean of the label by group is not off at all.

    Args:
        columns: Of one table.
        is_churned: `(n_rows,)`, with enough of both.
    """
    found = {}
    most = len(is_churned) / 2
    groups = {
        each.name: Grouping.of(each.codes, is_churned)
        for each in columns
        if LEAST_VALUES <= each.codes.max() + 1 <= most
    }
    for told in columns:
        if told.measures is None:
            continue
        is_known = ~np.isnan(told.measures)
        values, place = np.unique(told.measures[is_known], return_inverse=True)
        if not LEAST_VALUES <= len(values) <= most:
            continue
        shares = (
            _distance(place, told.measures[is_known], is_churned[is_known]),
            *(
                _by_group(group, told.measures, is_churned)
                for name, group in groups.items()
                if name != told.name and _may_be(group, told.measures)
            ),
        )
        share = min((share for share in shares if share is not None), default=None)
        if share is not None:
            reason = (
                "is the churn rate of the very rows it stands in: it differs from that by "
                f"{share:.0%} of what chance makes of a rate known before"
            )
            found[told.name] = Finding((told.name,), "rates", reason)

    return found


def _may_be(group: Grouping, numbers: Vector) -> bool:
    """Tell, by few rows, whether numbers may be rates of groups, with or without the row itself."""
    rows = group.screened[~np.isnan(numbers[group.screened])]
    if len(rows) < LEAST_ROWS:
        return False
    codes, taken = group.codes[rows], numbers[rows]

    return _is_one_each(codes, taken) or _is_same(taken, group.others[rows])


def _by_group(group: Grouping, numbers: Vector, is_churned: Flags) -> float | None:
    """Return how close numbers are to the churn rates of groups; None where they are not."""
    is_grouped = group.codes >= 0
    rows = np.flatnonzero(is_grouped & ~np.isnan(numbers))
    if len(rows) < LEAST_SHARE * is_grouped.sum():
        return None
    codes, taken = group.codes[rows], numbers[rows]
    if _is_one_each(codes, taken):
        return _distance(codes, taken, is_churned[rows])

    return 0.0 if _is_same(taken, group.others[rows]) else None


def _is_same(numbers: Vector, others: Vector) -> bool:
    """Tell whether numbers are, in whatever unit, what other rows of a group did."""
    is_known = ~np.isnan(others)
    taken, share = numbers[is_known], others[is_known]
    if len(taken) < LEAST_ROWS or min(np.ptp(taken), np.ptp(share)) == 0:
        return False

    return bool(np.corrcoef(taken, share)[0, 1] >= THE_SAME)


def _is_one_each(group: Codes, number: Vector) -> bool:
    """Tell whether every row of a group has the same number."""
    order = np.argsort(group, kind="stable")
    is_same = np.diff(group[order]) == 0

    return not (np.diff(number[order])[is_same] != 0).any()


def _distance(group: Codes, number: Vector, is_churned: Flags) -> float | None:
    """
    Return how far numbers are from the churn rates of groups, as a share of what chance makes.

    Args:
        group: `(n_rows,)`, from 0.
        number: `(n_rows,)`, the same in all rows of a group.
        is_churned: `(n_rows,)`.

    Returns:
        None where chance may have made it.
    """
    base = float(is_churned.mean())
    rows = np.bincount(group).astype(np.float64)
    left = np.bincount(group, is_churned)
    is_enough = (rows >= 2) & (rows * base * (1 - base) >= LEAST_VARIANCE)
    if is_enough.sum() < LEAST_VALUES or rows[is_enough].sum() < len(group) / 2:
        return None
    count = rows[is_enough]
    found = left[is_enough] / count
    values = (np.bincount(group, number) / np.maximum(rows, 1))[is_enough]
    scatter = ((found - base) ** 2 * count).sum() / (base * (1 - base)) / len(found)
    if scatter <= 1:
        return None
    for terms in _terms(values, count):
        expected = _fitted(terms, count, found)
        chance = np.clip(expected, 0.5 / count, 1 - 0.5 / count)
        variance = chance * (1 - chance)
        squares = float(((found - expected) ** 2 * count / variance).sum())
        freedom = len(found) - terms.shape[1]
        # Of a squared standardised binomial.
        spread = float(np.sqrt((2 + np.maximum(0, 1 - 6 * variance) / (count * variance)).sum()))
        if _is_close(squares / freedom, freedom, spread):
            return float(np.sqrt(squares / freedom))

    return None


def _is_close(ratio: float, freedom: int, spread: float) -> bool:
    """
    Tell whether rates are closer than chance lets them be.

    The lower tail of chi-squared is at most (r exp(1 - r))^(freedom / 2) (Chernoff's bound). Where
    values have few rows, squares scatter more than it says, and are asked for standard deviations.
    """
    by_luck = (ratio * np.exp(1 - ratio)) ** (freedom / 2)
    is_many = freedom >= MANY_VALUES

    return bool(
        ratio <= CLOSE
        and by_luck <= BY_LUCK
        and (not is_many or freedom * (1 - ratio) >= SURELY * spread)
    )


def _terms(values: Vector, rows: Vector) -> Iterator[np.ndarray]:
    """
    Yield what a rate may be a weighted sum of.

    First the value, in whatever unit. A rate pulled towards a common mean by its number of rows
    is a sum of the value, the inverse count and their product.
    """
    scaled = (values - values.mean()) / (values.std() or 1.0)
    ones = np.ones_like(scaled)
    yield np.column_stack([ones, scaled])
    if len(values) >= MANY_VALUES:
        yield np.column_stack([ones, scaled, 1 / rows, scaled / rows])


def _fitted(terms: np.ndarray, rows: Vector, rates: Vector) -> Vector:
    """Return the rates by weighted least squares."""
    weights = np.sqrt(rows)
    solved = np.linalg.lstsq(terms * weights[:, None], rates * weights, rcond=None)[0]

    return np.asarray(np.clip(terms @ solved, 0, 1), dtype=np.float64)
