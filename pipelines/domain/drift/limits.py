"""The table [drift] of churn.toml: how two nights are compared, and when a difference counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipelines.domain.ranges import Range, require

POSITIVE = Range(above=0)
# The fullest of so many days before a night is what the NULLs of source columns are compared with.
USUAL_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLimits:
    """
    When tonight differs enough from the champion's training reference to say so.

    Attributes:
        engine: What computes the two-sample tests; auto is alibi where .venv-alibi exists.
        sample_rows: At most so many customers of each side are compared.
        p_value: Largest p-value of a score that differs; features share it among them.
        wasserstein_sd: Distance of an important numeric feature, in standard deviations.
        categorical_psi: Population stability index of an important feature that is no number.
        gain_importance: Share of the model's gain from which a feature is important.
        unimportant_psi: Population stability index of any other feature.
        missing_points: Change of a missing rate, in percentage points.
        score_psi: Population stability index of the scores.
        score_mean_change_pct: Change of the mean score, in percent; either of the two is enough.
        training_every_days: Drift asks for a training at most once in so many days.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "sample_rows": Range(at_least=100),
        "p_value": Range(above=0, below=1),
        "wasserstein_sd": POSITIVE,
        "categorical_psi": POSITIVE,
        "gain_importance": Range(at_least=0),
        "unimportant_psi": POSITIVE,
        "missing_points": POSITIVE,
        "score_psi": POSITIVE,
        "score_mean_change_pct": POSITIVE,
        "training_every_days": Range(at_least=1),
    }

    engine: Literal["auto", "alibi", "scipy"] = "auto"
    sample_rows: int = 20_000
    p_value: float = 1e-3
    wasserstein_sd: float = 0.10
    categorical_psi: float = 0.02
    gain_importance: float = 0.01
    unimportant_psi: float = 0.20
    missing_points: float = 2.0
    score_psi: float = 0.02
    score_mean_change_pct: float = 5.0
    training_every_days: int = 7

    def __post_init__(self) -> None:
        """
        Refuse numbers no night can be judged by.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)
