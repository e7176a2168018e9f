"""Columns that tell little each, and together who left: two of them, or a sum of several."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.leakage.finding import Finding
from pipelines.domain.leakage.ranking import (
    FOLDS,
    LEAST_OF_EACH,
    aucs,
    grouped,
    out_of_fold_auc,
)
from pipelines.domain.leakage.told import Codes, Told

# Two honest columns never told so much, and so much more than the better of them.
TOGETHER_AUC = 0.95
GAIN = 0.10
# Of the variance of an outcome that is yes or no, a sum of honest columns explains less than half.
EXPLAINED = 0.8
# Of what all columns explain: as many are named as reach it.
NAMED_SHARE = 0.95
MOST_NAMED = 8
# Values of each of two columns, the missing one among them.
CELLS = 8
# Rows that are looked at, of all pairs together.
PAIR_ROWS = 36_000_000
MOST_ROWS, FEWEST_ROWS = 20_000, 2_000
COMBINED_ROWS = 4_000
EDGE_ROWS = 500
EDGES = 15
# From here on the sample, all rows are asked.
HINT = 0.9


def together(
    columns: Sequence[Told], alone: Sequence[float], is_churned: Flags, fold: Codes
) -> list[Finding]:
    """
    Return suspicions of columns none of which is suspect by itself.

    Args:
        columns: Those a model would see.
        alone: How well each tells who left.
        is_churned: `(n_rows,)`.
        fold: `(n_rows,)`, the fold each row is judged in.
    """
    if len(columns) < 2:
        return []
    rows = _sampled(is_churned, len(columns) * (len(columns) - 1) // 2)
    found = _sum(columns, is_churned, rows)
    if found is not None:
        return [found]
    pairs: dict[tuple[int, int], float] = {}
    few = [column.only(rows) for column in columns]
    for first, second, hint in (
        *_cells(few, is_churned[rows], fold[rows]),
        *_combined(few, is_churned[rows], fold[rows]),
    ):
        best = max(alone[first], alone[second])
        if hint < max(HINT, best + GAIN / 2):
            continue
        exact = max(
            _auc_of_cells(columns[first], columns[second], is_churned, fold),
            _auc_combined(columns[first], columns[second], is_churned, fold),
        )
        if exact >= max(TOGETHER_AUC, best + GAIN):
            pairs[first, second] = exact

    return _named(columns, alone, pairs)


def _named(
    columns: Sequence[Told], alone: Sequence[float], pairs: dict[tuple[int, int], float]
) -> list[Finding]:
    """Return the pairs, the best first, none of whose columns was named before."""
    found: list[Finding] = []
    named: set[int] = set()
    for (first, second), value in sorted(pairs.items(), key=lambda pair: -pair[1]):
        if {first, second} & named:
            continue
        named |= {first, second}
        reason = (
            f"tell together who left (AUC {value:.2f}), and apart {alone[first]:.2f} and "
            f"{alone[second]:.2f}: known only afterwards?"
        )
        found.append(
            Finding((columns[first].name, columns[second].name), "pair", reason, float(value))
        )

    return found


def _sampled(is_churned: Flags, pairs: int) -> Codes:
    """Return rows, evenly spread and as many of both outcomes as there are, up to half."""
    most = int(np.clip(PAIR_ROWS // pairs, FEWEST_ROWS, MOST_ROWS))
    kept = []
    for rows in (np.flatnonzero(is_churned), np.flatnonzero(~is_churned)):
        spread = np.linspace(0, len(rows) - 1, min(len(rows), most // 2))
        kept.append(rows[spread.astype(np.intp)])

    return np.sort(np.concatenate(kept))


def _cells(
    columns: Sequence[Told], is_churned: Flags, fold: Codes
) -> Iterator[tuple[int, int, float]]:
    """Yield how well each two columns tell who left, by a table of their values."""
    groups = [_few(column) for column in columns]
    size = CELLS * CELLS * FOLDS
    placed = [group * FOLDS + fold for group in groups]
    for first in range(len(columns) - 1):
        shifted = groups[first] * (CELLS * FOLDS)
        counts = [
            np.bincount((shifted + other) * 2 + is_churned, minlength=2 * size)
            for other in placed[first + 1 :]
        ]
        table = np.stack(counts).reshape(-1, CELLS * CELLS, FOLDS, 2).astype(np.float64)
        for place, value in enumerate(aucs(table.sum(axis=3), table[..., 1])):
            yield first, first + 1 + place, float(value)


def _combined(
    columns: Sequence[Told], is_churned: Flags, fold: Codes
) -> Iterator[tuple[int, int, float]]:
    """Yield how well difference and sum of each two measures, or times, tell who left."""
    few = np.linspace(0, len(is_churned) - 1, min(len(is_churned), COMBINED_ROWS))
    rows = few.astype(np.intp)
    outcome, fold = is_churned[rows], fold[rows]
    for scale in ("number", "days"):
        places = [place for place, column in enumerate(columns) if column.scale == scale]
        if len(places) < 2:
            continue
        numbers = np.column_stack([_numbers(columns[place])[rows] for place in places])
        for first in range(len(places) - 1):
            one, others = numbers[:, [first]], numbers[:, first + 1 :]
            found = _aucs_of_numbers(one - others, outcome, fold)
            if scale == "number":
                found = np.maximum(found, _aucs_of_numbers(one + others, outcome, fold))
            for second, value in enumerate(found, start=first + 1):
                yield places[first], places[second], float(value)


def _aucs_of_numbers(numbers: npt.NDArray[np.float64], is_churned: Flags, fold: Codes) -> Vector:
    """Return how well each column of numbers tells who left, in groups at and between edges."""
    edges = _edges(numbers)
    groups = np.zeros(numbers.shape, dtype=np.intp)
    for edge in edges:
        groups += (numbers > edge).astype(np.intp) + (numbers >= edge)
    # Of what is missing neither is true, and it is not less than all others.
    size = 2 * len(edges) + 2
    groups[np.isnan(numbers)] = size - 1
    width = numbers.shape[1]
    place = (np.arange(width) * size + groups) * FOLDS + fold[:, None]
    flat = (place * 2 + is_churned[:, None]).ravel()
    table = np.bincount(flat, minlength=width * size * FOLDS * 2).reshape(width, size, FOLDS, 2)
    counts = table.astype(np.float64)

    return aucs(counts.sum(axis=3), counts[..., 1])


def _edges(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return `(n_edges, n_columns)`, what divides each column into parts of about as many rows."""
    few = numbers[:: max(1, len(numbers) // EDGE_ROWS)]
    ranked = np.sort(few, axis=0)
    known = (~np.isnan(few)).sum(axis=0)
    at = (np.arange(1, EDGES + 1)[:, None] * known // (EDGES + 1)).clip(0, len(few) - 1)

    return np.take_along_axis(ranked, at, axis=0)


def _numbers(column: Told) -> Vector:
    """Return the numbers of a column that has them."""
    return np.full(len(column.codes), np.nan) if column.measures is None else column.measures


def _auc_of_cells(first: Told, second: Told, is_churned: Flags, fold: Codes) -> float:
    """Return how well the values of two columns tell who left, by a table of them."""
    return out_of_fold_auc(_few(first) * CELLS + _few(second), is_churned, fold)


def _auc_combined(first: Told, second: Told, is_churned: Flags, fold: Codes) -> float:
    """Return how well difference or sum of two columns tells who left; 0.5 where they have none."""
    if first.measures is None or second.measures is None or first.scale != second.scale:
        return 0.5
    both = [first.measures - second.measures]
    if first.scale == "number":
        both.append(first.measures + second.measures)

    return float(_aucs_of_numbers(np.column_stack(both), is_churned, fold).max())


def _few(column: Told) -> Codes:
    """Return few groups of the values of a column, below CELLS."""
    return np.minimum(grouped(column, CELLS - 2, CELLS - 3), CELLS - 1)


def _sum(columns: Sequence[Told], is_churned: Flags, rows: Codes) -> Finding | None:
    """
    Return the suspicion that the outcome is a sum of columns, each with a weight of its own.

    Args:
        columns: Those a model would see.
        is_churned: `(n_rows,)`.
        rows: Positions of those that are looked at.
    """
    places = [place for place, column in enumerate(columns) if column.numbers is not None]
    outcome = is_churned[rows].astype(np.float64)
    if len(places) < 2 or len(rows) < LEAST_OF_EACH * len(places):
        return None
    terms = np.column_stack([_scaled(columns[place].numbers, rows) for place in places])
    outcome -= outcome.mean()
    whole, weights = _explained(terms, outcome)
    if whole < EXPLAINED:
        return None
    order = np.argsort(-np.abs(weights))
    for count in range(1, min(MOST_NAMED, len(places)) + 1):
        share, _ = _explained(terms[:, order[:count]], outcome)
        if share >= NAMED_SHARE * whole:
            if count == 1:
                return None
            named = tuple(columns[places[place]].name for place in sorted(order[:count]))
            reason = (
                f"add up to who left: a sum of them explains {share:.0%} of the outcome; "
                "known only afterwards?"
            )
            return Finding(named, "sum", reason)

    return None


def _scaled(numbers: Vector | None, rows: Codes) -> Vector:
    """Return numbers of mean 0 and variance 1, 0 where there are none."""
    if numbers is None:
        raise ValueError("words have no sum")
    taken = numbers[rows]
    is_known = ~np.isnan(taken)
    if not is_known.any() or np.ptp(taken[is_known]) == 0:
        return np.zeros(len(taken))
    scaled = (taken - taken[is_known].mean()) / taken[is_known].std()

    return np.where(is_known, scaled, 0.0)


def _explained(terms: npt.NDArray[np.float64], outcome: Vector) -> tuple[float, Vector]:
    """Return the share of the variance a sum of terms explains, and their weights."""
    weights = np.linalg.lstsq(terms, outcome, rcond=None)[0]
    rest = outcome - terms @ weights

    return float(1 - (rest**2).sum() / (outcome**2).sum()), np.asarray(weights)
