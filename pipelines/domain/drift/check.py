"""What was found of one column of one night."""

from dataclasses import dataclass
from typing import Literal

from pipelines.domain.drift.distribution import Distribution

ColumnVerdict = Literal["quiet", "drifted", "missing", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftCheck:
    """
    One column of one night against the training reference.

    Attributes:
        feature: Name of the feature, `*score*` for the scores, `*score ranks*` for their order,
            `*scored again*` for what the model says of them now, `*joint*` for all features
            together, `schema.table.column` for a source.
        statistic: Kolmogorov-Smirnov distance, chi-squared, AUC of the classifier or rank
            correlation; None where nothing was tested.
        p_value: Of a feature the smallest of its tests, adjusted for their number.
        effect_name: What `effect` measures.
        effect: Size of the difference.
        missing_reference_pct: Rows without a value in the reference, in percent.
        missing_current_pct: The same, tonight.
        importance: Share of the model's gain; None for what is no feature.
        verdict: Of this night alone: quiet; drifted; missing: its missing rate changed; unknown: it
            cannot be judged.
        nights: On how many of the last three judged nights, this one among them, it drifted; 0
            where it does not now.
        finding: The verdict in words, without any customer.
        owner: Who is asked about it.
        distribution: How its values are spread, then and now; None where there are none.
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
    nights: int = 0
    distribution: Distribution | None = None
