"""What a difference of the scores from those of the training means."""

import pyarrow as pa

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import SCORE, missing_pct, values
from pipelines.domain.drift.distribution import distribution
from pipelines.domain.drift.effect_size import psi, psi_limit
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.rules import Judged, judge_missing, judge_test, number
from pipelines.domain.drift.significance import (
    mean_shift_sd,
    smallest_adjusted,
    two_sided,
    welch_z,
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

    A mean is judged in standard deviations, not per cent: of a rare event a twentieth of the mean
    is what chance does to the mean of some thousand customers.

    Args:
        reference: Probabilities of the training reference, at least one.
        current: Probabilities of tonight, at least one.
        test: The engine's statistic and p-value.
        limits: What counts.
    """
    judged = judge_missing(reference, current, limits.p_value, limits.missing_points) or judge_test(
        test
    )
    if judged is None:
        judged = _judge_values(reference, current, test[1], limits)

    return DriftCheck(
        feature=SCORE,
        statistic=number(test[0]),
        p_value=number(test[1]) if judged.p_value is None else judged.p_value,
        effect_name=judged.effect_name,
        effect=judged.effect,
        missing_reference_pct=missing_pct(reference),
        missing_current_pct=missing_pct(current),
        verdict=judged.verdict,
        finding=judged.finding,
        owner="science",
        distribution=distribution(reference, current),
    )


def _judge_values(
    reference: pa.ChunkedArray, current: pa.ChunkedArray, tested: float, limits: DriftLimits
) -> Judged:
    """Judge distribution and mean."""
    before, now = values(reference), values(current)
    index, bins = psi(reference, current)
    limit = psi_limit(
        limits.score_psi, bins=bins, reference_rows=len(before), current_rows=len(now)
    )
    shift = mean_shift_sd(before, now)
    of_the_mean = two_sided(welch_z(before, now))
    is_moved = abs(shift) > limits.score_mean_sd and 2 * of_the_mean < limits.p_value
    is_spread = index > limit and 2 * tested < limits.p_value
    name, size = ("score_mean_sd", shift) if is_moved and not is_spread else ("psi", index)

    return Judged(
        "drifted" if is_moved or is_spread else "quiet",
        f"mean {before.mean():.4f} → {now.mean():.4f} ({shift:+.2f} sd), PSI {index:.3f}",
        name,
        size,
        smallest_adjusted([tested, of_the_mean]),
    )
