"""What one column's difference from the training reference means."""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.domain.drift.check import ColumnVerdict, DriftCheck
from pipelines.domain.drift.columns import SCORE, missing_count, values
from pipelines.domain.drift.effect_size import psi, psi_limit, share_p_value, wasserstein_sd
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.features.contract import Feature


@dataclass(frozen=True, slots=True)
class _Judged:
    """Verdict and evidence of one column."""

    verdict: ColumnVerdict
    finding: str
    effect_name: str | None = None
    effect: float | None = None


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
    looks. A changed missing rate tells of a broken feed, not of other customers, so what values
    remain are not judged; nor are values that all became one.

    Args:
        feature: The feature.
        reference: Its comparable column at training, at least one row.
        current: Its comparable column tonight, at least one row.
        test: Statistic and p-value of the values that are there.
        importance: Its share of the model's gain.
        watched: How many features share the p-value.
        limits: What counts.
    """
    alpha = limits.p_value / watched
    judged = (
        _judge_missing(reference, current, alpha, limits.missing_points)
        or _judge_test(test)
        or _judge_values(feature, reference, current, importance, limits)
    )
    if judged.verdict == "drifted" and test[1] >= alpha:
        judged = _Judged("quiet", "not significant", judged.effect_name, judged.effect)
    if judged.verdict == "drifted" and _became_one(values(reference), values(current), alpha):
        judged = _Judged("unknown", "became a single value", judged.effect_name, judged.effect)

    return DriftCheck(
        feature=feature.name,
        statistic=_number(test[0]),
        p_value=_number(test[1]),
        effect_name=judged.effect_name,
        effect=judged.effect,
        missing_reference_pct=_missing_pct(reference),
        missing_current_pct=_missing_pct(current),
        importance=importance,
        verdict=judged.verdict,
        finding=judged.finding,
        owner=feature.owner,
    )


def check_scores(
    reference: pa.ChunkedArray,
    current: pa.ChunkedArray,
    *,
    test: tuple[float, float],
    limits: DriftLimits,
) -> DriftCheck:
    """
    Judge the churn probabilities: their distribution, or their mean, moved significantly.

    Args:
        reference: Probabilities of the training reference, at least one.
        current: Probabilities of tonight, at least one.
        test: Statistic and p-value.
        limits: What counts.
    """
    judged = _judge_missing(
        reference, current, limits.p_value, limits.missing_points
    ) or _judge_test(test)
    if judged is None:
        before, now = values(reference), values(current)
        index, bins = psi(reference, current)
        limit = psi_limit(
            limits.score_psi, bins=bins, reference_rows=len(before), current_rows=len(now)
        )
        means = float(before.mean()), float(now.mean())
        change = 100 * (means[1] / means[0] - 1) if means[0] else 0.0
        is_moved = abs(change) > limits.score_mean_change_pct
        is_drifted = test[1] < limits.p_value and (index > limit or is_moved)
        judged = _Judged(
            "drifted" if is_drifted else "quiet",
            f"mean {means[0]:.4f} → {means[1]:.4f}, PSI {index:.3f}",
            *(("psi", index) if index > limit or not is_moved else ("mean_change_pct", change)),
        )

    return DriftCheck(
        feature=SCORE,
        statistic=_number(test[0]),
        p_value=_number(test[1]),
        effect_name=judged.effect_name,
        effect=judged.effect,
        missing_reference_pct=_missing_pct(reference),
        missing_current_pct=_missing_pct(current),
        verdict=judged.verdict,
        finding=judged.finding,
        owner="science",
    )


def _judge_missing(
    reference: pa.ChunkedArray, current: pa.ChunkedArray, alpha: float, points: float
) -> _Judged | None:
    """Judge what is not there; None when the values that are there decide."""
    chance = share_p_value(
        missing_count(reference), len(reference), missing_count(current), len(current)
    )
    before, now = _missing_pct(reference), _missing_pct(current)
    finding = f"missing {before:.1f} % → {now:.1f} %"
    if abs(now - before) > points and chance < alpha:
        return _Judged("missing", finding, "missing_points", now - before)
    if max(before, now) < 100:
        return None

    return _Judged("unknown" if chance < alpha else "quiet", f"{finding}, nothing to compare")


def _judge_test(test: tuple[float, float]) -> _Judged | None:
    """Judge a test that has no answer; None when it has one."""
    if all(map(math.isfinite, test)):
        return None

    return _Judged("unknown", "the test gave no number")


def _judge_values(
    feature: Feature,
    reference: pa.ChunkedArray,
    current: pa.ChunkedArray,
    importance: float,
    limits: DriftLimits,
) -> _Judged:
    """Judge the size of a difference."""
    is_important = importance >= limits.gain_importance
    if is_important and feature.kind == "numeric":
        distance = wasserstein_sd(values(reference), values(current))
        is_large = distance > limits.wasserstein_sd
        finding = f"moved by {distance:.2f} sd, importance {importance:.3f}"

        return _Judged("drifted" if is_large else "quiet", finding, "wasserstein_sd", distance)

    index, bins = psi(reference, current)
    limit = psi_limit(
        limits.categorical_psi if is_important else limits.unimportant_psi,
        bins=bins,
        reference_rows=len(reference) - missing_count(reference),
        current_rows=len(current) - missing_count(current),
    )
    finding = f"PSI {index:.3f}, importance {importance:.3f}"

    return _Judged("drifted" if index > limit else "quiet", finding, "psi", index)


def _became_one(reference: np.ndarray, current: np.ndarray, alpha: float) -> bool:
    """
    Tell whether all of tonight's values are one, which the reference says is no chance.

    A feed that stopped leaves counts and sums at zero, not missing.
    """
    if np.any(current != current[0]):
        return False
    share = float(np.mean(reference == current[0]))

    return share < 1 and (share == 0 or len(current) * math.log(share) < math.log(alpha))


def _missing_pct(column: pa.ChunkedArray) -> float:
    """Return the percentage of rows without a value."""
    return 100 * missing_count(column) / len(column)


def _number(value: float) -> float | None:
    """Return None for NaN."""
    return None if math.isnan(value) else value
