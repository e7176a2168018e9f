"""Whether a difference between two samples can be chance, where Kolmogorov-Smirnov is blind."""

import math
from collections.abc import Iterable

import numpy as np

from pipelines.domain.arrays import Vector

# Fewer values say nothing of a mean, or of ranks, by the normal distribution.
FEWEST = 30
# From here on a feature is mostly one value, and half of Kolmogorov-Smirnov's steps are one step.
MOSTLY = 0.5


def welch_z(before: Vector, now: Vector) -> float:
    """
    Return how many standard errors the mean moved by, without assuming equal variances.

    Welch (1947); with many rows Student's distribution is the normal one. Tonight's variance is
    taken to be no less than the training's: where a rare value happens to be absent there is none,
    and any difference would be certain.

    Args:
        before: `(n_before,)` float64, n > 0, without NaN. Not modified.
        now: `(n_now,)` float64, n > 0, without NaN. Not modified.

    Returns:
        The difference over its standard error; 0 for equal constants, infinite for different ones.
    """
    moved = float(now.mean() - before.mean())
    spread = float(np.var(before))
    variance = spread / len(before) + max(spread, float(np.var(now))) / len(now)
    if moved == 0.0:
        return 0.0

    return moved / math.sqrt(variance) if variance else math.copysign(math.inf, moved)


def two_sided(z: float) -> float:
    """Return the chance of a standard normal number as far from 0 as *z*."""
    return math.erfc(abs(z) / math.sqrt(2))


def mean_shift_sd(before: Vector, now: Vector) -> float:
    """Return by how much the mean moved, in standard deviations of *before*, or else of *now*."""
    moved = float(now.mean() - before.mean())
    spread = float(np.std(before)) or float(np.std(now))
    if moved == 0.0:
        return 0.0

    return moved / spread if spread else math.copysign(math.inf, moved)


def usual_value(before: Vector) -> float | None:
    """Return the value that at least half of *before* has, None where there is none."""
    found, counts = np.unique(before, return_counts=True)
    most = int(np.argmax(counts))

    return float(found[most]) if counts[most] >= MOSTLY * len(before) else None


def has_mean(before: Vector, now: Vector, usual: float | None) -> bool:
    """
    Tell whether means of both sides are near normal: enough values that are not the usual one.

    The mean of a number that is mostly zero is that of the few that are not.
    """
    return all(
        len(side) - (0 if usual is None else int(np.sum(side == usual))) >= FEWEST
        for side in (before, now)
    )


def share_shift(before: Vector, now: Vector, value: float) -> tuple[float, float]:
    """
    Return by how many percentage points the share of *value* changed, and its p-value.

    By the likelihood ratio (Wilks 1938), which is near the exact p-value also where few customers
    are expected to have another value; the two-proportion z exceeds it there a hundredfold.
    """
    hits = np.array([np.sum(before == value), np.sum(now == value)], np.float64)
    rows = np.array([len(before), len(now)], np.float64)
    observed = np.array([hits, rows - hits])
    expected = observed.sum(axis=1, keepdims=True) * rows / rows.sum()
    ratios = np.divide(observed, expected, out=np.ones_like(observed), where=observed > 0)
    deviance = 2 * float(np.sum(observed * np.log(ratios)))
    points = float(100 * (hits[1] / rows[1] - hits[0] / rows[0]))

    return points, two_sided(math.sqrt(max(deviance, 0.0)))


def smallest_adjusted(p_values: Iterable[float]) -> float:
    """Return the smallest of several p-values times their number (Bonferroni), at most 1."""
    several = [*p_values]

    return min(1.0, len(several) * min(several))
