"""What earlier nights say a batch should look like: bounds around their median, as checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import Any, Literal

from pipelines.domain.check import Check, Severity
from pipelines.domain.contract import FeatureContract

Measure = Literal["rows", "arrivals", "missing", "unknown levels", "mean", "share", "overlap"]

# A share observed before is a ratio of rows; these are compared in points, not in percent.
ALL = 1.0


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


@dataclass(frozen=True, slots=True)
class Ratio:
    """Bounds as multiples of the median, and what it means to be outside."""

    lowest: float
    highest: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Points:
    """Percentage points a share may be from the median, and what it means to be further."""

    points: float
    severity: Severity


@dataclass(frozen=True)
class History:
    """
    Earlier nights of one gate.

    Attributes:
        observations: What they observed, tonight not among them.
        minimum_nights: So many it takes before a bound is more than infinite.
    """

    observations: Sequence[Observation]
    minimum_nights: int

    def of_model(self, version: int) -> "History":
        """Return the nights whose lists one model version made."""
        same = [item for item in self.observations if item.model_version == version]

        return History(same, self.minimum_nights)

    def values(self, subject: str, measure: Measure) -> list[float]:
        """Return one measure of the nights, if there are enough of them."""
        found = [
            item.value
            for item in self.observations
            if (item.subject, item.measure) == (subject, measure)
        ]

        return found if len(found) >= self.minimum_nights else []


def within_ratio(check: Check, values: Sequence[float], limit: Ratio, *, measure: Measure) -> Check:
    """
    Return *check* with bounds around the median of *values*; none where there are no values.

    Args:
        check: An expectation that takes `min_value` and `max_value`.
        values: One a night.
        limit: How far from their median is legal.
        measure: What is measured; remembered with the result, so that tomorrow finds it.
    """
    bounds: dict[str, float] = {}
    if values:
        middle = median(values)
        bounds = {"min_value": limit.lowest * middle, "max_value": limit.highest * middle}

    return _bounded(check, bounds, values, limit.severity, measure)


def within_points(
    check: Check, values: Sequence[float], limit: Points, *, measure: Measure
) -> Check:
    """Return *check*, a mean that is a share, with bounds around the median of *values*."""
    bounds: dict[str, float] = {}
    if values:
        middle, far = median(values), limit.points / 100
        bounds = {"min_value": max(middle - far, 0.0), "max_value": min(middle + far, ALL)}

    return _bounded(check, bounds, values, limit.severity, measure)


def at_most_points_more(
    check: Check, values: Sequence[float], limit: Points, *, measure: Measure, floor: float
) -> Check:
    """
    Return *check* with the share of rows that must meet it: at least that of the nights before.

    Args:
        check: An expectation that takes `mostly`.
        values: Share of rows that did not meet it, one a night.
        limit: Percentage points it may be more than their median.
        measure: What is measured.
        floor: Share that must meet it whatever the nights before were.
    """
    mostly = floor
    if values:
        mostly = max(floor, 1 - median(values) - limit.points / 100)
    severity = limit.severity if values else check.severity

    return _bounded(check, {"mostly": mostly}, values, severity, measure)


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
    checks = []
    for feature in contract.features:
        name = f"{subject}.{feature.name}"
        if feature.nullable:
            checks.append(
                at_most_points_more(
                    Check(
                        "expect_column_values_to_not_be_null",
                        {"column": feature.name},
                        "churn.toml [gates]",
                        severity="warn",
                        owner=feature.owner,
                    ),
                    history.values(name, "missing"),
                    nulls,
                    measure="missing",
                    floor=0.0,
                )
            )
        if feature.kind == "categorical":
            checks.append(
                at_most_points_more(
                    Check(
                        "expect_column_values_to_be_in_set",
                        {"column": feature.name, "value_set": [*feature.levels]},
                        "churn.toml [gates]",
                        owner=feature.owner,
                    ),
                    history.values(name, "unknown levels"),
                    levels,
                    measure="unknown levels",
                    floor=0.0,
                )
            )

    return tuple(checks)


def score_history_checks(
    shares: Sequence[str], subject: str, history: History, *, mean: Ratio, share: Points
) -> tuple[Check, ...]:
    """
    Return what a list owes to earlier lists of its model.

    Args:
        shares: Columns whose mean is the share of a risk tier.
        subject: `schema.table` of the scores.
        history: Lists of the same model; with none, everything is only recorded.
        mean: How far the mean probability may be from their median.
        share: How far the share of a tier may be.
    """
    average = "expect_column_mean_to_be_between"
    origin = "churn.toml [gates]"
    checks = [
        within_ratio(
            Check(average, {"column": "churn_probability"}, origin, owner="science"),
            history.values(f"{subject}.churn_probability", "mean"),
            mean,
            measure="mean",
        )
    ]
    checks += [
        within_points(
            Check(average, {"column": column}, origin, owner="science"),
            history.values(f"{subject}.{column}", "share"),
            share,
            measure="share",
        )
        for column in shares
    ]

    return tuple(checks)


def _bounded(
    check: Check,
    bounds: Mapping[str, Any],
    values: Sequence[float],
    severity: Severity,
    measure: Measure,
) -> Check:
    """Return *check* with its bounds and where they come from."""
    context: dict[str, Any] = {"measure": measure}
    if values:
        context |= {"trailing_median": median(values), "of": len(values)}

    return replace(check, kwargs={**check.kwargs, **bounds}, severity=severity, context=context)
