"""What one feature's difference from the training reference means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pipelines.domain.arrays import Vector
from pipelines.domain.drift.check import ColumnVerdict, DriftCheck
from pipelines.domain.drift.columns import level_counts, missing_count, missing_pct, values
from pipelines.domain.drift.distribution import distribution
from pipelines.domain.drift.effect_size import psi, psi_limit, share_p_value, wasserstein_sd
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.significance import (
    has_mean,
    share_shift,
    smallest_adjusted,
    two_sided,
    usual_value,
    welch_z,
)
from pipelines.domain.features.contract import Feature


@dataclass(frozen=True, slots=True)
class Judged:
    """
    Verdict and evidence of one column.

    Attributes:
        verdict: What it is.
        finding: It in words.
        effect_name: What the effect measures.
        effect: Size of the difference.
        p_value: Smallest p-value, adjusted; None where the engine's is all there is.
    """

    verdict: ColumnVerdict
    finding: str
    effect_name: str | None = None
    effect: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class _Effect:
    """A size, in multiples of its bound so that sizes of different kinds compare."""

    name: str
    size: float
    bound: float
    finding: str

    @property
    def multiple(self) -> float:
        """How many bounds it is large."""
        return abs(self.size) / self.bound


def check_feature(
    feature: Feature,
    reference: pa.ChunkedArray,
    current: pa.ChunkedArray,
    *,
    test: tuple[float, float],
    importance: float,
    watched: int,
    limits: DriftLimits,
) -> DriftCheck:
    """
    Judge one feature.

    It drifted when the difference is significant and large, larger still where the model hardly
    looks or the feature is not watched. A changed missing rate tells of a broken feed, not of other
    customers, so what values remain are not judged; nor are values that all became one. Where the
    feature itself explains what is missing, its share is one of the differences.

    Args:
        feature: The feature.
        reference: Its comparable column at training, at least one row.
        current: Its comparable column tonight, at least one row.
        test: The engine's statistic and p-value of the values that are there.
        importance: Its share of the model's gain.
        watched: How many features share the p-value.
        limits: What counts.
    """
    alpha = limits.p_value / watched
    judged = judge_missing(
        reference, current, alpha, limits.missing_points, is_structural=feature.is_missing_explained
    ) or judge_test(test)
    if judged is None:
        judged = _judge_values(
            feature,
            reference,
            current,
            tested=test[1],
            importance=importance,
            alpha=alpha,
            limits=limits,
        )
    if judged.verdict == "drifted" and _became_one(values(reference), values(current), alpha):
        judged = replace(judged, verdict="unknown", finding="became a single value")

    return DriftCheck(
        feature=feature.name,
        statistic=number(test[0]),
        p_value=number(test[1]) if judged.p_value is None else judged.p_value,
        effect_name=judged.effect_name,
        effect=judged.effect,
        missing_reference_pct=missing_pct(reference),
        missing_current_pct=missing_pct(current),
        importance=importance,
        verdict=judged.verdict,
        finding=judged.finding,
        owner=feature.owner,
        distribution=distribution(reference, current),
    )


def judge_missing(
    reference: pa.ChunkedArray,
    current: pa.ChunkedArray,
    alpha: float,
    points: float,
    *,
    is_structural: bool = False,
) -> Judged | None:
    """
    Judge what is not there; None when the values that are there decide.

    Args:
        reference: Comparable column at training, at least one row.
        current: The same column tonight, at least one row.
        alpha: Largest p-value of a rate that changed.
        points: Smallest change of the rate that counts, in percentage points.
        is_structural: Whether the feature explains what is missing, so that its rate is no fault.
    """
    chance = _missing_chance(reference, current)
    before, now = missing_pct(reference), missing_pct(current)
    finding = f"missing {before:.1f} % → {now:.1f} %"
    if max(before, now) == 100:
        if chance >= alpha:
            return Judged("quiet", f"{finding}, nothing to compare")
        verdict: ColumnVerdict = "unknown" if is_structural else "missing"
        return Judged(verdict, finding, "missing_points", now - before)
    if not is_structural and abs(now - before) > points and chance < alpha:
        return Judged("missing", finding, "missing_points", now - before)

    return None


def judge_test(test: tuple[float, float]) -> Judged | None:
    """Judge a test that has no answer; None when it has one."""
    if all(map(math.isfinite, test)):
        return None

    return Judged("unknown", "the test gave no number")


def number(value: float) -> float | None:
    """Return None for NaN."""
    return None if math.isnan(value) else value


def _judge_values(
    feature: Feature,
    reference: pa.ChunkedArray,
    current: pa.ChunkedArray,
    *,
    tested: float,
    importance: float,
    alpha: float,
    limits: DriftLimits,
) -> Judged:
    """Judge significance and size of a difference."""
    is_important = importance >= limits.gain_importance
    if not feature.watch_drift and not is_important:
        return Judged("quiet", f"not watched, importance {importance:.3f}")
    if not feature.watch_drift and _is_one(values(current)):
        return Judged("quiet", "not watched, and tonight the same for everybody")

    is_strict = is_important and feature.watch_drift
    if feature.kind == "numeric":
        p_values, effects = _numeric(reference, current, tested, limits, is_strict=is_strict)
    else:
        p_values, effects = _levels(reference, current, tested, limits, is_strict=is_strict)
    if feature.is_missing_explained:
        points = limits.share_points if is_strict else limits.unimportant_points
        before, now = missing_pct(reference), missing_pct(current)
        finding = f"without a value {before:.1f} % → {now:.1f} %"
        effects.append(_Effect("missing_points", now - before, points, finding))
        p_values.append(_missing_chance(reference, current))

    largest = max(effects, key=lambda effect: effect.multiple)
    p_value = smallest_adjusted(p_values)
    is_drifted = largest.multiple > 1 and p_value < alpha
    finding = f"{largest.finding}, importance {importance:.3f}"
    if largest.multiple > 1 and not is_drifted:
        finding = f"{largest.finding}, not significant"

    return Judged(
        "drifted" if is_drifted else "quiet", finding, largest.name, largest.size, p_value
    )


def _numeric(
    reference: pa.ChunkedArray,
    current: pa.ChunkedArray,
    tested: float,
    limits: DriftLimits,
    *,
    is_strict: bool,
) -> tuple[list[float], list[_Effect]]:
    """Return p-values and sizes of numbers: as they are spread, and of their usual value."""
    before, now = values(reference), values(current)
    distance = wasserstein_sd(before, now)
    bound = limits.wasserstein_sd if is_strict else limits.unimportant_sd
    p_values = [tested]
    effects = [_Effect("wasserstein_sd", distance, bound, f"moved by {distance:.2f} sd")]
    usual = usual_value(before)
    if has_mean(before, now, usual):
        p_values.append(two_sided(welch_z(before, now)))
    if usual is not None:
        points, chance = share_shift(before, now, usual)
        p_values.append(chance)
        if is_strict:
            finding = f"share of {usual:g} changed by {points:+.1f} points"
            effects.append(_Effect("usual_points", points, limits.share_points, finding))

    return p_values, effects


def _levels(
    reference: pa.ChunkedArray,
    current: pa.ChunkedArray,
    tested: float,
    limits: DriftLimits,
    *,
    is_strict: bool,
) -> tuple[list[float], list[_Effect]]:
    """Return p-values and sizes of words: two levels by their share, several by their PSI."""
    counts = level_counts(reference, current)
    if counts.shape[1] <= 2:
        return [tested], [_two_levels(counts, limits, is_strict=is_strict)]

    index, bins = psi(reference, current)
    limit = psi_limit(
        limits.categorical_psi if is_strict else limits.unimportant_psi,
        bins=bins,
        reference_rows=len(reference) - missing_count(reference),
        current_rows=len(current) - missing_count(current),
    )

    return [tested], [_Effect("psi", index, limit, f"PSI {index:.3f}")]


def _two_levels(counts: np.ndarray, limits: DriftLimits, *, is_strict: bool) -> _Effect:
    """Return by how many points the share of the last level changed."""
    shares: Sequence[float] = 100 * counts[:, -1] / counts.sum(axis=1)
    bound = limits.share_points if is_strict else limits.unimportant_points
    points = float(shares[1] - shares[0])
    finding = f"share {shares[0]:.1f} % → {shares[1]:.1f} %"

    return _Effect("share_points", points, bound, finding)


def _missing_chance(reference: pa.ChunkedArray, current: pa.ChunkedArray) -> float:
    """Return the p-value of two equal missing rates."""
    return share_p_value(
        missing_count(reference), len(reference), missing_count(current), len(current)
    )


def _is_one(now: Vector) -> bool:
    """Tell whether all values are one."""
    return not np.any(now != now[0])


def _became_one(reference: np.ndarray, current: np.ndarray, alpha: float) -> bool:
    """
    Tell whether all of tonight's values are one, which the reference says is no chance.

    A feed that stopped leaves counts and sums at zero, not missing.
    """
    if not _is_one(current):
        return False
    share = float(np.mean(reference == current[0]))

    return share < 1 and (share == 0 or len(current) * math.log(share) < math.log(alpha))
