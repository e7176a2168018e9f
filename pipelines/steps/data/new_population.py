"""Decide what is written of somebody's own customers, once their tables were looked at."""

from collections.abc import Mapping
from dataclasses import replace

from pipelines.domain.inspection.keys import SHARE_UNIQUE
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import flat, log_population
from pipelines.domain.scaffolds.answers import Answers, require_name
from pipelines.domain.scaffolds.contracts import contract_population
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.leaving import leaving, within
from pipelines.domain.scaffolds.log_population import LogPopulation
from pipelines.domain.scaffolds.logs.log_tables import usual_gap_days
from pipelines.domain.scaffolds.logs.whose_and_when import whose_and_when
from pipelines.domain.scaffolds.made import Made
from pipelines.domain.scaffolds.owned import owned_population
from pipelines.domain.scaffolds.owned.feature_table import FeatureTable
from pipelines.domain.scaffolds.several.population import several_tables
from pipelines.domain.scaffolds.several.roles import ANY_EVENT
from pipelines.errors import ConfigError, ImportRefused


def new_population(
    *,
    answers: Answers,
    inspection: Inspection,
    house: Mapping[str, object],
    owned: FeatureTable | None = None,
) -> Made:
    """
    Decide what a population is made of.

    Args:
        answers: What a person said of it.
        inspection: Its tables, looked at, one of which says who left.
        house: The populations that are the house's own.
        owned: The only table as the warehouse knows it; None where it does not stand there.

    Raises:
        ConfigError: The name cannot be taken.
        ImportRefused: The tables are no population.
    """
    require_name(answers.name, house)
    made = _of_features(answers, inspection, owned) if answers.has_features else None
    made = made or _decided(answers, inspection)

    return replace(made, accepted=answers.accepts)


def _of_features(answers: Answers, inspection: Inspection, owned: FeatureTable | None) -> Made:
    """Decide on a feature table that is used where it stands."""
    table = inspection.tables[0]
    if len(inspection.tables) > 1 or owned is None:
        raise ImportRefused(
            f"{table.origin} is not one table of this warehouse, and a feature table is used "
            "where it stands",
            next_step="name it as warehouse#schema.table; or leave out --features, say what "
            f"leaving is, such as --gone 'no {table.name} in 31d', and churn import brings it in",
        )
    if answers.known or answers.eligible:
        raise ImportRefused(
            f"{owned.subject} has the customers of each date, known on that day",
            next_step="leave out --known and --eligible; a view can leave rows out",
        )

    return owned_population.plan(answers.of_table(table, is_only=True), table, owned)


def _decided(answers: Answers, inspection: Inspection) -> Made:
    """Decide on one table or several."""
    if len(inspection.tables) > 1:
        return several_tables(answers, inspection)
    table = inspection.tables[0]
    answers = answers.of_table(table, is_only=True)
    if answers.gone:
        return _log(answers, table)
    if answers.known is not None:
        raise ImportRefused(
            f"{table.name} has a row a customer, and is known from the day it is loaded",
            next_step="leave out --known, or say what leaving is in a log: --gone RULE",
        )
    key = answers.key or table.key
    _require_one_row_each(table, key or table.customer)
    if answers.time is not None:
        raise ImportRefused(
            f"{table.name} has a row a customer, so that no time divides its rows",
            next_step="leave out --time, or say what leaving is in a log: --gone RULE",
        )
    if key is None and not answers.is_numbered:
        raise ImportRefused(
            f"no column of {table.name} tells its {table.rows:,} rows apart",
            next_step="name the one that says whose a row is: --key COLUMN; where there is none, "
            "`churn try` numbers the rows",
        )

    return flat.plan(answers.name, table, key=key, drops=answers.drops, accepts=answers.accepts)


def _log(answers: Answers, table: Inspected) -> LogPopulation | ContractPopulation:
    """Decide what a log, or a table of contracts, is made of."""
    rule = leaving(answers.gone)
    eligible = within(answers.eligible) if answers.eligible else None
    for named in filter(None, [rule.silent, rule.table, eligible and eligible[0]]):
        if not (table.is_called(named) or named.casefold() in ANY_EVENT):
            raise ConfigError(
                f"there is no table {named!r}; the log is called {table.name!r}",
                next_step=f"say it as 'no {table.name} in {rule.days}d'",
            )

    days = eligible[1] if eligible else None
    if rule.table:
        return contract_population.plan(answers, table, rule, eligible_days=days)
    rows = whose_and_when(table, key=answers.key, time=answers.time, known=answers.known)
    judged = log_population.judge(table, rows, rule, eligible_days=days)

    return log_population.plan(answers, table, rows, rule, eligible_days=days, judged=judged)


def _require_one_row_each(table: Inspected, key: str | None) -> None:
    """Refuse a key that many rows share, and say how to read them as a log."""
    column = next((column for column in table.columns if column.name == key), None)
    if column is None or column.distinct >= SHARE_UNIQUE * column.known:
        return
    days = usual_gap_days(table, column)
    told = f"'no {table.name} in {days}d'"
    if table.label is not None:
        told = f"'{table.label.column}={table.label.value} in {days}d', --gone {told}, or both"
    raise ImportRefused(
        f"{key} has {column.distinct:,} different values on {column.known:,} rows of "
        f"{table.name}: they are not one row a customer",
        next_step=f"name another --key, or say what leaving is in a log: --gone {told}",
    )
