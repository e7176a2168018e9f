"""A population of several tables: one says who it is, the others say more of its customers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipelines.domain.imports.declared import CUSTOMER, DeclaredColumn, DeclaredTable
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.scaffolds import flat, loading, log_population, names
from pipelines.domain.scaffolds.answers import Answers, require_columns
from pipelines.domain.scaffolds.contracts import contract_population
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.leaving import Leaving, leaving, within
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.logs.foretold import Outcome
from pipelines.domain.scaffolds.logs.whose_and_when import whose_and_when
from pipelines.domain.scaffolds.several.beside_table import BesideTable, facts_beside, log_beside
from pipelines.domain.scaffolds.several.items_table import items_beside
from pipelines.domain.scaffolds.several.leaks import column_leaks, rows_leak, table_leak
from pipelines.domain.scaffolds.several.leaving_table import leaving_table
from pipelines.domain.scaffolds.several.owners import OwnedTable
from pipelines.domain.scaffolds.several.roles import TableRoles, roles
from pipelines.errors import ImportRefused


class Undated(str):
    """Why a table gives no feature whose rows are of no time; it may lead to a customer still."""

    __slots__ = ()


NO_BEGIN = "no column says since when its rows hold"
NO_TIME = Undated("no column says when a row happened")


@dataclass(frozen=True)
class Chosen:
    """
    The tables beside the main one, and what is left out.

    Attributes:
        beside: Those that give features.
        leads: Those that are loaded because others lead to a customer through them.
        left_out: Name of each other, with the reason.
    """

    beside: tuple[BesideTable, ...]
    leads: tuple[DeclaredTable, ...]
    left_out: dict[str, str]


# What is made of tables that are loaded.
Loaded = FlatPopulation | LogPopulation | ContractPopulation


def several_tables(answers: Answers, inspection: Inspection) -> Loaded:
    """
    Decide what several tables are made of.

    Args:
        answers: What a person said of them.
        inspection: At least two tables, looked at.

    Raises:
        ConfigError: A rule names a table that is not there.
        ImportRefused: They are no population, or a named column is in none.
    """
    _require_differing(
        "tables", [table.name for table in inspection.tables], "rename one of the sources"
    )
    require_columns(answers, inspection.tables)
    if answers.gone:
        rule = leaving(answers.gone)
        table, days = within(answers.eligible) if answers.eligible else ("", None)
        found = roles(answers, inspection, rule, table)
        made: Loaded = _by_rule(answers, found, found.rule or rule, days)
    else:
        made = _labelled(answers, roles(answers, inspection, None, ""))
    _require_names(made)

    return made


def _require_names(made: Loaded) -> None:
    """Refuse tables, or features of them, that would be called alike."""
    own = event_features(made.log) if isinstance(made, LogPopulation) else made.features
    features = [*own, *(item for table in made.beside for item in table.features)]
    _require_differing("tables", [table.name for table in made.tables], "rename one of the sources")
    _require_differing(
        "features", [item.name for item in features], "leave a column out with --drop"
    )


def _require_differing(what: str, called: list[str], next_step: str) -> None:
    """Refuse names of which two are alike."""
    name, count = Counter(called).most_common(1)[0]
    if count > 1:
        raise ImportRefused(f"{count} {what} would be called {name}", next_step=next_step)


def _labelled(answers: Answers, found: TableRoles) -> FlatPopulation:
    """Decide on tables of which one has a row a customer and says who left."""
    main = found.main
    own = answers.of_table(main.found)
    if own.known is not None:
        raise ImportRefused(
            f"{main.found.name} has a row a customer, and is known from the day it is loaded",
            next_step="leave out --known, or say what leaving is in a log: --gone RULE",
        )
    if not main.is_one_row_each:
        raise ImportRefused(
            f"{main.customer} is on many rows of {main.found.name}: they are not one row a "
            "customer",
            next_step="name another --key, or say what leaving is in a log: --gone 'no "
            f"{main.found.name} in 90d'",
        )
    chosen = _chosen(answers, found, labelled=main)

    return flat.plan(
        answers.name,
        main.found,
        table=names.table(main.found.name),
        key=main.customer,
        carried=main.carried,
        drops=own.drops,
        accepts=own.accepts,
        beside=chosen.beside,
        left_out=chosen.left_out,
    )


def _by_rule(
    answers: Answers, found: TableRoles, rule: Leaving, eligible_days: int | None
) -> LogPopulation | ContractPopulation:
    """Decide on tables of which a rule says who left."""
    main, told_by = found.main, found.told_by
    said = replace(answers.of_table(main.found), key=main.customer)
    if found.is_contracts:
        others = _chosen(answers, found, labelled=None)
        return contract_population.plan(
            said,
            main.found,
            rule,
            eligible_days=eligible_days,
            customers=main.row_customers,
            through=main.through,
            carried=main.carried,
            beside=others.beside,
            leads=others.leads,
            left_out=others.left_out,
        )
    rows = whose_and_when(main.found, key=said.key, time=said.time, known=said.known)
    leaving_rows = (
        leaving_table(answers.of_table(told_by.found), told_by, rule) if told_by else None
    )
    judged = log_population.judge(
        main.found,
        rows,
        rule,
        eligible_days=eligible_days,
        customers=main.row_customers,
        left=leaving_rows.rows if leaving_rows else None,
    )
    chosen = _chosen(answers, found, labelled=None, judged=judged)

    return log_population.plan(
        said,
        main.found,
        rows,
        rule,
        eligible_days=eligible_days,
        judged=judged,
        customers=main.row_customers,
        through=main.through,
        carried=main.carried,
        beside=chosen.beside,
        leads=chosen.leads,
        told_by=leaving_rows,
        left_out=chosen.left_out,
    )


def _chosen(
    answers: Answers,
    found: TableRoles,
    *,
    labelled: OwnedTable | None,
    judged: Outcome | None = None,
) -> Chosen:
    """Decide on the other tables; one that leads to customers through one left out is, too."""
    left_out = dict(found.left_out)
    beside: dict[str, tuple[OwnedTable, BesideTable]] = {}
    leads: dict[str, tuple[OwnedTable, DeclaredTable]] = {}
    for owned in found.others:
        name = owned.found.name
        said = answers.of_table(owned.found)
        if found.told_by is not None and found.told_by.found is owned.found:
            said = replace(said, times=())  # which is its end
        made = _beside(said, owned, labelled, judged, is_accepted=name in answers.accepts)
        if not isinstance(made, str):
            beside[name] = (owned, made)
        elif owned.carried and isinstance(made, Undated):
            leads[name] = (owned, _lead(answers, owned, made))
        else:
            left_out[name] = made
    loaded = {names.table(each.found.name) for each in (found.main, found.told_by) if each}
    while True:
        there = loaded | {table.name for _, table in leads.values()}
        there |= {made.table.name for _, made in beside.values()}
        gone = [
            name
            for name, (owned, _) in (beside | leads).items()
            if owned.through and owned.through.partition(".")[0] not in there
        ]
        if not gone:
            break
        for name in gone:
            through = (beside.pop(name, None) or leads.pop(name))[0].through.partition(".")[0]
            left_out[name] = f"leads to a customer through {through}, which is left out"

    return Chosen(
        tuple(made for _, made in beside.values()),
        tuple(table for _, table in leads.values()),
        left_out,
    )


def _lead(answers: Answers, owned: OwnedTable, reason: str) -> DeclaredTable:
    """Return what is loaded of a table that only says whose the rows of other tables are."""
    named = names.of_table(owned.found.columns, owned.customer)
    columns = [DeclaredColumn(CUSTOMER, owned.customer, "text", through=owned.through)]
    columns += loading.carried(owned.carried, columns, named)
    headers = {column.header for column in columns}

    return DeclaredTable(
        population=answers.name,
        name=names.table(owned.found.name),
        origin=owned.found.origin,
        holds="items",
        columns=tuple(columns),
        dropped={each.name: reason for each in owned.found.columns if each.name not in headers},
    )


def _beside(
    answers: Answers,
    owned: OwnedTable,
    labelled: OwnedTable | None,
    judged: Outcome | None,
    *,
    is_accepted: bool,
) -> BesideTable | str:
    """Return one table beside the main one, or why it is left out."""
    leaks: Mapping[str, str] = {}
    if labelled is not None and not is_accepted:
        if reason := table_leak(labelled, owned, None):
            return reason
        found = column_leaks(labelled, owned)
        leaks = {name: why for name, why in found.items() if name not in answers.accepts}
    if owned.is_one_row_each:
        made = facts_beside(answers, owned, is_now=labelled is not None, leaks=leaks)
        return made or Undated(f"{NO_BEGIN}; --time {owned.found.name}.COLUMN names it")
    if not owned.found.times:
        if labelled is None:
            return NO_TIME
        reason = None if is_accepted else rows_leak(labelled, owned)
        return reason or items_beside(answers, owned, leaks=leaks)
    made, happened = log_beside(answers, owned, leaks=leaks, judged=judged)
    if labelled is not None and not is_accepted:
        return table_leak(labelled, owned, happened) or made

    return made
