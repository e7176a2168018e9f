"""One log of a population: what is loaded of it, and what features are made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipelines.domain.columns.column import Column
from pipelines.domain.imports.declared import CUSTOMER, ColumnType, DeclaredColumn, DeclaredTable
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import loading, names
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.events import attributes, log_columns
from pipelines.domain.scaffolds.events.attributes import AttributeColumn
from pipelines.domain.scaffolds.events.event_log import Definition, EventLog, LabelRule
from pipelines.domain.scaffolds.facts import TYPES as FACT_TYPES
from pipelines.domain.scaffolds.facts import spelled_levels
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.levels import level_of, levels
from pipelines.domain.scaffolds.logs.column_uses import ColumnUses, column_uses
from pipelines.domain.scaffolds.logs.log_days import LogDays, log_days
from pipelines.domain.scaffolds.logs.ownership import customers_of
from pipelines.domain.scaffolds.logs.whose_and_when import WhoseAndWhen

TYPES: Mapping[str, ColumnType] = {
    "boolean": "text",
    "category": "text",
    "integer": "number",
    "number": "number",
    "date": "date",
    "instant": "instant",
}
NEVER = Leaving(days=1)
# Of the pauses between rows of a customer: who is away for longer may have left.
SHARE_OF_GAPS = 0.95
USUAL_GAP_DAYS = 90
# Of the rows of a log: with fewer times, such as lines of one invoice, none of them is the last.
SHARE_OF_TIMES = 0.8
# Of a level of what customers are like; who is of another one is `other`.
LEAST_CUSTOMERS = 30


@dataclass(frozen=True)
class LogTable:
    """
    One log.

    Attributes:
        table: What is loaded.
        log: What features are made of.
        bounds: Least and greatest amount that is expected.
        happened: The column that says when a row happened.
        days: Those on which something has happened.
    """

    table: DeclaredTable
    log: EventLog
    bounds: Mapping[str, tuple[float, float]]
    happened: Column
    days: LogDays


def log_table(
    answers: Answers,
    found: Inspected,
    rows: WhoseAndWhen,
    leaving: Leaving = NEVER,
    *,
    through: str = "",
    carried: Collection[str] = (),
    leaks: Mapping[str, str] | None = None,
    eligible_days: int | None = None,
    has_left: LabelRule | None = None,
    has_periods: bool = False,
) -> LogTable:
    """
    Decide what one log is made of.

    Args:
        answers: What a person said of it.
        found: The log, looked at.
        rows: Its columns that say whose a row is, and when.
        leaving: What counts as leaving; of a log beside the main one, nothing.
        through: Table and column that say whose a row is by what its own column holds; empty
            where that is the customer.
        carried: Headers of columns that are loaded for the sake of other tables.
        leaks: Header of each column that knows who left, with the reason.
        eligible_days: Members had an event in so many days; None: ever.
        has_left: How leaving is told by another table; None where this one tells it.
        has_periods: Whether a customer has one row a period.

    Raises:
        ImportRefused: The log lacks a column, or nothing of it has happened yet.
    """
    days = log_days(rows.happened, found)
    columns = column_uses(
        found,
        rows,
        label=leaving.column if has_left is None else "",
        drops=answers.drops,
        accepts=answers.accepts,
        leaks=leaks,
    )
    table_name = names.table(found.name)
    has_last = leaving is NEVER or _has_last(rows)
    if not has_last:
        columns = columns.without_changing()
    named = names.of_table(found.columns, rows.customer.name)
    kinds = log_columns.kind_columns(
        {named[column.name]: levels(column) for column in columns.kinds}
    )
    amounts = log_columns.amount_columns(
        {named[column.name]: "" for column in columns.amounts}, kinds
    )
    table = DeclaredTable(
        population=answers.name,
        name=table_name,
        origin=found.origin,
        holds="log",
        columns=tuple(_declared(rows, columns, named, through=through, carried=carried)),
        happened_at=named[rows.happened.name],
        known_at=named[rows.known.name] if rows.known else None,
        dropped={name: why for name, why in columns.others.items() if name not in carried},
    )
    log = EventLog(
        population=answers.name,
        table=table_name,
        label=has_left or _label(columns, leaving, named),
        kinds=kinds,
        amounts=amounts,
        attributes=_attributes(columns, rows.customer, named, [*kinds, *amounts]),
        has_last=has_last,
        has_periods=has_periods and columns.session is None,
        session=named[columns.session.name] if columns.session else None,
        happened_at=named[rows.happened.name],
        is_dated=rows.happened.kind == "date",
        has_times=rows.happened.kind == "instant",
        eligible_days=eligible_days,
        horizon_days=leaving.days,
    )

    return LogTable(
        table=table,
        log=log,
        bounds={named[column.name]: loading.widened(column) for column in columns.amounts},
        happened=rows.happened,
        days=days,
    )


def _has_last(rows: WhoseAndWhen) -> bool:
    """Tell whether nearly every row of a customer has a time no other one has."""
    told = pd.DataFrame({"who": rows.customer.values.codes, "at": rows.happened.row_instants})
    told = told[told["at"].notna()]

    return bool((~told.duplicated()).sum() >= SHARE_OF_TIMES * len(told))


def usual_gap_days(found: Inspected, customer: Column) -> int:
    """
    Return within how many days nearly every row of a customer is followed by the next one.

    Args:
        found: A table with many rows a customer.
        customer: The column that says whose a row is.

    Returns:
        At least a week; 90 where no column says when a row happened.
    """
    times = [column for column in found.columns if column.name in found.times]
    if not times:
        return USUAL_GAP_DAYS
    happened = max(times, key=lambda column: column.known)
    rows = pd.DataFrame({"customer": customer.row_texts, "at": happened.row_instants})
    gaps = rows.dropna().sort_values("at").groupby("customer")["at"].diff().dt.days
    gaps = gaps[gaps > 0]

    return max(int(np.ceil(gaps.quantile(SHARE_OF_GAPS))), 7) if len(gaps) else USUAL_GAP_DAYS


def _declared(
    rows: WhoseAndWhen,
    columns: ColumnUses,
    named: Mapping[str, str],
    *,
    through: str,
    carried: Collection[str],
) -> list[DeclaredColumn]:
    """Return how each column is loaded, whose an event is first."""
    session = [columns.session] if columns.session else []
    found = [DeclaredColumn(CUSTOMER, rows.customer.name, "text", through=through)]
    for column in (rows.happened, *columns.kinds, *columns.amounts, *session):
        kind = "text" if column in session else TYPES[column.kind]
        found.append(loading.declared(named[column.name], column, kind))
    if rows.known is not None and rows.known is not rows.happened:
        found.append(loading.time_of(named, rows.known))
    for column in columns.attributes:
        declared = loading.declared(named[column.name], column, FACT_TYPES.get(column.kind, "text"))
        found.append(replace(declared, identifies=column.name not in columns.fixed))

    return [*found, *loading.carried(carried, found, named)]


def _levels(column: Column, customer: Column) -> tuple[str, ...]:
    """Return the levels that enough customers have to learn from, the commonest first."""
    had_by = customers_of(column, customer)

    return tuple(
        level for level in spelled_levels(column) if had_by.get(level, 0) >= LEAST_CUSTOMERS
    )


def _attributes(
    columns: ColumnUses,
    customer: Column,
    named: Mapping[str, str],
    others: Sequence[log_columns.KindColumn | log_columns.AmountColumn],
) -> tuple[AttributeColumn, ...]:
    """Return the columns of which the last value counts."""
    taken = [each.stem for each in others]
    taken += [
        measure
        for each in others
        if isinstance(each, log_columns.KindColumn)
        for measure in each.measures
    ]

    return attributes.named(
        [
            AttributeColumn(
                column=named[column.name],
                stem="",
                type=FACT_TYPES.get(column.kind, "text"),
                levels=_levels(column, customer),
                is_fixed=column.name in columns.fixed,
            )
            for column in columns.attributes
        ],
        taken,
    )


def _label(columns: ColumnUses, leaving: Leaving, named: Mapping[str, str]) -> LabelRule:
    """Return when a customer has left."""
    if not leaving.column:
        return LabelRule("inactivity")
    column = next(column for column in columns.kinds if column.name == leaving.column)
    definition: Definition = "either" if leaving.silent else "kind"

    return LabelRule(definition, named[column.name], level_of(column, leaving))
