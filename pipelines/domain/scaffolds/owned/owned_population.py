"""A feature table somebody owns already, as a population: what is read of it, and who left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domain.columns.column import Column
from pipelines.domain.imports.declared import CUSTOMER, DeclaredTable
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.leakage.finding import by_column
from pipelines.domain.scaffolds import names
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.facts import FactFeature, facts
from pipelines.domain.scaffolds.logs import periods
from pipelines.domain.scaffolds.logs.training_days import training_days
from pipelines.domain.scaffolds.owned import feature_table
from pipelines.domain.scaffolds.owned.feature_table import DATE, FeatureTable
from pipelines.domain.scaffolds.owned.owned_label import OwnedLabel, owned_label
from pipelines.domain.scaffolds.several.beside_table import BesideTable
from pipelines.errors import ImportRefused

# Of the gaps between the dates of a table: a longer one is a hole in it.
SHARE_OF_GAPS = 0.9


@dataclass(frozen=True)
class OwnedPopulation:
    """
    Everything that is written of a population whose features somebody makes already.

    Attributes:
        table: Its columns, as a declared table has them; nothing of it is loaded.
        source: Where it stands.
        key: Header of the column that says whose a row is.
        as_of: Header of the one that says which day a row is of.
        day: SQL of that day.
        values: SQL of each column that is read, by its name.
        features: One a column that is used, in the order of the table.
        bounds: Least and greatest value that is expected of numeric columns, by header.
        label: Who left.
        ends: The last date of the table.
        every_days: Days from one date of it to the next, but for holes.
        snapshot_every_days: Days between the snapshots a training takes.
        snapshots: How many it takes.
        accepted: What a person took all the same, with the reason.
    """

    table: DeclaredTable
    source: FeatureTable
    key: str
    as_of: str
    day: str
    values: Mapping[str, str]
    features: tuple[FactFeature, ...]
    bounds: Mapping[str, tuple[float, float]]
    label: OwnedLabel
    ends: date
    every_days: int
    snapshot_every_days: int
    snapshots: int
    accepted: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[BesideTable, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted_features(self) -> dict[str, str]:
        """Reason of each feature that was taken all the same."""
        names_of = {column.header: column.name for column in self.table.columns}

        return {
            feature.name: reason
            for header, reason in self.accepted.items()
            for feature in self.features
            if feature.name.removeprefix("days_since_") == names_of.get(header)
        }


def plan(answers: Answers, found: Inspected, source: FeatureTable) -> OwnedPopulation:
    """
    Decide what is read of a feature table.

    Args:
        answers: What a person said of it.
        found: The table, looked at.
        source: The same, as the warehouse knows it.

    Raises:
        ConfigError: What counts as leaving cannot be read.
        ImportRefused: It has no row a customer and date, or no column to learn from.
    """
    source.require_plain_name()
    label = owned_label(answers, found.name)
    columns = {column.name: column for column in found.columns}
    key = answers.key or found.customer or found.key
    said = (key, answers.time, label.column, *answers.drops, *answers.accepts)
    if missing := [name for name in said if name and name not in columns]:
        raise ImportRefused(
            f"{source.subject} has no column {', '.join(map(repr, missing))}; it has "
            f"{', '.join(columns)}",
            next_step="name columns as the table calls them",
        )
    as_of, day = _as_of(answers.time, columns, source)
    if key is None:
        raise ImportRefused(
            f"no column of {source.subject} says whose a row is",
            next_step="name it: --key COLUMN",
        )
    if odd := [name for name in (key, as_of, label.column) if not feature_table.is_readable(name)]:
        raise ImportRefused(
            f"{source.subject} has a column {odd[0]!r}, in whose name dbt reads a template",
            next_step="make a view that calls it otherwise, and name that",
        )
    days = _days(columns[key], columns[as_of], source)
    every = _every_days(days)
    if label.is_absence:
        _require_dates(days, every, label.days, source)
    accepted = [*answers.accepts, *answers.drops]
    leaks = found.suspects(key=key, time=as_of, accepted=accepted) if label.is_of_row else ()
    told = facts(
        [column for column in found.columns if column.name not in {as_of, label.column}],
        names.columns([*columns]),
        key=key,
        unfit=by_column(leaks) | _unfit(source, [*columns.values()]),
        drops=answers.drops,
    )
    if not told.features:
        raise ImportRefused(
            f"no column of {source.subject} is left to learn from: "
            + "; ".join(f"{header}: {reason}" for header, reason in told.dropped.items()),
            next_step="--accept COLUMN='reason' takes one that was left out",
        )
    first, ends = days.min().item(), days.max().item()
    learned = training_days(found, first, ends, horizon=label.days, eligible=0, is_any_day=False)
    values = {
        column.name: feature_table.value(source, columns[column.header]) or ""
        for column in told.columns
        if column.name != CUSTOMER
    }

    return OwnedPopulation(
        table=DeclaredTable(
            population=answers.name,
            name=source.name,
            origin=found.origin,
            holds="snapshot",
            columns=told.columns,
            dropped=told.dropped,
        ),
        source=source,
        key=key,
        as_of=as_of,
        day=day,
        values=values,
        features=told.features,
        bounds={
            column.header: told.bounds[column.name]
            for column in told.columns
            if column.name in told.bounds
        },
        label=label,
        ends=ends,
        every_days=every,
        snapshot_every_days=periods.least_distance(days, max(learned.every_days, every)),
        snapshots=learned.count,
    )


def _as_of(
    said: str | None, columns: Mapping[str, Column], source: FeatureTable
) -> tuple[str, str]:
    """
    Return the column that says which day a row is of, and the SQL of that day.

    Raises:
        ImportRefused: None holds dates, or more than one does, or it holds times of the day.
    """
    dates = [header for header in columns if source.kind(header) == DATE]
    if said is None and len(dates) != 1:
        raise ImportRefused(
            f"{source.subject} has {len(dates)} columns of dates"
            + (f", {', '.join(dates)}" if dates else "")
            + ": which of them says what day a row is of?",
            next_step="name it: --time COLUMN",
        )
    header = dates[0] if said is None else said
    day = feature_table.day(source, columns[header])
    if day is None:
        raise ImportRefused(
            f"{header} of {source.subject} is {source.types[header].lower()} and holds no dates "
            "such as 2026-01-31, and says not which day a row is of",
            next_step="make a view that casts it to a date, and name that",
        )
    if late := feature_table.rows_in_the_day(columns[header]):
        raise ImportRefused(
            f"{header} of {source.subject} has a time after 00:00 UTC on {late:,} rows: such a row "
            "knows of its day what nobody knew when that began",
            next_step="make a view in which it is the date of the day after, and name that",
        )

    return header, day


def _days(key: Column, as_of: Column, source: FeatureTable) -> npt.NDArray[np.datetime64]:
    """Return every date of the table, ascending; ImportRefused where a customer has two rows."""
    rows = pd.DataFrame({"who": key.row_texts, "at": as_of.row_instants.astype("datetime64[D]")})
    repeated = int(rows.dropna().duplicated().sum())
    if repeated:
        raise ImportRefused(
            f"{repeated:,} of {len(rows):,} rows of {source.subject} are of a customer and date "
            "that another row has",
            next_step="name another --key or --time, or make a view with one row each",
        )

    return np.unique(rows["at"].dropna().to_numpy(dtype="datetime64[D]"))


def _every_days(days: npt.NDArray[np.datetime64]) -> int:
    """Return how many days are between two dates of the table, but for the longest gaps."""
    if periods.usual_gap(days) == 1:
        return 1

    return int(np.quantile(periods.gaps(days), SHARE_OF_GAPS, method="higher"))


def _require_dates(
    days: npt.NDArray[np.datetime64], every: int, horizon_days: int, source: FeatureTable
) -> None:
    """Refuse a horizon in which the table need not have a date, so that nobody knows who left."""
    if horizon_days < every:
        raise ImportRefused(
            f"{source.subject} has a date every {every} days, {len(days)} in all: within "
            f"{horizon_days} days it need not have one that knows who is in it no more",
            next_step=f"say --gone 'no {source.name} in {every}d', or more days",
        )


def _unfit(source: FeatureTable, columns: Sequence[Column]) -> dict[str, str]:
    """Return the reason of each column that can be no feature."""
    reasons = {column.name: feature_table.unfit(source, column) for column in columns}

    return {header: reason for header, reason in reasons.items() if reason is not None}
