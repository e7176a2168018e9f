"""What a population would be made of, said before anything is written."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipelines.cli import output
from pipelines.domain.imports.declared import CUSTOMER, DeclaredTable
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.logs import LogPopulation
from pipelines.domain.scaffolds.several.beside_table import BesideTable
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.wiring.populations import Proposal

EFFECTS = {
    "new": "new",
    "same": "as it is",
    "renewed": "renewed",
    "extended": "added to",
    "kept": "kept, for you have changed it; below is what would be written",
}


def show(proposal: "Proposal", found: Installation) -> None:
    """Say what a population is made of, and what becomes of each file."""
    population = proposal.population
    if isinstance(population, LogPopulation):
        _show_log(population)
    else:
        _show_customers(population)
    for beside in population.beside:
        _show_beside(beside)
    for name, reason in population.left_out.items():
        output.item(f"left out: {name}: {reason}")
    output.title(f"in {found.settings.project}")
    output.table(
        ["file", ""], [(change.path, EFFECTS[change.effect]) for change in proposal.changes]
    )
    for change in proposal.changes:
        if change.difference and change.effect != "new":
            output.stdout.print(change.difference, markup=False)


def _show_log(population: LogPopulation) -> None:
    """Say what is made of a log."""
    table, log, told_by = population.table, population.log, population.told_by
    headers = _headers(table)
    output.title(f"{table.population}, a log: {table.origin}")
    output.item(f"whose a row is: {_owner(table)}; when it happened: {headers[log.happened_at]}")
    left = _left(population, headers)
    output.item(f"who left: {' or '.join(left)} in {log.horizon_days} days")
    output.item(f"who is scored: with a row in the last {log.eligible_days} days")
    output.item(f"training: {population.snapshots} days, {population.snapshot_every_days} apart")
    output.item(f"{len(event_features(log))} features")
    _show_dropped(table)
    if told_by is not None:
        output.title(f"{told_by.table.name}, of those who left: {told_by.table.origin}")
        output.item(
            f"whose a row is: {_owner(told_by.table)}; when it happened: {_when(told_by.table)}"
        )


def _show_customers(population: FlatPopulation) -> None:
    """Say what is made of one row a customer."""
    table = population.table
    label = _headers(table).get(table.label or "", "")
    output.title(f"{table.population}, one row a customer: {table.origin}")
    output.item(f"whose a row is: {_owner(table)}")
    output.item(
        f"who left: {label} is {population.gone!r}" if label else "who left: nothing says it"
    )
    output.item(f"{len(population.features)} features")
    _show_dropped(table)


def _show_beside(beside: BesideTable) -> None:
    """Say what is made of a table beside the main one."""
    table = beside.table
    reading = "a log" if beside.reading == "log" else "one row a customer"
    output.title(f"{table.name}, {reading}: {table.origin}")
    when = f"; when it happened: {_when(table)}" if table.happened_at else ""
    output.item(f"whose a row is: {_owner(table)}{when}")
    output.item(f"{len(beside.features)} features")
    _show_dropped(table)


def _show_dropped(table: DeclaredTable) -> None:
    """Say which columns are left out, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for header, reason in table.dropped.items():
        by_reason.setdefault(reason, []).append(header)
    for reason, headers in by_reason.items():
        output.item(f"left out: {', '.join(headers)}: {reason}")


def _headers(table: DeclaredTable) -> Mapping[str, str]:
    """Return what the source calls each column."""
    return {column.name: column.header for column in table.columns}


def _owner(table: DeclaredTable) -> str:
    """Return which column says whose a row is."""
    header = _headers(table).get(CUSTOMER, "nothing says it; rows are numbered")

    return f"{header}, by {'.'.join(table.through)}" if table.through else header


def _when(table: DeclaredTable) -> str:
    """Return which column says when a row happened."""
    return _headers(table)[table.happened_at or ""]


def _left(population: LogPopulation, headers: Mapping[str, str]) -> list[str]:
    """Return what counts as leaving, in words."""
    label, told_by = population.log.label, population.told_by
    silence = ["no row"] if label.definition != "kind" else []
    if told_by is None:
        event = [f"{headers[label.column]} is {label.level!r}"] if label.column else []
        return [*silence, *event]
    events, named = told_by.rule.told_by, _headers(told_by.table)
    only = ""
    if events is not None and events.column:
        only = f" where {named[events.column]} is {events.level!r}"

    return [*silence, f"a row of {told_by.table.name}{only}"]
