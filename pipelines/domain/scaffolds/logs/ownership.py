"""How values of a column go with customers: one for all rows of each, or some for one alone."""

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import is_key_like, words
from pipelines.domain.scaffolds.spelling import in_one_spelling

# Of the customers: from here a column says who they are and not what they do.
SHARE_OF_ONE = 0.95
# Of the different values: from here one belongs to one customer.
SHARE_OWNED = 0.99
# Rows that belong together, on the whole.
ROWS_TOGETHER = 1.2


def belongs_together(column: Column, customer: Column) -> bool:
    """
    Tell whether rows with the same value are one customer's, and there are such rows.

    Numbers of sessions may be those of several customers at once: theirs are told apart by both.
    """
    named = words(column.name)
    is_key = is_key_like(column.name)
    if not is_key and "session" not in named:
        return False
    if column.distinct < 2 or column.known < ROWS_TOGETHER * column.distinct:
        return False
    pairs = len(_pairs(column, customer))
    if "session" in named and (is_key or len(named) == 1):
        return pairs > customer.distinct and column.known >= ROWS_TOGETHER * pairs

    return pairs <= column.distinct / SHARE_OWNED + 1


def is_fixed(column: Column, customer: Column) -> bool:
    """Tell whether nearly every customer with some rows has one value on all of them."""
    pairs = _pairs(customer, column)
    values_of = np.bincount(pairs[:, 0])
    rows_of = customer.values.counts
    size = min(len(values_of), len(rows_of))
    is_judged = (rows_of[:size] >= 3) & (values_of[:size] > 0)

    return bool(is_judged.any()) and bool((values_of[:size][is_judged] == 1).mean() >= SHARE_OF_ONE)


def is_nearly_one_each(column: Column, customer: Column) -> bool:
    """Tell whether nearly every customer has a value nobody else has; a number may be anything."""
    is_code = column.kind == "integer" and is_key_like(column.name)

    return (is_code or column.kind == "category") and (
        column.distinct >= SHARE_OF_ONE * customer.distinct
    )


def customers_of(column: Column, customer: Column) -> dict[str, int]:
    """Return how many customers have each value of a column, in one spelling."""
    codes = _pairs(column, customer)[:, 0]
    found: dict[str, int] = {}
    for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
        spelled = in_one_spelling(column.values.levels[code])
        found[spelled] = found.get(spelled, 0) + int(count)

    return found


def _pairs(first: Column, second: Column) -> np.ndarray:
    """Return `(n_pairs, 2)`, the different pairs of codes of known values that share a row."""
    both = first.values.row_mask(first.is_known) & second.values.row_mask(second.is_known)

    size = len(second.values.levels)
    # As one number a pair: pairs are sorted ten times slower.
    pairs = np.unique(first.values.codes[both].astype(np.int64) * size + second.values.codes[both])

    return np.column_stack(np.divmod(pairs, size)) if size else np.zeros((0, 2), dtype=np.int64)
