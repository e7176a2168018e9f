"""Columns of a log that knew who would leave: joined to it, or filled, when that was over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domain.arrays import Flags
from pipelines.domain.columns.column import Column
from pipelines.domain.columns.dates import Instants
from pipelines.domain.inspection.label_leaks import tells_of_rows
from pipelines.domain.leakage.filled import filled
from pipelines.domain.leakage.probe import LEAK_AUC, is_enough
from pipelines.domain.leakage.told import of_column
from pipelines.domain.scaffolds.leaving import Leaving

Texts = npt.NDArray[np.object_]
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Rows:
    """
    Rows of a log.

    Attributes:
        customers: `(n_rows,)`, whose each is; None where nothing says it.
        happened: `(n_rows,)`, when each happened; NaT where nothing says it.
    """

    customers: Texts = field(repr=False)
    happened: Instants = field(repr=False)

    def only(self, is_kept: Flags) -> "Rows":
        """Return those of them."""
        return Rows(self.customers[is_kept], self.happened[is_kept])

    def until(self, day: date) -> "Rows":
        """Return the same rows, those of which that happen after *day* say no time."""
        has_come = self.happened < np.datetime64(day, "us") + DAY

        return Rows(self.customers, np.where(has_come, self.happened, np.datetime64("NaT")))

    @property
    def is_whole(self) -> Flags:
        """`(n_rows,)`, whether it is known whose a row is, and when."""
        return np.asarray(~pd.isna(self.customers) & ~np.isnat(self.happened), dtype=np.bool_)

    def last(self) -> "pd.Series[pd.Timestamp]":
        """Return when each customer had the last one, by customer."""
        whole = self.only(self.is_whole)

        return pd.Series(whole.happened, index=whole.customers).groupby(level=0).max()


@dataclass(frozen=True)
class Outcome:
    """
    Who left in the last horizon of a log.

    Attributes:
        at: When that began.
        has_left: Of each member of that day, by customer.
    """

    at: np.datetime64
    has_left: "pd.Series[bool]" = field(repr=False)

    @property
    def share(self) -> float:
        """Share of the members who left; 0 of none."""
        return float(self.has_left.mean()) if len(self.has_left) else 0.0


def outcome(
    rows: Rows, leaving: Leaving, *, eligible_days: int | None, left: Rows | None
) -> Outcome:
    """
    Tell who left in the last horizon of a log, as its labels will.

    Args:
        rows: Of the log.
        leaving: What counts as leaving.
        eligible_days: Members had a row in so many days before; None: ever.
        left: Rows that say who left; None where only silence does.

    Returns:
        Nobody, where no row says both whose it is and when.
    """
    whole = rows.only(rows.is_whole)
    if len(whole.customers) == 0:
        return Outcome(np.datetime64("NaT"), pd.Series(dtype=np.bool_))
    ends = whole.happened.max().astype("datetime64[D]") + DAY
    at = ends - np.timedelta64(leaving.days, "D")
    before = whole.happened < at
    last = whole.only(before).last()
    if eligible_days is not None:
        last = last[last >= pd.Timestamp(at - np.timedelta64(eligible_days, "D"))]
    has_left = pd.Series(False, index=last.index)
    if left is not None:
        is_before = left.happened < at
        earlier = left.only(is_before).last().reindex(last.index)
        last = last[~(earlier >= last)]
        later = left.only((left.happened >= at) & (left.happened < ends)).customers
        has_left = pd.Series(last.index.isin(later), index=last.index)
    if leaving.silent:
        has_left |= ~last.index.isin(whole.customers[~before])

    return Outcome(at, has_left)


def foretold(columns: Sequence[Column], rows: Rows, judged: Outcome) -> Mapping[str, str]:
    """
    Return the header of each column whose last value tells too well who left later.

    Or is there for those alone: few of them may have one, so that it ranks badly and is a leak.

    Args:
        columns: Of the log.
        rows: Its rows.
        judged: Who left.
    """
    is_before = rows.is_whole & (rows.happened < judged.at)
    found, places = rows.only(is_before), np.flatnonzero(is_before)
    order = pd.DataFrame({"customer": found.customers, "happened": found.happened, "place": places})
    last = order.sort_values(["happened", "place"]).drop_duplicates("customer", keep="last")
    last = last[last["customer"].isin(judged.has_left.index)]
    is_last = np.zeros(len(rows.customers), dtype=np.bool_)
    is_last[last["place"]] = True
    has_left = np.zeros(len(rows.customers), dtype=np.bool_)
    has_left[last["place"]] = judged.has_left.reindex(last["customer"]).to_numpy(dtype=np.bool_)

    told = {
        tell.column: f"its last value tells alone who left later (AUC {tell.auc:.2f}): known only "
        "afterwards?"
        for tell in tells_of_rows(columns, is_last, has_left)
        if tell.auc >= LEAK_AUC
    }

    return _filled(columns, is_last, has_left) | told


def _filled(columns: Sequence[Column], is_last: Flags, has_left: Flags) -> dict[str, str]:
    """Return the header of each column that is filled for those who left later, and few others."""
    outcome = has_left[is_last]
    if not is_enough(outcome):
        return {}
    found = [
        filled(of_column(column).only(is_last), outcome, is_dated=True)
        for column in columns
        if column.kind != "empty"
    ]

    return {finding.columns[0]: finding.reason for finding in found if finding is not None}
