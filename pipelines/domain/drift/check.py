"""When a difference counts, and what was found of one column."""

from dataclasses import dataclass
from typing import Literal

ColumnVerdict = Literal["quiet", "drifted", "missing", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """
    What a difference has to exceed; the table [drift] of churn.toml.

    Attributes:
        p_value: Largest p-value of a score that differs; features share it among them.
        wasserstein_sd: Effect on an important numeric feature, in standard deviations.
        categorical_psi: Effect on an important categorical or boolean feature.
        gain_importance: Share of the model's gain from which a feature is important.
        unimportant_psi: Effect on any other feature.
        missing_points: Change of a missing rate, in percentage points.
        score_psi: Effect on the scores.
        score_mean_change_pct: The other effect on the scores: change of their mean.
    """

    p_value: float
    wasserstein_sd: float
    categorical_psi: float
    gain_importance: float
    unimportant_psi: float
    missing_points: float
    score_psi: float
    score_mean_change_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftCheck:
    """
    One column of one night against the training reference.

    Attributes:
        feature: Name of the feature, `*score*` for the scores, `schema.table.column` for a source.
        statistic: Kolmogorov-Smirnov distance or chi-squared; None where nothing was tested.
        p_value: Its p-value.
        effect_name: What `effect` measures.
        effect: Size of the difference.
        missing_reference_pct: Rows without a value in the reference, in percent.
        missing_current_pct: The same, tonight.
        importance: Share of the model's gain; None for what is no feature.
        verdict: quiet; drifted; missing: its missing rate changed; unknown: it cannot be judged.
        finding: The verdict in words, without any customer.
        owner: Who is asked about it.
    """

    feature: str
    statistic: float | None = None
    p_value: float | None = None
    effect_name: str | None = None
    effect: float | None = None
    missing_reference_pct: float
    missing_current_pct: float
    importance: float | None = None
    verdict: ColumnVerdict = "quiet"
    finding: str
    owner: str
