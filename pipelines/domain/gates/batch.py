"""The rows a gate looks at, the columns added to them, and what is expected of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pipelines.domain.gates.check import Check
from pipelines.domain.scoring.tier_bounds import TierBounds

# The age of a row in days, which every batch with `known_before` offers as a column.
AGE = "known_days_ago"


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
    A text column that says in which tier a row of a list belongs.

    Attributes:
        name: Name of the text column.
        bounds: Where the tiers of the list begin.
    """

    name: str
    bounds: TierBounds


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
        is_of_both: Leave out whom the other list does not have: customers of a snapshot of others.
    """

    customers: int
    name: str
    score_date: date
    run_id: int
    is_of_both: bool = False


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
            *(() if self.bands is None else ("customer_id", "churn_probability")),
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
