"""The tables of churn.toml, each with what it may hold and what holds without it."""

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Names that become part of SQL; what they may hold is decided here, once.
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
EmailAddress = Annotated[str, Field(pattern=r"^[^\s@,]+@[^\s@,]+$")]
Tier = Literal["low", "medium", "high", "critical"]


class Section(BaseModel):
    """A table of churn.toml: immutable, and without room for keys nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Warehouse(Section):
    """Schemas of the warehouse: what is loaded, and what dbt builds from it."""

    raw_schema: Name = "raw"
    models_schema: Name = "analytics"


class Tiers(Section):
    """Lowest churn probability of each risk tier, and what to do about its customers."""

    medium: float = Field(0.30, gt=0, lt=1)
    high: float = Field(0.60, gt=0, lt=1)
    critical: float = Field(0.80, gt=0, lt=1)
    actions: dict[Tier, str]

    @model_validator(mode="after")
    def _is_ordered_and_complete(self) -> Self:
        """Refuse thresholds that do not rise, and tiers without an action."""
        if not self.medium < self.high < self.critical:
            raise ValueError(
                f"medium < high < critical must hold, and they are {self.medium}, {self.high} "
                f"and {self.critical}"
            )
        if missing := sorted(set(get_args(Tier)) - set(self.actions)):
            raise ValueError(f"{len(missing)} of 4 tiers have no action: {', '.join(missing)}")

        return self


class Population(Section):
    """A set of customers scored together, and how its model is trained."""

    feature_model: Name
    label_model: Name
    sources: tuple[Name, ...]
    horizon_days: int = Field(30, ge=0, le=3660)
    gap_days: int = Field(0, ge=0, le=3660)
    split: Literal["time", "customer"] = "time"
    snapshot_every_days: int = Field(30, ge=1, le=366)
    snapshots: int = Field(12, ge=1, le=120)


class Training(Section):
    """How models are fitted and judged."""

    families: tuple[Literal["logistic", "xgboost"], ...] = Field(
        ("logistic", "xgboost"), min_length=1
    )
    bootstrap_resamples: int = Field(200, ge=10)
    seed: int = Field(20261121, ge=0, lt=2**31)
    minimum_churners: int = Field(50, ge=1)
    maximum_single_feature_auc: float = Field(0.95, gt=0.5, le=1)


class Drift(Section):
    """When tonight differs enough from the champion's training reference to say so."""

    engine: Literal["auto", "alibi", "scipy"] = "auto"
    sample_rows: int = Field(20_000, ge=100)
    p_value: float = Field(1e-3, gt=0, lt=1)
    wasserstein_sd: float = Field(0.10, gt=0)
    categorical_psi: float = Field(0.02, gt=0)
    gain_importance: float = Field(0.01, ge=0)
    unimportant_psi: float = Field(0.20, gt=0)
    missing_points: float = Field(2.0, gt=0)
    score_psi: float = Field(0.02, gt=0)
    score_mean_change_pct: float = Field(5.0, gt=0)
    training_every_days: int = Field(7, ge=1)


class RatioGate(Section):
    """
    How far a number may be from its trailing median, as multiples of it.

    Attributes:
        warn_below: Below it a warning.
        fail_below: Below it the gate fails.
        warn_above: Above it a warning.
        fail_above: Above it the gate fails.
    """

    warn_below: float | None = Field(None, ge=0, le=1)
    fail_below: float | None = Field(None, ge=0, le=1)
    warn_above: float | None = Field(None, ge=1)
    fail_above: float | None = Field(None, ge=1)


class PointsGate(Section):
    """
    How far a share may be from its trailing median, in percentage points.

    Attributes:
        warn: Further is a warning.
        fail: Further fails the gate.
    """

    warn: float | None = Field(None, gt=0, le=100)
    fail: float | None = Field(None, gt=0, le=100)


class OverlapGate(Section):
    """
    Which share of the riskiest customers has to have been among the riskiest the night before.

    Attributes:
        riskiest_pct: Percentage of a list that counts as riskiest.
        at_least_customers: The fewest that count as riskiest, however short the list.
        warn_below: A smaller share is a warning.
        fail_below: A smaller share fails the gate.
    """

    riskiest_pct: float = Field(gt=0, le=100)
    at_least_customers: int = Field(ge=1)
    warn_below: float = Field(ge=0, le=1)
    fail_below: float = Field(ge=0, le=1)


class Gates(Section):
    """What gates make of earlier nights; the comments of churn.toml say what each bound is of."""

    history_days: int = Field(28, ge=1)
    minimum_nights: int = Field(2, ge=1)
    history_from: date | None = None
    source_rows: RatioGate = RatioGate(fail_below=0.8, warn_above=1.5, fail_above=3)
    source_rows_kept: RatioGate = RatioGate(
        warn_below=0.98, fail_below=0.9, warn_above=1.02, fail_above=1.5
    )
    source_week: RatioGate = RatioGate(warn_below=0.8, fail_below=0.6, warn_above=3)
    source_day: RatioGate = RatioGate(warn_below=0.7, fail_below=0.25)
    feature_nulls: PointsGate = PointsGate(fail=10)
    unknown_levels: PointsGate = PointsGate(fail=5)
    tier_share: PointsGate = PointsGate(warn=5, fail=10)
    score_mean: RatioGate = RatioGate(warn_below=0.8, fail_below=0.5, warn_above=1.25, fail_above=2)
    riskiest_overlap: OverlapGate = OverlapGate(
        riskiest_pct=5, at_least_customers=20, warn_below=0.5, fail_below=0.3
    )


class Alerts(Section):
    """Who receives alerts; the servers they are sent through are in the environment."""

    email_from: EmailAddress = "churn@localhost"
    email_to: tuple[EmailAddress, ...] = ()
