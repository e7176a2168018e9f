"""What earlier nights say a batch should look like, as checks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.gates.bounds import (
    QUANTITY,
    Quantity,
    Usual,
    at_most_points_more,
    within_points,
    within_ratio,
)
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.limits import GateLimits, Overlap
from pipelines.domain.scoring.runs import ScoreRun

ORIGIN = "churn.toml [gates]"
# Of those who were riskiest longer ago many have left, and rightly: of two lists a fortnight apart
# 29 % were riskiest in both.
NEAR_DAYS = 7


@dataclass(frozen=True, slots=True)
class Observation:
    """
    What one check found on an earlier night whose gate passed.

    Attributes:
        as_of: The night.
        subject: `schema.table` or `schema.table.column`.
        quantity: What the number is, as the check said.
        value: The number: rows, a mean, or a share of rows between 0 and 1.
        model_version: Of the list, at the gate of scores.
    """

    as_of: date
    subject: str
    quantity: str
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

    def usual(self, subject: str, quantity: Quantity) -> Usual:
        """Return one quantity of the nights, if there are enough of them."""
        found = [
            item.value
            for item in self.observations
            if (item.subject, item.quantity) == (subject, quantity)
        ]

        return Usual(found if len(found) >= self.minimum_nights else (), remark=self.remark)

    def latest(self, subject: str, quantity: Quantity) -> Observation | None:
        """Return one quantity of the last night that has it."""
        found = [
            item
            for item in self.observations
            if (item.subject, item.quantity) == (subject, quantity)
        ]

        return max(found, key=lambda item: item.as_of, default=None)


def feature_history_checks(
    contract: FeatureContract, subject: str, history: History, *, limits: GateLimits
) -> tuple[Check, ...]:
    """
    Return what the null rates and unknown levels of tonight's features owe to the nights before.

    Args:
        contract: The features.
        subject: `schema.table` they stand in.
        history: Earlier nights of this gate.
        limits: How much a null rate and the share of unknown levels may rise.
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
            checks += at_most_points_more(filled, usual, limits.feature_nulls, quantity="missing")
        if feature.kind == "categorical":
            known = Check(
                "expect_column_values_to_be_in_set",
                {"column": feature.name, "value_set": [*feature.levels]},
                ORIGIN,
                owner=feature.owner,
            )
            usual = history.usual(name, "unknown levels")
            checks += at_most_points_more(
                known, usual, limits.unknown_levels, quantity="unknown levels"
            )

    return tuple(checks)


def score_history_checks(
    shares: Sequence[str], subject: str, history: History, *, limits: GateLimits
) -> tuple[Check, ...]:
    """
    Return what a list owes to earlier lists.

    Args:
        shares: Columns whose mean is the share of a risk tier.
        subject: `schema.table` of the scores.
        history: Earlier lists, of the same model where there are any.
        limits: How far the mean probability and the share of a tier may be from their medians.
    """
    average = "expect_column_mean_to_be_between"
    scored = Check(average, {"column": "churn_probability"}, ORIGIN, owner="science")
    checks = [
        *within_ratio(
            scored,
            history.usual(f"{subject}.churn_probability", "mean"),
            limits.score_mean,
            quantity="mean",
        )
    ]
    for column in shares:
        tier = Check(average, {"column": column}, ORIGIN, owner="science")
        usual = history.usual(f"{subject}.{column}", "share")
        checks += within_points(tier, usual, limits.tier_share, quantity="share")

    return tuple(checks)


def overlap_checks(
    column: str,
    run: ScoreRun,
    previous: ScoreRun,
    *,
    customers: int,
    limit: Overlap,
) -> tuple[Check, ...]:
    """
    Return how many of tonight's riskiest must have been among the riskiest before.

    Args:
        column: Says of each of tonight's riskiest whether they were.
        run: Tonight's list.
        previous: The list before; of another model, or from more than a week before, it is reason
            for a warning only.
        customers: How many count as riskiest.
        limit: Which share of them is legal.
    """
    stayed = Check(
        "expect_column_values_to_be_in_set",
        {"column": column, "value_set": [True], "mostly": limit.warn_below},
        ORIGIN,
        severity="warn",
        owner="science",
        context={QUANTITY: "overlap", "riskiest": customers, "before": str(previous.as_of)},
    )
    days = (run.as_of - previous.as_of).days
    remark = ""
    if previous.model_version != run.model_version:
        remark = f"a list of model version {previous.model_version}: only a warning"
    elif days > NEAR_DAYS:
        remark = f"a list of {days} days before: only a warning"
    if remark:
        return (replace(stayed, context={**stayed.context, "remark": remark}),)

    return (
        replace(stayed, kwargs={**stayed.kwargs, "mostly": limit.fail_below}, severity="fail"),
        stayed,
    )
