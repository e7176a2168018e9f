"""Tables beside the one that says who a population is: what is loaded, which features they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Self

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import words
from pipelines.domain.imports.declared import DeclaredTable
from pipelines.domain.scaffolds import loading, names
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.events.brief import brief_features
from pipelines.domain.scaffolds.events.declaration import LONGEST_WINDOW, Declaration
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.log_columns import AmountColumn, KindColumn
from pipelines.domain.scaffolds.facts import FactFeature, facts
from pipelines.domain.scaffolds.logs.foretold import Outcome, Rows, foretold
from pipelines.domain.scaffolds.logs.log_tables import log_table
from pipelines.domain.scaffolds.logs.whose_and_when import whose_and_when
from pipelines.domain.scaffolds.several.owners import OwnedTable
from pipelines.errors import ImportRefused

# log: many rows a customer; facts: one, known since a day it names; snapshot: one, as it is now;
# items: many, as they are now.
Reading = Literal["log", "facts", "snapshot", "items"]

BEGIN_WORDS = frozenset(
    {
        *("began", "begin", "born", "created", "first", "joined", "opened", "registered"),
        *("registration", "signup", "signed", "since", "start", "started"),
    }
)
AS_IT_IS_NOW = (
    "as it is now, and maybe not as it was on the days a training learns from; --accept takes it"
)


@dataclass(frozen=True)
class ItemColumns:
    """
    What is counted and added up of items.

    Attributes:
        kinds: Columns of kinds.
        amounts: Columns of amounts.
    """

    kinds: tuple[KindColumn, ...]
    amounts: tuple[AmountColumn, ...]


@dataclass(frozen=True)
class BesideTable:
    """
    One table beside the main one.

    Attributes:
        table: What is loaded.
        reading: How its rows are read.
        features: What they give, called after the table.
        bounds: Least and greatest value that is expected of numeric columns.
        log: What features are made of, of a log; None of others.
        items: The same of items.
        span: The day of the first row of a log, and that before which it is whole; None of others.
        is_weekly: Whether every week of its span has a row.
    """

    table: DeclaredTable
    reading: Reading
    features: tuple[Declaration | FactFeature, ...]
    bounds: Mapping[str, tuple[float, float]]
    log: EventLog | None = None
    items: ItemColumns | None = None
    span: tuple[date, date] | None = None
    is_weekly: bool = False

    @property
    def staging(self) -> str:
        """Name of its staging view."""
        return f"stg_{self.table.population}__{self.table.name}"

    @property
    def measured(self) -> str:
        """Name of the model of its features."""
        return f"int_{self.table.population}_{self.table.name}_measured"

    def looking_back_from(self, latest: date) -> Self:
        """
        Return the table with sums that look back as far as the *latest* day of a training can.

        A log that begins later, or shortly before, looks back as far as its windows do.
        """
        if self.log is None or self.span is None:
            return self
        history = max((latest - self.span[0]).days, LONGEST_WINDOW)
        log = replace(self.log, history_days=history)

        return replace(self, log=log, features=brief_features(log))


def log_beside(
    answers: Answers,
    owned: OwnedTable,
    *,
    leaks: Mapping[str, str],
    judged: Outcome | None = None,
) -> tuple[BesideTable, Column]:
    """
    Decide what a log with many rows a customer gives, and return its time besides.

    Args:
        answers: What a person said of it.
        owned: The table.
        leaks: Header of each column that knows who left, with the reason.
        judged: Who left, where a rule says it.

    Raises:
        ImportRefused: No column says when a row happened.
    """
    found = whose_and_when(owned.found, key=owned.customer, time=answers.time, known=answers.known)
    if judged is not None:
        rows = Rows(owned.row_customers, found.happened.row_instants)
        leaks = {**leaks, **foretold(owned.found.columns, rows, judged)}
    made = log_table(
        replace(answers, key=owned.customer),
        owned.found,
        found,
        through=owned.through,
        carried=owned.carried,
        leaks=leaks,
    )
    table = BesideTable(
        table=made.table,
        reading="log",
        features=brief_features(made.log),
        bounds=made.bounds,
        log=made.log,
        span=made.days.span,
        is_weekly=made.days.is_weekly,
    )

    return table, made.happened


def facts_beside(
    answers: Answers,
    owned: OwnedTable,
    *,
    is_now: bool,
    leaks: Mapping[str, str],
) -> BesideTable | None:
    """
    Decide what a table with one row a customer gives.

    Args:
        answers: What a person said of it.
        owned: The table.
        is_now: Whether it is read as it is on the day it is loaded; else as it was on each day.
        leaks: Header of each column that knows who left, with the reason.

    Raises:
        ImportRefused: A column is named that says when a row was known, and cannot.

    Returns:
        None where rows have to say since when they hold, and no column says it.
    """
    known = _known(answers, owned, is_now=is_now)
    columns = [column for column in owned.found.columns if column is not known]
    named = names.of_table(owned.found.columns, owned.customer) | {owned.customer: ""}
    begin = None if is_now else _begin(answers, owned)
    if begin is None and not is_now:
        return None
    unfit = dict(leaks)
    if begin is not None:
        unfit |= {
            column.name: AS_IT_IS_NOW
            for column in columns
            if column.name not in {begin.name, *answers.accepts}
        }
    said = facts(
        columns,
        named,
        key=owned.customer,
        through=owned.through,
        unfit=unfit,
        drops=answers.drops,
    )
    table_name = names.table(owned.found.name)
    table = DeclaredTable(
        population=answers.name,
        name=table_name,
        origin=owned.found.origin,
        holds="snapshot" if is_now else "log",
        columns=(
            *said.columns,
            *([loading.time_of(named, known)] if known else []),
            *loading.carried(owned.carried, said.columns, named),
        ),
        happened_at=None if begin is None else named[begin.name],
        known_at=named[known.name] if known else None,
        dropped={
            header: why for header, why in said.dropped.items() if header not in owned.carried
        },
    )

    return BesideTable(
        table=table,
        reading="snapshot" if is_now else "facts",
        features=_called_after(table_name, said.features),
        bounds=said.bounds,
    )


def _called_after(table: str, features: Sequence[FactFeature]) -> tuple[FactFeature, ...]:
    """Return features that say of which table they are."""
    said = names.words(table)
    found: dict[str, FactFeature] = {}
    for each in features:
        name = names.called_after(table, each.name, taken=found)
        title = f"{said}: {each.feature.title}"
        found[name] = replace(
            each,
            feature=replace(each.feature, name=name, title=title, family=said, theme=said),
            description=f"{said}: {each.description}",
        )

    return tuple(found.values())


def _known(answers: Answers, owned: OwnedTable, *, is_now: bool) -> Column | None:
    """Return the column that says when a row was known, if a person has named one."""
    if answers.known is None:
        return None
    column = owned.column(answers.known)
    if is_now or column.kind not in {"date", "instant"}:
        why = "is read as it is now" if is_now else f"has a {column.kind} in {column.name}"
        raise ImportRefused(
            f"{owned.found.name} {why}, and no column of it says when a row was known",
            next_step="leave out --known, or name a column of dates or times of a log",
        )

    return column


def _begin(answers: Answers, owned: OwnedTable) -> Column | None:
    """Return the column that says since when a row holds."""
    times = [column for column in owned.found.columns if column.kind in {"date", "instant"}]
    if answers.time is not None:
        return next((column for column in times if column.name == answers.time), None)

    return next((column for column in times if BEGIN_WORDS & {*words(column.name)}), None)
