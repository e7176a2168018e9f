"""The table [drift] of churn.toml: how two nights are compared, and when a difference counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipelines.domain.ranges import Range, require

POSITIVE = Range(above=0)
# The fullest of so many days before a night is what the NULLs of source columns are compared with.
USUAL_DAYS = 60
# Nights further back than this say nothing of whether drift lasts.
EARLIER_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLimits:
    """
    When tonight differs enough from the champion's training reference to say so.

    Attributes:
        engine: What computes the two-sample tests; auto is alibi where .venv-alibi exists.
        sample_rows: At most so many customers of each side are compared.
        p_value: Largest p-value of a score that differs; features share it among them.
        wasserstein_sd: Distance of an important numeric feature, in standard deviations.
        share_points: Change of the share of one of two levels, of the usual value of a number that
            is mostly one value, or of values that are missing for a reason, in percentage points.
        categorical_psi: Population stability index of an important feature of several levels.
        gain_importance: Share of the model's gain from which a feature is important.
        unimportant_sd: Distance of any other numeric feature, in standard deviations.
        unimportant_points: Change of a share of any other feature, in percentage points.
        unimportant_psi: Population stability index of any other feature of several levels.
        missing_points: Change of a missing rate, in percentage points.
        score_psi: Population stability index of the scores.
        score_mean_sd: Shift of the mean score, in standard deviations; either of the two is enough.
        joint_rows: At most so many customers of each side are shown to the classifier.
        joint_auc: AUC from which a classifier tells tonight from the training.
        joint_z: Standard errors by which it has to exceed chance.
        rank_agreement: Rank correlation of tonight's list with the one before.
        drifted_nights: Of three judged nights, this one among them, on which a column has to have
            drifted before the night is said to have.
        training_every_days: Drift and outcomes ask for a training at most once in so many days.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "sample_rows": Range(at_least=100),
        "p_value": Range(above=0, below=1),
        "wasserstein_sd": POSITIVE,
        "share_points": POSITIVE,
        "categorical_psi": POSITIVE,
        "gain_importance": Range(at_least=0),
        "unimportant_sd": POSITIVE,
        "unimportant_points": POSITIVE,
        "unimportant_psi": POSITIVE,
        "missing_points": POSITIVE,
        "score_psi": POSITIVE,
        "score_mean_sd": POSITIVE,
        "joint_rows": Range(at_least=100),
        "joint_auc": Range(at_least=0.5, below=1),
        "joint_z": POSITIVE,
        "rank_agreement": Range(at_least=-1, at_most=1),
        "drifted_nights": Range(at_least=1, at_most=3),
        "training_every_days": Range(at_least=1),
    }

    engine: Literal["auto", "alibi", "scipy"] = "auto"
    sample_rows: int = 20_000
    p_value: float = 1e-3
    wasserstein_sd: float = 0.10
    share_points: float = 3.0
    categorical_psi: float = 0.02
    gain_importance: float = 0.01
    unimportant_sd: float = 0.40
    unimportant_points: float = 12.0
    unimportant_psi: float = 0.20
    missing_points: float = 2.0
    score_psi: float = 0.02
    score_mean_sd: float = 0.05
    joint_rows: int = 5_000
    joint_auc: float = 0.60
    joint_z: float = 4.0
    rank_agreement: float = 0.70
    drifted_nights: int = 2
    training_every_days: int = 7

    def __post_init__(self) -> None:
        """
        Refuse numbers no night can be judged by.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)
