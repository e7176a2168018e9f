"""What a population is made of, in words: for the terminal, and for its page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.domain.imports.declared import CUSTOMER, DeclaredTable
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.events.declaration import LONGEST_WINDOW
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.made import Made
from pipelines.domain.scaffolds.owned.owned_population import OwnedPopulation
from pipelines.domain.scaffolds.several.beside_table import BesideTable


@dataclass(frozen=True, slots=True)
class Section:
    """
    What is said of one table, or of those that are left out.

    Attributes:
        title: Which, and what it is.
        items: What is said, a line each.
    """

    title: str
    items: tuple[str, ...]


def summary(population: Made) -> list[Section]:
    """Return a section for each table, the main one first; no line of them has a break."""
    if isinstance(population, FlatPopulation):
        sections = [_flat(population)]
    elif isinstance(population, OwnedPopulation):
        sections = [_owned(population)]
    elif isinstance(population, ContractPopulation):
        sections = [_contracts(population)]
    else:
        sections = [_log(population)]
    if isinstance(population, LogPopulation) and population.told_by is not None:
        table = population.told_by.table
        sections.append(
            Section(f"{table.name}, of those who left: {table.origin}", (_whose(table),))
        )
    sections += map(_beside, population.beside)
    if isinstance(population, LogPopulation | ContractPopulation):
        sections += map(_lead, population.leads)
    if population.left_out:
        reasons = (f"{name}: {reason}" for name, reason in population.left_out.items())
        sections.append(Section("tables that are left out", tuple(reasons)))

    if population.accepted:
        reasons = (f"{name}: {reason}" for name, reason in population.accepted.items())
        sections.append(Section("taken all the same", tuple(reasons)))

    return [
        Section(_plain(section.title), tuple(map(_plain, section.items))) for section in sections
    ]


def _log(population: LogPopulation) -> Section:
    """Say what is made of a log."""
    table, log = population.table, population.log
    days = "ever" if log.eligible_days is None else f"in the last {log.eligible_days} days"

    return Section(
        f"{table.population}, a log: {table.origin}",
        (
            _whose(table),
            f"who left: {' or '.join(_left(population))} in {log.horizon_days} days",
            f"who is scored: with a row {days}",
            f"training: {population.snapshots} days, {population.snapshot_every_days} apart",
            f"{len(event_features(log))} features",
            *_history(population),
            *_ahead(population),
            *_dropped(table),
        ),
    )


def _history(population: LogPopulation) -> Iterator[str]:
    """Say how far features look back, and whether the log has their windows on every day."""
    days, before = population.log.history_days, population.before_days
    if days is None:
        yield f"features look back {population.log.history_periods} periods at most"
        return
    yield f"features look back {days} days at most, as the latest day of the training does"
    if before < LONGEST_WINDOW:
        yield (
            f"the log begins {before} days before the first day of the training: until there are "
            "trainings on later days, what is counted over more days than that is too low there"
        )


def _ahead(population: LogPopulation) -> Iterator[str]:
    """Say that rows of days to come are refused by a load."""
    if population.rows_ahead:
        yield (
            f"{population.rows_ahead:,} rows have not happened yet, and every load refuses those "
            "until their day: leave them out of the source, or name another --time"
        )


def _contracts(population: ContractPopulation) -> Section:
    """Say what is made of contracts."""
    table, log = population.table, population.log
    end = _headers(population.ended)[log.end]
    lately = "" if log.eligible_days is None else f", begun in the last {log.eligible_days} days"
    key = _headers(population.ended)[log.row_key]
    apart = f"; contracts are told apart by {key}" if log.row_key != log.begin else ""

    return Section(
        f"{table.population}, contracts: {table.origin}",
        (
            f"{_whose(table).replace('when it happened', 'begins')}; ends: {end}{apart}",
            f"who left: no contract that runs, {log.horizon_days} days later",
            f"who is scored: with a contract that runs{lately}",
            f"training: {population.snapshots} days, {population.snapshot_every_days} apart",
            f"{len(population.features)} features",
            *_dropped(table),
        ),
    )


def _flat(population: FlatPopulation) -> Section:
    """Say what is made of one row a customer."""
    table = population.table
    label = _headers(table).get(table.label or "", "")

    return Section(
        f"{table.population}, one row a customer: {table.origin}",
        (
            _whose(table),
            f"who left: {label} is {population.gone!r}" if label else "who left: nothing says it",
            f"{len(population.features)} features",
            *_dropped(table),
        ),
    )


def _owned(population: OwnedPopulation) -> Section:
    """Say what is read of a feature table."""
    label = population.label
    left = [f"{label.column} is {label.value!r}"] if label.column else []
    left += [f"no row of {population.source.subject}"] if label.is_absence else []
    when = "the row itself says it, once" if label.is_of_row else "within"

    return Section(
        f"{population.table.population}, a feature table used where it stands: "
        f"{population.source.subject}",
        (
            f"whose a row is: {population.key}; which day it is of: {population.as_of}, every "
            f"{population.every_days} day(s)",
            f"who left: {' or '.join(left)}; {when} {label.days} days"
            + (" are over" if label.is_of_row else ""),
            f"training: {population.snapshots} days, {population.snapshot_every_days} apart",
            f"{len(population.features)} features",
            *_dropped(population.table),
            *(f"before the first night its owner has to: {it}" for it in population.source.lacking),
        ),
    )


def _beside(beside: BesideTable) -> Section:
    """Say what is made of a table beside the main one."""
    table = beside.table
    reading = {"log": "a log", "items": "many rows a customer, as they are now"}.get(
        beside.reading, "one row a customer"
    )

    return Section(
        f"{table.name}, {reading}: {table.origin}",
        (_whose(table), f"{len(beside.features)} features", *_dropped(table)),
    )


def _lead(table: DeclaredTable) -> Section:
    """Say what a table is loaded for that gives no feature."""
    title = f"{table.name}, which says whose the rows of others are: {table.origin}"

    return Section(title, (_whose(table), *_dropped(table)))


def _whose(table: DeclaredTable) -> str:
    """Say whose a row is, and when it happened."""
    headers = _headers(table)
    owner = headers.get(CUSTOMER, "nothing says it; rows are numbered")
    through = f", by {'.'.join(table.through)}" if table.through else ""
    when = f"; when it happened: {headers[table.happened_at]}" if table.happened_at else ""

    return f"whose a row is: {owner}{through}{when}"


def _dropped(table: DeclaredTable) -> Iterator[str]:
    """Say which columns are left out, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for header, reason in table.dropped.items():
        by_reason.setdefault(reason, []).append(header)
    for reason, headers in by_reason.items():
        yield f"left out: {', '.join(headers)}: {reason}"


def _left(population: LogPopulation) -> Iterator[str]:
    """Say what counts as leaving."""
    label, told_by = population.log.label, population.told_by
    if label.definition != "kind":
        yield "no row"
    if told_by is None:
        if label.column:
            yield f"{_headers(population.table)[label.column]} is {label.level!r}"
        return
    events, only = told_by.rule.told_by, ""
    if events is not None and events.column:
        only = f" where {_headers(told_by.table)[events.column]} is {events.level!r}"
    yield f"a row of {told_by.table.name}{only}"


def _headers(table: DeclaredTable) -> Mapping[str, str]:
    """Return what the source calls each column."""
    return {column.name: column.header for column in table.columns}


def _plain(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())
