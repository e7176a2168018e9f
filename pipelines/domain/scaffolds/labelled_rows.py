"""Labelled rows of one table as a training takes them, without a warehouse between."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipelines.domain.arrays import Flags
from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import PAIRS
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.inspection.tables import Inspected, churned
from pipelines.domain.scaffolds import names as naming
from pipelines.domain.scaffolds.facts import facts
from pipelines.domain.scaffolds.spelling import OTHER, in_one_spelling
from pipelines.errors import ImportRefused

# Rows with a time are divided into so many periods: the last is the test, the others are origins.
PERIODS = 6
YES = frozenset(yes for yes, _ in PAIRS)
# Columns go together, so that some rows are alike more often than if each were drawn by itself.
BEYOND_CHANCE = 10.0


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """
    A table to learn from.

    Attributes:
        table: as_of, customer_id, features and is_churned.
        contract: Names, kinds and levels of the features, in column order.
        dropped: Header of each column that is left out, with the reason.
        repeated: Rows that repeat an earlier one, under whatever key; they are its customer's, so
            that no fold judges what another has learned.
    """

    table: pa.Table
    contract: FeatureContract
    dropped: dict[str, str]
    repeated: int = 0

    @property
    def snapshots(self) -> list[date]:
        """Every as_of, ascending."""
        return sorted(self.table["as_of"].unique().to_pylist())


def labelled_rows(
    found: Inspected, *, key: str | None, time: str | None, ignored: Collection[str]
) -> LabelledRows:
    """
    Return the rows that say who left, each column as the feature a population made of it has.

    Rows of one customer keep together by its id, and where no column has one, rows that are the
    same do. A row without a label, or without a time where times divide, is left out.

    Args:
        found: The table, looked at; its label says who left.
        key: Header of the column that says whose a row is; None where none does.
        time: Header of the column that says when a row was known; None divides the customers.
        ignored: Headers that are left out whatever they hold.

    Raises:
        ImportRefused: Nothing says who left, a column is not there or has no times, no column is
            left, or there are too few days.
    """
    label = found.label
    if label is None:
        raise ImportRefused(
            f"nothing in {found.name} says who left", next_step="name it: --label COLUMN=VALUE"
        )
    columns = {column.name: column for column in found.columns}
    if missing := [name for name in (key, time, *ignored) if name and name not in columns]:
        raise ImportRefused(
            f"{found.name} has no column {', '.join(map(repr, missing))}; it has "
            f"{', '.join(columns)}",
            next_step="name columns as the file calls them",
        )
    if time is not None and time not in found.times:
        raise ImportRefused(
            f"{time} of {found.name} holds no dates or times",
            next_step=f"name one that does: {', '.join(found.times) or 'there is none'}",
        )
    dropped = dict.fromkeys(ignored, "left out with --ignore")
    if time is not None:
        dropped[time] = "divides the rows in time"
    told = facts(
        found.columns,
        naming.columns([*columns]),
        key=key,
        label=label.column,
        drops=[*dropped],
    )
    if not told.features:
        raise ImportRefused(
            f"no column of {found.name} is left to learn from",
            next_step="churn inspect says what each holds",
        )
    used = [
        column
        for name, column in columns.items()
        if name not in told.dropped and name not in {key, label.column}
    ]
    outcome = columns[label.column]
    is_kept = ~(outcome.missing_rows | outcome.bad_rows)
    as_ofs = np.full(len(is_kept), np.datetime64(found.as_of, "D"))
    if time is not None:
        days = columns[time].row_instants.astype("datetime64[D]")
        is_kept &= ~np.isnat(days)
        as_ofs[is_kept] = _periods(days[is_kept], time)
    features = tuple(feature.feature for feature in told.features)
    values = {
        feature.name: _values(column, feature, found.as_of)
        for feature, column in zip(features, used, strict=True)
    }
    ids, repeated = _ids(columns[key] if key else None, used, is_kept)
    table = pa.table(
        {
            "as_of": as_ofs,
            "customer_id": ids,
            **values,
            "is_churned": churned(outcome, label.value),
        }
    )

    return LabelledRows(
        table.filter(pa.array(is_kept)),
        FeatureContract(found.name, features),
        {**told.dropped, **dropped},
        repeated,
    )


def _periods(days: npt.NDArray[np.datetime64], time: str) -> npt.NDArray[np.datetime64]:
    """Return the first day of each row's period; periods have about as many rows each."""
    ranked = np.sort(days)
    begins = np.unique(ranked[np.arange(PERIODS) * len(ranked) // PERIODS])
    if len(begins) < 3:
        raise ImportRefused(
            f"{time} has {len(np.unique(days))} different days, too few to learn from earlier and "
            "judge later ones",
            next_step="leave --time out, which divides the customers",
        )

    return np.asarray(begins[np.searchsorted(begins, days, side="right") - 1])


def _ids(key: Column | None, used: list[Column], is_kept: Flags) -> tuple[list[str], int]:
    """
    Return whose each row is, and how many rows repeat another customer's.

    Where nobody says whose, the same rows are one customer's. Where a key does, they are if chance
    would not make so many of them: two customers of a table with few columns may well be alike.
    """
    frame = pd.DataFrame({str(number): each.values.codes for number, each in enumerate(used)})
    digests = np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)
    repeated = int(pd.Series(digests[is_kept]).duplicated().sum())
    if key is None:
        return [f"rows {digest:x}" for digest in digests], repeated
    ids = np.array([text or f"row {row}" for row, text in enumerate(key.row_texts)], dtype=object)
    first = pd.Series(ids).groupby(digests).transform("first").to_numpy()
    # Who has other rows keeps this one with them.
    is_other = (first != ids) & is_kept & ~pd.Series(ids).duplicated(keep=False).to_numpy()
    if not is_other.any() or not _is_no_chance(digests[is_kept], used):
        return [*ids], 0

    return [*np.where(is_other, first, ids)], int(is_other.sum())


def _is_no_chance(digests: npt.NDArray[np.uint64], used: list[Column]) -> bool:
    """Tell whether far more rows are alike than if each column were drawn by itself."""
    rows = len(digests)
    counts = np.unique(digests, return_counts=True)[1].astype(np.float64)
    alike = (counts * (counts - 1)).sum() / rows / (rows - 1)
    by_chance = np.prod([_agreement(column) for column in used])

    return bool(alike > BEYOND_CHANCE * by_chance)


def _agreement(column: Column) -> float:
    """Return how likely two rows have the same value of a column."""
    shares = np.append(column.values.counts, (column.values.codes < 0).sum()) / column.values.rows

    return float((shares**2).sum())


def _values(column: Column, feature: Feature, as_of: date) -> pa.Array:
    """Return what a column says of each row; NULL where nothing is known."""
    is_unknown = column.missing_rows | column.bad_rows
    codes = np.where(is_unknown, 0, column.values.codes)
    levels: Any
    if feature.kind == "categorical":
        spelled = [in_one_spelling(level) for level in column.values.levels]
        listed = {*feature.levels}
        rest = OTHER if OTHER in listed else None
        levels = np.array([each if each in listed else rest for each in spelled], dtype=object)
    elif feature.kind == "boolean":
        levels = np.array([level.casefold() in YES for level in column.values.levels])
    elif column.kind in {"date", "instant"}:
        days = column.instants.astype("datetime64[D]")
        levels = (np.datetime64(as_of, "D") - days).astype(np.float64)
    else:
        levels = column.numbers
    values = levels[codes] if len(levels) else np.full(len(codes), np.nan)

    return pa.array(values, mask=is_unknown, from_pandas=True)
