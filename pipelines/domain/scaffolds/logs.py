"""A log as a population: what is loaded of it, what is asked of it, and which days train."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.imports.declared import CUSTOMER, ColumnType, DeclaredColumn, DeclaredTable
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import loading, names
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.column_uses import ColumnUses, column_uses
from pipelines.domain.scaffolds.events import log_columns
from pipelines.domain.scaffolds.events.event_log import EventLog, LabelRule
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.errors import ImportRefused

TYPES: Mapping[str, ColumnType] = {
    "boolean": "text",
    "category": "text",
    "integer": "number",
    "number": "number",
    "date": "date",
    "instant": "instant",
}
# Members of an as_of had an event in so many days before, where silence is no leaving.
USUAL_ELIGIBLE_DAYS = 90
MOST_SNAPSHOTS = 12
WEEK = 7


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
    """

    table: DeclaredTable
    log: EventLog
    bounds: Mapping[str, tuple[float, float]]
    ends: date
    snapshot_every_days: int
    snapshots: int


def plan(
    answers: Answers, found: Inspected, leaving: Leaving, *, eligible_days: int | None
) -> LogPopulation:
    """
    Decide what a log is made of.

    Args:
        answers: What a person said.
        found: The log, looked at.
        leaving: What counts as leaving.
        eligible_days: Members had an event in so many days; None takes the horizon of silence.

    Raises:
        ImportRefused: The log lacks a column, or is too short to learn from.
    """
    columns = column_uses(
        found,
        key=answers.key,
        time=answers.time,
        label=leaving.column,
        drops=answers.drops,
    )
    table_name = names.slug(found.name, longest=16)
    named = names.columns(column.name for column in found.columns if column is not columns.customer)
    if eligible_days is None:
        eligible_days = leaving.days if leaving.silent else USUAL_ELIGIBLE_DAYS
    kinds = log_columns.kind_columns(
        {named[column.name]: _levels(column) for column in columns.kinds}
    )
    table = DeclaredTable(
        population=answers.name,
        name=table_name,
        origin=found.origin,
        holds="log",
        columns=tuple(_declared(columns, named)),
        happened_at=named[columns.happened.name],
        dropped=columns.others,
    )
    log = EventLog(
        population=answers.name,
        table=table_name,
        label=_label(columns, leaving, named),
        kinds=kinds,
        amounts=log_columns.amount_columns(
            {named[column.name]: "" for column in columns.amounts}, kinds
        ),
        session=named[columns.session.name] if columns.session else None,
        happened_at=named[columns.happened.name],
        is_dated=columns.happened.kind == "date",
        has_times=columns.happened.kind == "instant",
        eligible_days=eligible_days,
        horizon_days=leaving.days,
    )
    first, ends = _span(columns.happened)
    every, count = _training(found, first, ends, horizon=leaving.days, eligible=eligible_days)

    return LogPopulation(
        table=table,
        log=log,
        bounds={named[column.name]: loading.widened(column) for column in columns.amounts},
        ends=ends,
        snapshot_every_days=every,
        snapshots=count,
    )


def _declared(columns: ColumnUses, named: Mapping[str, str]) -> list[DeclaredColumn]:
    """Return how each column is loaded, whose an event is first."""
    session = [columns.session] if columns.session else []
    found = [DeclaredColumn(CUSTOMER, columns.customer.name, "text")]
    for column in (columns.happened, *columns.kinds, *columns.amounts, *session):
        kind = "text" if column in session else TYPES[column.kind]
        found.append(loading.declared(named[column.name], column, kind))

    return found


def _label(columns: ColumnUses, leaving: Leaving, named: Mapping[str, str]) -> LabelRule:
    """Return when a customer has left."""
    if not leaving.column:
        return LabelRule("inactivity")
    column = next(column for column in columns.kinds if column.name == leaving.column)
    wanted = leaving.value.strip().casefold()
    value = next((level for level in _levels(column) if level.casefold() == wanted), None)
    if value is None:
        known = ", ".join(list(column.levels)[:20])
        raise ImportRefused(
            f"{leaving.column} is never {leaving.value!r}; it is {known}",
            next_step=f"say what it is of those who left: --gone '{leaving.column}=VALUE in "
            f"{leaving.days}d'",
        )

    return LabelRule("either" if leaving.silent else "kind", named[column.name], value)


def _levels(column: Column) -> list[str]:
    """Return the values of a column as it holds them, the commonest first."""
    counts = np.where(column.is_known, column.values.counts, 0)
    order = np.argsort(-counts, kind="stable")

    return [str(column.values.levels[place]) for place in order if counts[place]]


def _span(happened: Column) -> tuple[date, date]:
    """
    Return the day of the first event, and that before which the log is whole.

    A log of times was taken at some hour of its last day; one of dates has all of it.
    """
    days = happened.instants[happened.is_known].astype("datetime64[D]")
    whole = timedelta(days=1 if happened.kind == "date" else 0)

    return days.min().item(), days.max().item() + whole


def _training(
    found: Inspected, first: date, ends: date, *, horizon: int, eligible: int
) -> tuple[int, int]:
    """
    Return days between snapshots, whole weeks, and how many a training takes.

    The latest ends with its horizon at the end of the log, those learned from a horizon before it;
    the earliest has as many days before it as make a customer a member.
    """
    every = max(WEEK, round(horizon / 6 / WEEK) * WEEK)
    learned_from = (ends - first).days - 2 * horizon - min(eligible, horizon)
    if learned_from < 0:
        raise ImportRefused(
            f"{found.name} spans {(ends - first).days} days, {first} to {ends}: to learn who "
            f"leaves within {horizon} days, and to test that on later days, takes "
            f"{2 * horizon + min(eligible, horizon)}",
            next_step="say --gone within fewer days, or bring a longer log",
        )

    return every, min(MOST_SNAPSHOTS, 2 + learned_from // every)
