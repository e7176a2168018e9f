"""Several tables of one population: which says who it is, who left, and what more there is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from pipelines.domain.columns.names import is_key_like, names_a_person
from pipelines.domain.inspection.keys import Link
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.answers import Answers, columns_of, plain
from pipelines.domain.scaffolds.contracts.contract_times import contract_times, ends_of
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.logs.written_later import is_end
from pipelines.domain.scaffolds.several.owners import OwnedTable, is_unique, owned_tables
from pipelines.errors import ConfigError, ImportRefused

Texts = npt.NDArray[np.object_]

# What people call any row of the one log there is.
ANY_EVENT = frozenset({"events", "event", "rows", "activity"})


@dataclass(frozen=True)
class TableRoles:
    """
    What each table is for.

    Attributes:
        main: The one that says who the population is.
        others: Those that say more of its customers.
        rule: What counts as leaving, columns without TABLE. before them; None where a label does.
        told_by: The one whose rows say who left, where that is neither.
        is_contracts: Whether the main one says who left, by the ends of its rows.
        left_out: Name of each that says nothing of a customer, with the reason.
    """

    main: OwnedTable
    rule: Leaving | None = None
    others: tuple[OwnedTable, ...] = ()
    told_by: OwnedTable | None = None
    is_contracts: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict)


def roles(
    answers: Answers, inspection: Inspection, rule: Leaving | None, eligible: str
) -> TableRoles:
    """
    Tell tables apart.

    Args:
        answers: What a person said.
        inspection: At least two tables, looked at.
        rule: What counts as leaving; None where a table with a row a customer says it.
        eligible: Table of the rule that says who is scored; empty where none does.

    Raises:
        ConfigError: A rule names a table that is not there.
        ImportRefused: Nothing tells who the population is.
    """
    told_by, is_contracts = None, False
    if rule is None:
        main = _labelled(answers, inspection)
        root, key = main, answers.of_table(main).key or main.key
    else:
        told_by, rule = _told_by(inspection, rule)
        main = _log(answers, inspection, rule, eligible, told_by)
        root, key = _root(answers, inspection, told_by or main)
        is_contracts = told_by is main and bool(rule.table)
        told_by = None if told_by is main else told_by
    if key is None:
        raise ImportRefused(
            f"no column of {root.name} says whose a row is",
            next_step=f"name it: --key {root.name}.COLUMN",
        )
    owned = owned_tables(answers, inspection, root, key)
    left_out = {
        table.name: "no column of it leads to a customer"
        for table in inspection.tables
        if table.name not in owned
    }
    for table in filter(None, (main, told_by)):
        if table.name not in owned:
            raise ImportRefused(
                f"no column of {table.name} leads to {key} of {root.name}",
                next_step=f"name it: --key {table.name}.COLUMN",
            )
    others = [table for name, table in owned.items() if name != main.name]
    ended = None
    if told_by is not None and (ended := _ended(answers, owned[told_by.name])) is None:
        others = [table for table in others if table.found is not told_by]

    return TableRoles(
        main=owned[main.name],
        rule=rule,
        others=tuple(others),
        told_by=ended or (owned[told_by.name] if told_by is not None else None),
        is_contracts=is_contracts,
        left_out=left_out,
    )


def _ended(answers: Answers, owned: OwnedTable) -> OwnedTable | None:
    """Return a table as the ends of its rows, if those are what a person named as its time."""
    time = answers.of_table(owned.found).time
    if time is None:
        return None
    end = owned.column(time)
    is_ended = any(is_end(end, owned.column(begin)) for begin in owned.found.times if begin != time)

    return replace(owned, carried=(), is_ended=True) if is_ended else None


def _labelled(answers: Answers, inspection: Inspection) -> Inspected:
    """Return the table that says who left."""
    header = (answers.label or "").partition("=")[0]
    for table in inspection.tables:
        is_named = not header or (table.label and plain(header, table) == table.label.column)
        if table.label and table.key and is_named:
            return table
    raise ImportRefused(
        "no table with a row a customer says who left: "
        + ", ".join(table.name for table in inspection.tables),
        next_step="say it as --label COLUMN=VALUE, or of a log as --gone 'no TABLE in 90d'",
    )


def _told_by(inspection: Inspection, rule: Leaving) -> tuple[Inspected | None, Leaving]:
    """Return the table whose rows say who left, None where silence alone does, and the rule."""
    if rule.table:
        return _named(inspection, rule.table), rule
    if not rule.column:
        return None, rule
    for table in inspection.tables:
        if header := plain(rule.column, table):
            return table, replace(rule, column=header)
    raise ImportRefused(
        f"no table has a column {rule.column!r}; there are {columns_of(inspection.tables)}",
        next_step="name one of those as --gone 'COLUMN=VALUE in 60d'",
    )


def _log(
    answers: Answers,
    inspection: Inspection,
    rule: Leaving,
    eligible: str,
    told_by: Inspected | None,
) -> Inspected:
    """Return the log whose customers the population is, or the contracts whose ends say it."""
    for named in (rule.silent, eligible):
        if named and named.casefold() not in ANY_EVENT:
            return _named(inspection, named)
    if told_by is not None and not rule.table and not _is_one_row_each(told_by):
        return told_by
    logs = [table for table in inspection.tables if table.times and table is not told_by]
    said = answers.of_table(told_by).times if told_by is not None else ()
    if told_by is not None and rule.table and not rule.silent and ends_of(told_by, said):
        logs = [told_by, *(table for table in logs if not _is_one_row_each(table))]
        if len(logs) > 1 and not said:
            raise _either_time(told_by)
    if not logs:
        raise ImportRefused(
            "no table has a column of dates or times",
            next_step="name one that says when a row happened: --time TABLE.COLUMN",
        )

    return max(logs, key=lambda table: table.rows)


def _either_time(told_by: Inspected) -> ImportRefused:
    """Return what is said of a table whose rows begin and end, where either may say who left."""
    times = contract_times(told_by, ())

    return ImportRefused(
        f"rows of {told_by.name} begin ({times.begin.name}) and end ({times.end.name}), and either "
        "may say who left",
        next_step=f"name it: --time {told_by.name}.{times.end.name} of contracts, that end, or "
        f"--time {told_by.name}.{times.begin.name} of what somebody does once, such as to cancel",
    )


def _is_one_row_each(table: Inspected) -> bool:
    """Tell whether a table has no customer twice, but for mistakes."""
    header = table.customer or table.key

    return any(column.name == header and is_unique(column) for column in table.columns)


def _root(
    answers: Answers, inspection: Inspection, start: Inspected
) -> tuple[Inspected, str | None]:
    """Return the table whose key the customers are, and that key, as links lead there."""
    by_name = {table.name: table for table in inspection.tables}
    table, key, seen = start, start.customer or start.key, {start.name}
    while True:
        if named := answers.of_table(table).key:
            return table, named
        link = _onwards(inspection.links, table, seen)
        if link is None:
            return table, key
        pointing = next(each for each in table.columns if each.name == link.column)
        table, key = by_name[link.to_table], link.to_column
        seen.add(table.name)
        if is_unique(pointing):
            key = _repeated(table, key) or key


def _onwards(links: Sequence[Link], table: Inspected, seen: Collection[str]) -> Link | None:
    """
    Return the link by which a row of a table comes nearer to a customer; None where it is there.

    One whose column names a customer, else one that leads to such a one, else the last.
    """
    out = [link for link in links if link.table == table.name and link.to_table not in seen]
    direct = [link for link in out if names_a_person(link.column)]
    further = {link.table for link in links if names_a_person(link.column)}
    leading = [link for link in out if link.to_table in further]

    return next(iter(direct or leading or out[-1:]), None)


def _repeated(table: Inspected, key: str) -> str | None:
    """
    Return the customer of a table whose key every row of a log has anew; None where there is none.

    A shop that numbers its customers by order says in another column who they really are.
    """
    return next(
        (
            column.name
            for column in table.columns
            if column.name != key
            and column.kind == "identifier"
            and names_a_person(column.name)
            and is_key_like(column.name)
            and column.known == column.values.rows
            and not is_unique(column)
        ),
        None,
    )


def _named(inspection: Inspection, name: str) -> Inspected:
    """Return the table people call so."""
    for table in inspection.tables:
        if table.is_called(name):
            return table
    known = ", ".join(table.name for table in inspection.tables)
    raise ConfigError(
        f"there is no table {name!r}; there are {known}",
        next_step="call a table as its source does",
    )
