"""What earlier nights say a batch should look like, as checks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.gates.bounds import (
    Measure,
    Points,
    Ratio,
    Usual,
    at_most_points_more,
    within_points,
    within_ratio,
)
from pipelines.domain.gates.check import Check
from pipelines.domain.scoring.runs import ScoreRun

ORIGIN = "churn.toml [gates]"


@dataclass(frozen=True, slots=True)
class Observation:
    """
    What one check found on an earlier night whose gate passed.

    Attributes:
        as_of: The night.
        subject: `schema.table` or `schema.table.column`.
        measure: What was measured, as the check said.
        value: The number: rows, a mean, or a share of rows between 0 and 1.
        model_version: Of the list, at the gate of scores.
    """

    as_of: date
    subject: str
    measure: str
    value: float
    model_version: int | None = None


@dataclass(frozen=True)
class History:
    """
    Earlier nights of one gate.

    Attributes:
        observations: What they observed, tonight not among them.
        minimum_nights: So many it takes before there are bounds.
        remark: Why these nights are no reason to stop another; empty where they are.
    """

    observations: Sequence[Observation]
    minimum_nights: int
    remark: str = ""

    def of_model(self, version: int) -> "History":
        """
        Return the nights whose lists one model version made.

        Where they are too few, the nights of all versions: those are reason for a warning only.
        """
        same = [item for item in self.observations if item.model_version == version]
        if len({item.as_of for item in same}) >= self.minimum_nights:
            return replace(self, observations=same)
        if len(same) == len(self.observations):
            return self

        return replace(self, remark=f"lists of other models than version {version}: only a warning")

    def usual(self, subject: str, measure: Measure) -> Usual:
        """Return one measure of the nights, if there are enough of them."""
        found = [
            item.value
            for item in self.observations
            if (item.subject, item.measure) == (subject, measure)
        ]

        return Usual(found if len(found) >= self.minimum_nights else (), remark=self.remark)

    def latest(self, subject: str, measure: Measure) -> Observation | None:
        """Return one measure of the last night that has it."""
        found = [
            item for item in self.observations if (item.subject, item.measure) == (subject, measure)
        ]

        return max(found, key=lambda item: item.as_of, default=None)


def feature_history_checks(
    contract: FeatureContract, subject: str, history: History, *, nulls: Points, levels: Points
) -> tuple[Check, ...]:
    """
    Return what the null rates and unknown levels of tonight's features owe to the nights before.

    Args:
        contract: The features.
        subject: `schema.table` they stand in.
        history: Earlier nights of this gate.
        nulls: How much a null rate may rise.
        levels: How much the share of unknown levels may rise.
    """
    checks: list[Check] = []
    for feature in contract.features:
        name = f"{subject}.{feature.name}"
        if feature.nullable:
            filled = Check(
                "expect_column_values_to_not_be_null",
                {"column": feature.name},
                ORIGIN,
                owner=feature.owner,
            )
            usual = history.usual(name, "missing")
            checks += at_most_points_more(filled, usual, nulls, measure="missing")
        if feature.kind == "categorical":
            known = Check(
                "expect_column_values_to_be_in_set",
                {"column": feature.name, "value_set": [*feature.levels]},
                ORIGIN,
                owner=feature.owner,
            )
            usual = history.usual(name, "unknown levels")
            checks += at_most_points_more(known, usual, levels, measure="unknown levels")

    return tuple(checks)


def score_history_checks(
    shares: Sequence[str], subject: str, history: History, *, mean: Ratio, share: Points
) -> tuple[Check, ...]:
    """
    Return what a list owes to earlier lists.

    Args:
        shares: Columns whose mean is the share of a risk tier.
        subject: `schema.table` of the scores.
        history: Earlier lists, of the same model where there are any.
        mean: How far the mean probability may be from their median.
        share: How far the share of a tier may be.
    """
    average = "expect_column_mean_to_be_between"
    scored = Check(average, {"column": "churn_probability"}, ORIGIN, owner="science")
    checks = [
        *within_ratio(
            scored, history.usual(f"{subject}.churn_probability", "mean"), mean, measure="mean"
        )
    ]
    for column in shares:
        tier = Check(average, {"column": column}, ORIGIN, owner="science")
        usual = history.usual(f"{subject}.{column}", "share")
        checks += within_points(tier, usual, share, measure="share")

    return tuple(checks)


def overlap_checks(
    column: str,
    run: ScoreRun,
    previous: ScoreRun,
    *,
    customers: int,
    warn_below: float,
    fail_below: float,
) -> tuple[Check, ...]:
    """
    Return how many of tonight's riskiest must have been among the riskiest before.

    Args:
        column: Says of each of tonight's riskiest whether they were.
        run: Tonight's list.
        previous: The list before; of another model it is reason for a warning only.
        customers: How many count as riskiest.
        warn_below: Share of them below which there is a warning.
        fail_below: Share below which the night stops.
    """
    stayed = Check(
        "expect_column_values_to_be_in_set",
        {"column": column, "value_set": [True], "mostly": warn_below},
        ORIGIN,
        severity="warn",
        owner="science",
        context={"measure": "overlap", "riskiest": customers, "before": str(previous.as_of)},
    )
    if previous.model_version != run.model_version:
        remark = f"a list of model version {previous.model_version}: only a warning"
        return (replace(stayed, context={**stayed.context, "remark": remark}),)

    return (
        replace(stayed, kwargs={**stayed.kwargs, "mostly": fail_below}, severity="fail"),
        stayed,
    )
