"""A log somebody brings: whose events they are, and when a customer has left."""

from dataclasses import dataclass
from typing import Literal

from pipelines.domain.imports.declared import BETWEEN
from pipelines.domain.scaffolds.events.attributes import AttributeColumn
from pipelines.domain.scaffolds.events.declaration import LONGEST_WINDOW
from pipelines.domain.scaffolds.events.log_columns import AmountColumn, KindColumn
from pipelines.domain.scaffolds.names import LONGEST_NAME, LONGEST_STEM, is_name, is_part

Definition = Literal["inactivity", "kind", "either"]
# Column of the staging view that says which table a row is of, where two are read as one log.
ROW_OF = "row_of"


@dataclass(frozen=True, slots=True)
class LeavingEvents:
    """
    Rows of another table that say who left.

    Attributes:
        table: Its name, as `sources/POPULATION.toml` calls it.
        raw_table: Name of its raw table.
        happened_at: Raw column that says when.
        is_dated: Whether that column is a date.
        column: Raw column that has to hold `level`; empty where every row says it.
        level: What it has to hold.
    """

    table: str
    raw_table: str
    happened_at: str
    is_dated: bool
    column: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """
    When a customer of an as_of has left.

    Attributes:
        definition: inactivity: no event in the horizon; kind: an event of `level` in it; or either.
        column: Raw column of the kind; empty for inactivity, and `row_of` where another table
            says it.
        level: The kind, as the column holds it; empty for inactivity.
        told_by: The rows of that other table.
    """

    definition: Definition
    column: str = ""
    level: str = ""
    told_by: LeavingEvents | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that is needed and not there, or the other way round."""
        if (self.definition == "inactivity") != (not self.column) or bool(self.column) != bool(
            self.level
        ):
            raise ValueError(f"{self.definition}: column {self.column!r}, level {self.level!r}")


@dataclass(frozen=True, slots=True)
class EventLog:
    """
    A log and what is asked of it.

    Attributes:
        population: Name of the population its customers are.
        table: Name of the table, as `sources/POPULATION.toml` calls it.
        label: When a customer has left.
        kinds: Columns of kinds.
        amounts: Columns of amounts.
        session: Raw column that says which events belong together; None where none does.
        happened_at: Raw column that says when an event happened.
        is_dated: Whether that column is a date.
        has_times: Whether events know their time of day; without, each is at 00:00 UTC.
        eligible_days: Members of an as_of had an event in so many days before; None: ever.
        horizon_days: Length of the horizon.
        gap_days: Days from as_of to the horizon.
        attributes: Other columns, of which the last value counts.
        has_last: Whether rows of a customer have a time each, so that one of them is the last.
        has_periods: Whether a customer has one row a period: what a later load says of one replaces
            what it said, from then on, and members of an as_of are in the last one before it.
        history_days: Features look at so many days before the as_of, however long a log becomes;
            None: at all there is.
        history_periods: The same in periods of the customer, where there are some; None: at all.
    """

    population: str
    table: str
    label: LabelRule
    kinds: tuple[KindColumn, ...] = ()
    amounts: tuple[AmountColumn, ...] = ()
    session: str | None = None
    happened_at: str = "occurred_at"
    is_dated: bool = False
    has_times: bool = True
    eligible_days: int | None = 90
    horizon_days: int = 30
    gap_days: int = 0
    attributes: tuple[AttributeColumn, ...] = ()
    has_last: bool = True
    has_periods: bool = False
    history_days: int | None = None
    history_periods: int | None = None

    def __post_init__(self) -> None:
        """Refuse names that would not do, and days that cannot be."""
        stems = [
            *(kind.stem for kind in self.kinds),
            *(amount.stem for amount in self.amounts),
            *(attribute.stem for attribute in self.attributes),
        ]
        measures = [name for kind in self.kinds for name in kind.measures]
        unfit = [stem for stem in stems if not is_name(stem) or len(stem) > LONGEST_STEM]
        if unfit or len({*stems, *measures}) < len(stems) + len(measures):
            raise ValueError(f"names of columns are unfit or not unique: {stems}, {measures}")
        longest = max(self.staging, f"int_{self.population}_{'x' * LONGEST_STEM}_counted", key=len)
        if len(longest) > LONGEST_NAME or not all(map(is_part, (self.population, self.table))):
            raise ValueError(f"{self.population!r} or {self.table!r} is too long, or no plain name")
        known = {"", *([ROW_OF] if self.label.told_by else (kind.column for kind in self.kinds))}
        if self.label.column not in known:
            raise ValueError(f"{self.label.column} of the label is no column of kinds")
        if self.is_dated and self.has_times:
            raise ValueError(f"{self.happened_at} is a date and has no time of day")
        if self.has_periods and self.session is not None:
            raise ValueError(f"{self.table} has a row a period, and so no sessions")
        least = max(LONGEST_WINDOW, self.eligible_days or 0)
        if self.history_days is not None and self.history_days < least:
            raise ValueError(f"windows, or members, look back {least} days: {self.history_days}")
        if (self.history_periods is not None and not self.has_periods) or self.history_periods == 0:
            raise ValueError(f"features look at {self.history_periods} periods")
        days = (self.horizon_days, 1 if self.eligible_days is None else self.eligible_days)
        if min(days) < 1 or self.gap_days < 0:
            raise ValueError("horizon and eligible days begin at 1, gap days at 0")

    @property
    def raw_table(self) -> str:
        """Name of its raw table."""
        return f"{self.population}{BETWEEN}{self.table}"

    @property
    def staging(self) -> str:
        """Name of its staging view."""
        return f"stg_{self.population}__{self.table}"

    @property
    def with_last(self) -> tuple[KindColumn | AmountColumn | AttributeColumn, ...]:
        """Columns of which the last value counts; of rows at one time, what all of them say."""
        if self.has_last:
            return (*self.kinds, *self.amounts, *self.attributes)

        return tuple(attribute for attribute in self.attributes if attribute.is_fixed)

    @property
    def counted(self) -> tuple[KindColumn, ...]:
        """Columns of kinds whose levels are counted."""
        return () if self.has_periods else self.kinds

    @property
    def label_stem(self) -> str:
        """Name in the staging view of the column that says who left; empty where none does."""
        if self.label.told_by:
            return ROW_OF
        stems = {kind.column: kind.stem for kind in self.kinds}

        return stems.get(self.label.column, "")

    @property
    def looks_beyond_windows(self) -> bool:
        """Whether features of all the history say something that no window says."""
        return self.history_days is None or self.history_days > LONGEST_WINDOW

    @property
    def history(self) -> str:
        """The days features look at, as people read it after a number."""
        return "so far" if self.history_days is None else f"in the last {self.history_days} days"

    def of_history(self, name: str, all_there_is: str) -> str:
        """Return a name that says of how many days it is; *all_there_is* where of all."""
        return all_there_is if self.history_days is None else f"{name}_{self.history_days}d"

    def is_active_in(self, days: int) -> bool:
        """Tell whether every member had an event in so many days before the as_of."""
        return self.eligible_days is not None and self.eligible_days <= days
