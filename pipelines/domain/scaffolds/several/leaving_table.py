"""A table beside the log whose rows say who left."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from pipelines.domain.imports.declared import CUSTOMER, DeclaredColumn, DeclaredTable
from pipelines.domain.inspection.tables import churned
from pipelines.domain.scaffolds import loading, names
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.events.event_log import ROW_OF, LabelRule, LeavingEvents
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.levels import level_of
from pipelines.domain.scaffolds.logs.column_uses import column_uses
from pipelines.domain.scaffolds.logs.foretold import Rows
from pipelines.domain.scaffolds.logs.whose_and_when import whose_and_when
from pipelines.domain.scaffolds.several.owners import OwnedTable

ONLY_WHO_LEFT = "only who left, and when, is taken of this table"


@dataclass(frozen=True)
class LeavingTable:
    """
    A table whose rows say who left.

    Attributes:
        table: What is loaded.
        rule: When a customer has left.
        rows: Those that say it.
    """

    table: DeclaredTable
    rule: LabelRule
    rows: Rows = field(repr=False)

    @property
    def last_day(self) -> date | None:
        """The day of the last of its rows; None where there is none."""
        happened = self.rows.happened[~np.isnat(self.rows.happened)]

        return happened.max().astype("datetime64[D]").item() if len(happened) else None


def leaving_table(answers: Answers, owned: OwnedTable, leaving: Leaving) -> LeavingTable:
    """
    Decide what is loaded of it.

    Args:
        answers: What a person said of it.
        owned: The table.
        leaving: The rule, which names it or a column of it.

    Raises:
        ImportRefused: No column says when a row happened, or the value is never there.
    """
    found = whose_and_when(owned.found, key=owned.customer, time=answers.time, known=answers.known)
    rows = Rows(owned.row_customers, found.happened.row_instants)
    named = names.of_table(owned.found.columns, owned.customer)
    happened = found.happened
    columns = [
        DeclaredColumn(CUSTOMER, owned.customer, "text", through=owned.through),
        loading.time_of(named, happened),
    ]
    if found.known is not None:
        columns.append(loading.time_of(named, found.known))
    level = ""
    if leaving.column:
        uses = column_uses(owned.found, found, label=leaving.column)
        kind = next(each for each in uses.kinds if each.name == leaving.column)
        level = level_of(kind, leaving)
        rows = rows.only(churned(kind, level))
        columns.append(DeclaredColumn(named[leaving.column], leaving.column, "text"))
    columns += loading.carried(owned.carried, columns, named)
    there = {column.header for column in columns}
    table = DeclaredTable(
        population=answers.name,
        name=names.ended(owned.found.name) if owned.is_ended else names.table(owned.found.name),
        origin=owned.found.origin,
        holds="log",
        columns=tuple(columns),
        happened_at=named[happened.name],
        known_at=named[found.known.name] if found.known else None,
        dropped=dict.fromkeys(
            (column.name for column in owned.found.columns if column.name not in there),
            ONLY_WHO_LEFT,
        ),
        is_open=owned.is_ended,
    )
    events = LeavingEvents(
        table=table.name,
        raw_table=table.raw_table,
        happened_at=named[happened.name],
        is_dated=happened.kind == "date",
        column=named[leaving.column] if leaving.column else "",
        level=level,
    )

    return LeavingTable(
        table, LabelRule("either" if leaving.silent else "kind", ROW_OF, table.name, events), rows
    )
