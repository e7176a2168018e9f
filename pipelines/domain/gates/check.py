"""What a gate asks of which rows: expectations, called as Great Expectations calls them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np

from pipelines.domain.features.contract import Feature, FeatureContract

CheckSeverity = Literal["fail", "warn"]

# The age of a row in days, which every batch with `known_before` offers as a column.
AGE = "known_days_ago"

# A level the encoder does not know is scored as missing, so a few are tolerable, many are not.
KNOWN_LEVELS_MOSTLY = 0.95

# Models read float32, in which 1e308 is infinite; PostgreSQL's NaN and infinity are larger as well.
LARGEST = float(np.finfo(np.float32).max)

SQL_TYPES: dict[str, tuple[str, ...]] = {
    "numeric": ("DOUBLE PRECISION", "BIGINT", "INTEGER"),
    "categorical": ("TEXT",),
    "boolean": ("BOOLEAN",),
}


@dataclass(frozen=True, slots=True)
class Check:
    """
    One expectation of one batch.

    Attributes:
        expectation: Type as Great Expectations names it: `expect_…`.
        kwargs: Its arguments.
        origin: Where it is written, for the error when it is not legal.
        severity: Whether a failure stops the night or is only recorded.
        owner: Who is asked when it fails.
        context: Where its bounds come from; kept beside its arguments.
    """

    expectation: str
    kwargs: Mapping[str, Any]
    origin: str
    severity: CheckSeverity = "fail"
    owner: str = "data"
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """
    A boolean column that says whether a row's key is known elsewhere.

    Attributes:
        name: Name of the boolean column.
        column: The key, called the same in both tables.
        table: Table of the same schema that should know the key, by the same date.
    """

    name: str
    column: str
    table: str


@dataclass(frozen=True, slots=True)
class Bands:
    """
    A text column that says in which band another column's value lies.

    Attributes:
        name: Name of the text column.
        column: The number that is cut.
        floor: Name of the lowest band.
        lowest: Smallest number, inclusive, of each other band.
    """

    name: str
    column: str
    floor: str
    lowest: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Indicator:
    """
    A column that is 1 where another has a value and 0 elsewhere, so that its mean is a share.

    Attributes:
        name: Name of the column that is added.
        column: The column looked at.
        value: The value.
    """

    name: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Riskiest:
    """
    Only the riskiest rows of a list, and a column that says who was among those of another list.

    Attributes:
        customers: How many of each list.
        name: Name of the boolean column that is added.
        score_date: Date of the other list.
        run_id: Its run.
    """

    customers: int
    name: str
    score_date: date
    run_id: int


@dataclass(frozen=True, slots=True)
class Suite:
    """
    The expectations written by hand for one table.

    Attributes:
        checks: What is expected.
        known_within_days: Only rows known in that many days before as_of are read; None reads all.
        lookups: Keys looked up in other tables.
    """

    checks: tuple[Check, ...]
    known_within_days: int | None = None
    lookups: tuple[KeyLookup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """
    Rows of one table, and what is expected of them.

    Attributes:
        schema: Schema of the table.
        table: The table.
        checks: What is expected.
        equals: Columns that must equal a value for a row to belong.
        known_before: Rows belong when `loaded_at` is before this date, 00:00 UTC.
        known_within_days: And at most so many days before.
        lookups: Columns added to the rows by looking keys up.
        bands: Column added to the rows by cutting a number.
        indicators: Columns added by comparing with a value.
        riskiest: Keeps the riskiest rows only, and looks them up in another list.
        label: Tells several sets of rows of one table apart.
    """

    schema: str
    table: str
    checks: tuple[Check, ...]
    equals: Mapping[str, date | int] = field(default_factory=dict)
    known_before: date | None = None
    known_within_days: int | None = None
    lookups: tuple[KeyLookup, ...] = ()
    bands: Bands | None = None
    indicators: tuple[Indicator, ...] = ()
    riskiest: Riskiest | None = None
    label: str = "rows"

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns without which the rows cannot be told apart, so no expectation can be checked."""
        return (
            *self.equals,
            *(() if self.known_before is None else ("loaded_at",)),
            *(lookup.column for lookup in self.lookups),
            *(() if self.bands is None else (self.bands.column,)),
            *(indicator.column for indicator in self.indicators),
            *(() if self.riskiest is None else ("customer_id", "churn_probability")),
        )

    @property
    def added(self) -> tuple[str, ...]:
        """Columns the rows have on top of the table's own."""
        return (
            *(() if self.known_before is None else (AGE,)),
            *(lookup.name for lookup in self.lookups),
            *(() if self.bands is None else (self.bands.name,)),
            *(indicator.name for indicator in self.indicators),
            *(() if self.riskiest is None else (self.riskiest.name,)),
        )


def feature_checks(contract: FeatureContract, rows: int) -> tuple[Check, ...]:
    """
    Return what a feature contract promises, as checks.

    Args:
        contract: Contract the features were built to.
        rows: Number of rows the build reported.
    """
    count = Check("expect_table_row_count_to_equal", {"value": rows}, "churn.feature_builds")

    return (count, *(check for item in contract.features for check in _one_feature(item)))


def score_checks(
    *, rows: int, lowest: Mapping[str, float], floor: str, actions: tuple[str, ...]
) -> tuple[Check, ...]:
    """
    Return what scores owe to the features and to churn.toml, as checks.

    Args:
        rows: Number of customers with features.
        lowest: Smallest probability of each tier but the lowest.
        floor: Name of the lowest tier.
        actions: The actions a tier may recommend.
    """
    tiers = [floor, *lowest]

    return (
        Check("expect_table_row_count_to_equal", {"value": rows}, "churn.feature_builds"),
        Check(
            "expect_column_values_to_be_in_set",
            {"column": "risk_tier", "value_set": tiers},
            "churn.toml [tiers]",
            owner="science",
        ),
        Check(
            "expect_column_pair_values_to_be_equal",
            {"column_A": "risk_tier", "column_B": "tier_by_threshold"},
            "churn.toml [tiers]",
            owner="science",
        ),
        Check(
            "expect_column_values_to_be_in_set",
            {"column": "recommended_action", "value_set": list(actions)},
            "churn.toml [tiers.actions]",
            owner="science",
        ),
    )


def _one_feature(feature: Feature) -> tuple[Check, ...]:
    """Return the checks of one feature."""
    promises: list[tuple[str, dict[str, Any]]] = [
        ("expect_column_values_to_be_in_type_list", {"type_list": [*SQL_TYPES[feature.kind]]})
    ]
    if not feature.nullable:
        promises.append(("expect_column_values_to_not_be_null", {}))
    if feature.kind == "numeric":
        bounds = {
            "min_value": -LARGEST if feature.minimum is None else feature.minimum,
            "max_value": LARGEST if feature.maximum is None else feature.maximum,
        }
        promises.append(("expect_column_values_to_be_between", bounds))
    if feature.kind == "categorical":
        levels = {"value_set": [*feature.levels], "mostly": KNOWN_LEVELS_MOSTLY}
        promises.append(("expect_column_values_to_be_in_set", levels))

    return tuple(
        Check(expectation, {"column": feature.name, **kwargs}, "contract", owner=feature.owner)
        for expectation, kwargs in promises
    )
