"""Contracts as a population: who has one that runs, and who has none any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from pipelines.domain.imports.declared import DeclaredTable, ordered
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import names
from pipelines.domain.scaffolds.accepted import accepted_features
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.contracts import contract_tables
from pipelines.domain.scaffolds.contracts.contract_features import changes, current, history
from pipelines.domain.scaffolds.contracts.contract_leaks import contract_leaks, contract_outcome
from pipelines.domain.scaffolds.contracts.contract_tables import ContractColumns
from pipelines.domain.scaffolds.contracts.contract_times import ContractTimes, contract_times
from pipelines.domain.scaffolds.contracts.contracts import Contracts
from pipelines.domain.scaffolds.events.declaration import Declaration
from pipelines.domain.scaffolds.facts import FactFeature, facts
from pipelines.domain.scaffolds.leaving import Leaving
from pipelines.domain.scaffolds.logs.column_uses import column_uses
from pipelines.domain.scaffolds.logs.foretold import Rows, Texts, foretold
from pipelines.domain.scaffolds.logs.training_days import training_days
from pipelines.domain.scaffolds.logs.whose_and_when import whose_and_when
from pipelines.domain.scaffolds.several.beside_table import BesideTable
from pipelines.domain.scaffolds.several.owners import is_unique
from pipelines.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ContractPopulation:
    """
    Everything that is written of a population whose contracts begin and end.

    Attributes:
        table: What is loaded of their begins.
        ended: What is loaded of their ends.
        log: What features and labels are made of.
        current: Features of the contract that runs.
        history: Features of all contracts so far; none where nobody has a second one.
        bounds: Least and greatest value that is expected of numeric columns.
        ends: The day before which the table is whole.
        snapshot_every_days: Days between the snapshots a training takes.
        snapshots: How many it takes.
        leaving: Share of the customers who left in the last horizon.
        beside: The other tables.
        leads: Tables that only say whose the rows of others are.
        left_out: Name of each table that gives nothing, with the reason.
        accepted: What a person took all the same, with the reason.
    """

    table: DeclaredTable
    ended: DeclaredTable
    log: Contracts
    current: tuple[FactFeature, ...]
    history: tuple[Declaration, ...]
    bounds: Mapping[str, tuple[float, float]]
    ends: date
    snapshot_every_days: int
    snapshots: int
    leaving: float = 0.0
    beside: tuple[BesideTable, ...] = ()
    leads: tuple[DeclaredTable, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted_features(self) -> dict[str, str]:
        """Reason of each feature of a column that was taken all the same."""
        return accepted_features(
            self.accepted, [(self.table, [feature.name for feature in self.features])]
        )

    @property
    def features(self) -> tuple[Declaration | FactFeature, ...]:
        """Those of contracts."""
        return (*self.current, *self.history)

    @property
    def tables(self) -> tuple[DeclaredTable, ...]:
        """Every table that is loaded, one before those that go through it."""
        return ordered([self.table, self.ended, *self.leads, *(each.table for each in self.beside)])


def plan(
    answers: Answers,
    found: Inspected,
    leaving: Leaving,
    *,
    eligible_days: int | None,
    customers: Texts | None = None,
    through: str = "",
    carried: Sequence[str] = (),
    beside: Sequence[BesideTable] = (),
    leads: Sequence[DeclaredTable] = (),
    left_out: Mapping[str, str] | None = None,
) -> ContractPopulation:
    """
    Decide what a table of contracts is made of.

    Args:
        answers: What a person said of it; its times are those of the end, the begin or both.
        found: The table, looked at.
        leaving: What counts as leaving: that its rows end.
        eligible_days: Members have a contract that began in so many days before; None: ever.
        customers: `(n_rows,)`, whose each row is; None where its own column says it.
        through: As of a `DeclaredColumn`, of the column that says whose a row is.
        carried: Headers of columns other tables go through.
        beside: The other tables.
        leads: Tables that only say whose the rows of others are.
        left_out: Name of each table that gives nothing, with the reason.

    Raises:
        ConfigError: Silence is said to be leaving.
        ImportRefused: Nothing says when a row ends, or the table is too short to learn from.
    """
    if leaving.silent:
        raise ConfigError(
            f"contracts of {found.name} end, and a customer without a new one is not silent",
            next_step=f"say it as --gone '{found.name} in {leaving.days}d' alone",
        )
    times = contract_times(found, answers.times)
    rows = whose_and_when(found, key=answers.key, time=times.begin.name, known=answers.known)
    uses = column_uses(found, rows, drops=answers.drops, accepts=answers.accepts)
    first, ends = _span(times, found)
    whose = rows.customer.row_texts if customers is None else customers
    judged = contract_outcome(times, whose, ends=ends, horizon_days=leaving.days)
    others = [column for column in found.columns if column is not times.begin]
    leaks = {
        **foretold(others, Rows(whose, times.begin.row_instants), judged),
        **contract_leaks(found, times),
    }
    named = names.of_table(found.columns, rows.customer.name) | {rows.customer.name: ""}
    said = facts(
        [column for column in found.columns if column is not rows.known],
        named,
        key=rows.customer.name,
        through=through,
        unfit={
            header: why
            for header, why in leaks.items()
            if header not in answers.accepts or header == times.end.name
        },
        drops=answers.drops,
    )
    columns = ContractColumns(found, times, rows, uses, said, named)
    table = contract_tables.begins(answers.name, columns, carried)
    ended = contract_tables.ends(table, columns)
    days = training_days(
        found, first, ends, horizon=leaving.days, eligible=eligible_days or leaving.days
    )
    latest = first + timedelta(days.history_days)
    log = Contracts(
        population=answers.name,
        table=table.name,
        ended=ended.name,
        begin=named[times.begin.name],
        end=named[times.end.name],
        row_key=named[columns.row_key.name],
        dated=frozenset(
            named[column.name] for column in (times.begin, times.end) if column.kind == "date"
        ),
        eligible_days=eligible_days,
        horizon_days=leaving.days,
    )
    now, before = _features(columns, log, is_one_each=not through and is_unique(rows.customer))

    return ContractPopulation(
        table=table,
        ended=ended,
        log=log,
        current=now,
        history=before,
        bounds=said.bounds,
        ends=ends,
        snapshot_every_days=days.every_days,
        snapshots=days.count,
        beside=tuple(each.looking_back_from(latest) for each in beside),
        leads=tuple(leads),
        leaving=judged.share,
        left_out=left_out or {},
    )


def _features(
    columns: ContractColumns, log: Contracts, *, is_one_each: bool
) -> tuple[tuple[FactFeature, ...], tuple[Declaration, ...]]:
    """Return the features of the contract that runs, and of all so far."""
    said, uses = columns.said, columns.uses
    now = current(said.features, log.begin)
    if is_one_each:
        return now, ()
    loaded = {column.name for column in said.columns}
    kinds, amounts = (
        [name for column in found if (name := columns.named[column.name]) in loaded]
        for found in ([each for each in uses.kinds if each.kind == "category"], uses.amounts)
    )
    now = (*now, *changes(amounts, [each.name for each in now]))

    return now, history(kinds, amounts, [each.name for each in now])


def _span(times: ContractTimes, found: Inspected) -> tuple[date, date]:
    """Return the day of the first begin, and that after the last of what has happened."""
    begins = times.begin.row_instants
    every = np.concatenate([begins, times.end.row_instants])
    past = every[every < np.datetime64(found.as_of, "us")].astype("datetime64[D]")
    first = begins[~np.isnat(begins)].min().astype("datetime64[D]").item()
    if len(past) == 0:
        return first, first

    return first, past.max().item() + timedelta(days=1)
