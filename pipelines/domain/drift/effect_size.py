"""How large a difference between two samples is, whatever its significance."""

import math

import numpy as np
import pyarrow as pa

from pipelines.domain.drift.columns import level_counts, values

BINS = 10


def wasserstein_sd(reference: np.ndarray, current: np.ndarray) -> float:
    """
    Return the distance between two samples, in standard deviations of the reference.

    Args:
        reference: `(n_reference,)` float64, n > 0, without NaN. Not modified.
        current: `(n_current,)` float64, n > 0, without NaN. Not modified.

    Returns:
        The area between the two empirical distribution functions (first Wasserstein distance)
        over the reference's standard deviation, or the current's where the reference is constant;
        infinite for two different constants.
    """
    edges = np.sort(np.concatenate([reference, current]))
    shares = [
        np.searchsorted(np.sort(sample), edges[:-1], side="right") / len(sample)
        for sample in (reference, current)
    ]
    distance = float(np.sum(np.abs(shares[0] - shares[1]) * np.diff(edges)))
    spread = float(np.std(reference)) or float(np.std(current))
    if distance == 0.0:
        return 0.0

    return distance / spread if spread else math.inf


def psi(reference: pa.ChunkedArray, current: pa.ChunkedArray) -> tuple[float, int]:
    """
    Return the population stability index and the number of bins it was summed over.

    Numbers fall into tenths of the reference, strings are bins of their own. Half a row is added
    to every bin, so that an empty one is no infinity.

    Args:
        reference: `(n_reference,)`, a comparable column with a value at least. Not modified.
        current: `(n_current,)`, the same column of other rows. Not modified.
    """
    if pa.types.is_floating(reference.type):
        before, now = values(reference), values(current)
        edges = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
        codes = [np.searchsorted(edges, sample, side="left") for sample in (before, now)]
        counts = np.array([np.bincount(code, minlength=len(edges) + 1) for code in codes])
    else:
        counts = level_counts(reference, current)

    shares = [(count + 0.5) / (count + 0.5).sum() for count in counts]

    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0]))), counts.shape[1]


def psi_limit(least: float, *, bins: int, reference_rows: int, current_rows: int) -> float:
    """
    Return what a PSI has to exceed: *least*, or three times what chance gives if that is more.

    Without drift the PSI of `bins` bins is about `(bins - 1)(1/n_reference + 1/n_current)`.
    """
    chance = (bins - 1) * (1 / reference_rows + 1 / current_rows)

    return max(least, 3 * chance)


def share_p_value(
    reference_hits: int, reference_rows: int, current_hits: int, current_rows: int
) -> float:
    """Return the p-value of two equal shares: the pooled two-proportion z-test, two-sided."""
    pooled = (reference_hits + current_hits) / (reference_rows + current_rows)
    variance = pooled * (1 - pooled) * (1 / reference_rows + 1 / current_rows)
    if variance == 0.0:
        return 1.0
    z = (current_hits / current_rows - reference_hits / reference_rows) / math.sqrt(variance)

    return math.erfc(abs(z) / math.sqrt(2))
