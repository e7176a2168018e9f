"""Whether a difference between two samples can be chance, where Kolmogorov-Smirnov is blind."""

import math
from collections.abc import Iterable

import numpy as np

from pipelines.domain.arrays import Vector
from pipelines.domain.drift.effect_size import share_p_value

# From here on a feature is mostly one value, and half of Kolmogorov-Smirnov's steps are one step.
MOSTLY = 0.5


def welch_z(before: Vector, now: Vector) -> float:
    """
    Return how many standard errors the mean moved by, without assuming equal variances.

    Welch (1947); with hundreds of rows Student's distribution is the normal one.

    Args:
        before: `(n_before,)` float64, n > 1, without NaN. Not modified.
        now: `(n_now,)` float64, n > 1, without NaN. Not modified.

    Returns:
        The difference over its standard error; 0 for equal constants, infinite for different ones.
    """
    moved = float(now.mean() - before.mean())
    variance = float(np.var(before) / len(before) + np.var(now) / len(now))
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


def share_shift(before: Vector, now: Vector, value: float) -> tuple[float, float]:
    """Return by how many percentage points the share of *value* changed, and its p-value."""
    hits = int(np.sum(before == value)), int(np.sum(now == value))
    points = 100 * (hits[1] / len(now) - hits[0] / len(before))

    return points, share_p_value(hits[0], len(before), hits[1], len(now))


def smallest_adjusted(p_values: Iterable[float]) -> float:
    """Return the smallest of several p-values times their number (Bonferroni), at most 1."""
    several = [*p_values]

    return min(1.0, len(several) * min(several))
