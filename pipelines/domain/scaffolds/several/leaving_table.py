"""A table beside the log whose rows say who left."""

from dataclasses import dataclass

from pipelines.domain.imports.declared import CUSTOMER, DeclaredColumn, DeclaredTable
from pipelines.domain.scaffolds import loading, names
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.column_uses import column_uses
from pipelines.domain.scaffolds.events.event_log import ROW_OF, LabelRule, LeavingEvents
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.levels import level_of
from pipelines.domain.scaffolds.several.owners import OwnedTable

ONLY_WHO_LEFT = "only who left, and when, is taken of this table"


@dataclass(frozen=True)
class LeavingTable:
    """
    A table whose rows say who left.

    Attributes:
        table: What is loaded.
        rule: When a customer has left.
    """

    table: DeclaredTable
    rule: LabelRule


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
    uses = column_uses(
        owned.found,
        key=owned.customer,
        time=answers.time,
        known=answers.known,
        label=leaving.column,
        drops=(),
        accepts=(),
        leaks={},
    )
    named = names.of_table(owned.found.columns, owned.customer)
    happened = uses.happened
    columns = [
        DeclaredColumn(CUSTOMER, owned.customer, "text", through=owned.through),
        loading.time_of(named, happened),
    ]
    if uses.known is not None:
        columns.append(loading.time_of(named, uses.known))
    level = ""
    if leaving.column:
        level = level_of(next(each for each in uses.kinds if each.name == leaving.column), leaving)
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
        known_at=named[uses.known.name] if uses.known else None,
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
        table, LabelRule("either" if leaving.silent else "kind", ROW_OF, table.name, events)
    )
