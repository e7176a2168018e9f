"""What was found of one column of one night."""

from dataclasses import dataclass
from typing import Literal

ColumnVerdict = Literal["quiet", "drifted", "missing", "unknown"]


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
