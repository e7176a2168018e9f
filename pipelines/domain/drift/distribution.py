"""How the values of one column are spread, then and now, for people to look at."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from pipelines.domain.arrays import Vector
from pipelines.domain.drift.columns import level_counts, values

BINS = 10
MOST_LEVELS = 12
OTHER = "(others)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """
    Shares of the rows that have a value, at training and tonight.

    Attributes:
        kind: numeric: in bins between edges; levels: by value.
        edges: One more than there are bins, ascending; rows outside of the first and the last
            count in the outermost bins. Empty for levels.
        levels: Values, the most frequent of training first; the last may be `(others)`. Empty for
            numbers.
        reference: Share of each bin or level at training, in [0, 1].
        current: The same, tonight.
    """

    kind: Literal["numeric", "levels"]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    reference: tuple[float, ...]
    current: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-compatible values."""
        is_numeric = self.kind == "numeric"

        return {
            "kind": self.kind,
            "edges" if is_numeric else "levels": [*(self.edges if is_numeric else self.levels)],
            "reference": [*self.reference],
            "current": [*self.current],
        }


def distribution(reference: pa.ChunkedArray, current: pa.ChunkedArray) -> Distribution | None:
    """
    Return how a comparable column is spread on both sides; None where a side has no value.

    Numbers with few values are shown by value. Others fall into ten bins of one width between the
    first and the last percentile of both sides together, so that no edge is one customer's value.

    Args:
        reference: Comparable column at training. Not modified.
        current: The same column tonight. Not modified.
    """
    before, now = values(reference), values(current)
    if not len(before) or not len(now):
        return None
    if pa.types.is_floating(reference.type):
        both = np.concatenate([before, now])
        if len(np.unique(both)) > MOST_LEVELS:
            return _in_bins(before, now, both)
        reference, current = map(_written, (before, now))
        return _by_level(reference, current, is_in_order=True)

    return _by_level(reference, current, is_in_order=False)


def _in_bins(before: Vector, now: Vector, both: Vector) -> Distribution:
    """Return shares between edges of one distance."""
    low, high = np.quantile(both, [0.01, 0.99])
    if low == high:
        low, high = float(both.min()), float(both.max())
    edges = np.linspace(low, high, BINS + 1)
    inner = edges[1:-1]
    shares = [
        np.bincount(np.searchsorted(inner, side, side="right"), minlength=BINS) / len(side)
        for side in (before, now)
    ]

    return Distribution(
        kind="numeric",
        edges=_rounded(edges),
        reference=_rounded(shares[0]),
        current=_rounded(shares[1]),
    )


def _by_level(
    reference: pa.ChunkedArray, current: pa.ChunkedArray, *, is_in_order: bool
) -> Distribution:
    """Return shares by level: numbers ascending, words the most frequent of training first."""
    counts = level_counts(reference, current)
    levels = sorted({level for side in (reference, current) for level in _levels(side)})
    order = (
        np.argsort([float(level) for level in levels])
        if is_in_order
        else np.lexsort((-counts[1], -counts[0]))
    )
    names, counts = [levels[index] for index in order], counts[:, order]
    if len(names) > MOST_LEVELS:
        names = [*names[:MOST_LEVELS], OTHER]
        counts = np.column_stack([counts[:, :MOST_LEVELS], counts[:, MOST_LEVELS:].sum(axis=1)])
    shares = counts / counts.sum(axis=1, keepdims=True)

    return Distribution(
        kind="levels",
        levels=tuple(names),
        reference=_rounded(shares[0]),
        current=_rounded(shares[1]),
    )


def _written(numbers: Vector) -> pa.ChunkedArray:
    """Return numbers of few values as words, each value written once."""
    found, places = np.unique(numbers, return_inverse=True)
    words = pa.array([f"{number:g}" for number in found], pa.string())

    return pa.chunked_array([words.take(pa.array(places))])


def _levels(side: pa.ChunkedArray) -> list[str]:
    """Return what there is of words."""
    found: list[str] = side.drop_null().unique().to_pylist()

    return found


def _rounded(numbers: Vector) -> tuple[float, ...]:
    """Return numbers of Python with six digits, which is more than a sample knows."""
    return tuple(float(f"{number:.6g}") for number in numbers)
