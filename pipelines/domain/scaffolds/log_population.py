"""A log as a population: what is loaded of it, what is asked of it, and which days train."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from pipelines.domain.imports.declared import DeclaredTable, ordered
from pipelines.domain.inspection.tables import Inspected, churned
from pipelines.domain.scaffolds.accepted import accepted_features
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.events.declaration import LONGEST_WINDOW
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.logs.foretold import Outcome, Rows, Texts, foretold, outcome
from pipelines.domain.scaffolds.logs.log_tables import log_table
from pipelines.domain.scaffolds.logs.periods import learned_from, least_distance, periods
from pipelines.domain.scaffolds.logs.training_days import training_days
from pipelines.domain.scaffolds.logs.whose_and_when import WhoseAndWhen
from pipelines.domain.scaffolds.several.beside_table import BesideTable
from pipelines.domain.scaffolds.several.leaving_table import LeavingTable
from pipelines.errors import ImportRefused

# Members of an as_of had an event in so many days before, where silence is no leaving.
USUAL_ELIGIBLE_DAYS = 90
# Of so many customers one stays.
ENOUGH_TO_STAY = 100


@dataclass(frozen=True, slots=True)
class LogPopulation:
    """
    Everything that is written of a population that is known by what it does.

    Attributes:
        table: What is loaded.
        log: What features and labels are made of.
        bounds: Least and greatest amount that is expected.
        ends: The day before which the log is whole.
        snapshot_every_days: Days between the snapshots a training takes.
        snapshots: How many it takes.
        before_days: Days of the log before the first of them.
        snapshots_on: Column of its raw table on whose days they are; empty where any day will do.
        is_weekly: Whether every week of the log has a row.
        rows_ahead: Rows that have not happened yet, of those that were looked at.
        leaving: Share of the customers who left in the last horizon.
        beside: The other tables.
        leads: Tables that only say whose the rows of others are.
        told_by: The table whose rows say who left; None where the log does.
        left_out: Name of each table that gives nothing, with the reason.
        accepted: What a person took all the same, with the reason.
    """

    table: DeclaredTable
    log: EventLog
    bounds: Mapping[str, tuple[float, float]]
    ends: date
    snapshot_every_days: int
    snapshots: int
    before_days: int
    snapshots_on: str = ""
    is_weekly: bool = True
    rows_ahead: int = 0
    leaving: float = 0.0
    beside: tuple[BesideTable, ...] = ()
    leads: tuple[DeclaredTable, ...] = ()
    told_by: LeavingTable | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted_features(self) -> dict[str, str]:
        """Reason of each feature of a column, or a table, that was taken all the same."""
        log = self.log
        stems = {each.column: each.stem for each in log.kinds}
        stems |= {each.column: each.stem for each in log.amounts}
        stems |= {each.column: each.stem for each in log.attributes}
        beside = [(each.table, [item.name for item in each.features]) for each in self.beside]
        own = (self.table, [feature.name for feature in event_features(log)])

        return accepted_features(self.accepted, [own, *beside], stems=stems)

    @property
    def tables(self) -> tuple[DeclaredTable, ...]:
        """Every table that is loaded, one before those that go through it."""
        told_by = [self.told_by.table] if self.told_by else []

        return ordered([self.table, *told_by, *self.leads, *(each.table for each in self.beside)])


def judge(
    found: Inspected,
    rows: WhoseAndWhen,
    leaving: Leaving,
    *,
    eligible_days: int | None,
    customers: Texts | None = None,
    left: Rows | None = None,
) -> Outcome:
    """
    Tell who left in the last horizon of a log, so that columns that knew it are found.

    Args:
        found: The log, looked at.
        rows: Its columns that say whose a row is, and when.
        leaving: What counts as leaving.
        eligible_days: As of `plan`.
        customers: `(n_rows,)`, whose each row is; None where its own column says it.
        left: Rows of another table that say who left; None where it is the log's.

    Raises:
        ImportRefused: All of them left, as they do where each has a number anew with every row.
    """
    if customers is None:
        customers = rows.customer.row_texts
    whole = Rows(customers, rows.happened.row_instants).until(found.as_of)
    if left is None and leaving.column:
        column = next((each for each in found.columns if each.name == leaving.column), None)
        left = whole.only(churned(column, leaving.value)) if column is not None else None

    judged = outcome(whole, leaving, eligible_days=_eligible(leaving, eligible_days), left=left)
    is_new = rows.customer.known < 2 * rows.customer.distinct
    if is_new and len(judged.has_left) >= ENOUGH_TO_STAY and judged.has_left.all():
        raise ImportRefused(
            f"all {len(judged.has_left):,} customers of {found.name} on {judged.at} had left "
            f"{leaving.days} days later, so that there is nobody to tell them from; "
            f"{rows.customer.name} has {rows.customer.known / max(1, rows.customer.distinct):.1f} "
            "rows a customer",
            next_step="name the column that says who they are: --key COLUMN; or say more days in "
            "--gone",
        )

    return judged


def plan(
    answers: Answers,
    found: Inspected,
    rows: WhoseAndWhen,
    leaving: Leaving,
    *,
    eligible_days: int | None,
    judged: Outcome,
    customers: Texts | None = None,
    through: str = "",
    carried: Sequence[str] = (),
    beside: Sequence[BesideTable] = (),
    leads: Sequence[DeclaredTable] = (),
    told_by: LeavingTable | None = None,
    left_out: Mapping[str, str] | None = None,
) -> LogPopulation:
    """
    Decide what a log is made of.

    Args:
        answers: What a person said of it.
        found: The log, looked at.
        rows: Its columns that say whose a row is, and when.
        leaving: What counts as leaving.
        eligible_days: Members had an event in so many days; None takes the horizon of silence.
        judged: Who left in the last horizon.
        customers: As of `judge`.
        through: As of a `DeclaredColumn`, of the column that says whose a row is.
        carried: Headers of columns other tables go through.
        beside: The other tables.
        leads: Tables that only say whose the rows of others are.
        told_by: The table whose rows say who left; None where it is the log's.
        left_out: Name of each table that gives nothing, with the reason.

    Raises:
        ImportRefused: The log lacks a column, or is too short to learn from.
    """
    # Who says which rows make a member takes them for events.
    found_periods = periods(found, rows) if eligible_days is None and not through else None
    eligible_days = _eligible(leaving, eligible_days)
    if customers is None:
        customers = rows.customer.row_texts
    if found_periods is not None and leaving.silent:
        found_periods.require(leaving.days, found.name)
    main = log_table(
        answers,
        found,
        rows,
        leaving,
        leaks=foretold(found.columns, Rows(customers, rows.happened.row_instants), judged),
        through=through,
        carried=carried,
        eligible_days=eligible_days,
        has_left=told_by.rule if told_by else None,
        has_periods=found_periods is not None,
    )
    first, ends = main.days.span
    days = training_days(
        found,
        first,
        ends,
        horizon=leaving.days,
        eligible=eligible_days,
        looks_back=0 if found_periods else LONGEST_WINDOW,
        is_any_day=found_periods is None,
    )
    log = main.log
    if found_periods is None:
        history = max(days.history_days, LONGEST_WINDOW, eligible_days)
        log, latest = replace(log, history_days=history), first + timedelta(days.history_days)
    else:
        every = least_distance(found_periods.days, days.every_days)
        count, history = learned_from(
            found_periods.days,
            every_days=every,
            count=days.count,
            ends=ends,
            horizon_days=leaving.days,
        )
        days = replace(days, every_days=every, count=count)
        log, latest = replace(log, history_periods=history), found_periods.days[history - 1].item()

    return LogPopulation(
        table=main.table,
        log=log,
        bounds=main.bounds,
        ends=ends,
        snapshot_every_days=days.every_days,
        snapshots=days.count,
        before_days=days.before_days,
        snapshots_on=log.happened_at if found_periods else "",
        is_weekly=main.days.is_weekly,
        rows_ahead=main.days.rows_ahead,
        leaving=judged.share,
        beside=tuple(each.looking_back_from(latest) for each in beside),
        leads=tuple(leads),
        told_by=told_by,
        left_out=left_out or {},
    )


def _eligible(leaving: Leaving, days: int | None) -> int:
    """Return members had an event in how many days."""
    if days is not None:
        return days

    return leaving.days if leaving.silent else USUAL_ELIGIBLE_DAYS
