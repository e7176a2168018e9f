"""Columns of a table of contracts that were written after a contract began."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from pipelines.domain.arrays import Flags
from pipelines.domain.columns.column import Column
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.contracts.contract_times import ContractTimes
from pipelines.domain.scaffolds.logs.foretold import DAY, Outcome, Texts
from pipelines.domain.scaffolds.logs.written_later import comes_later, knows_end, written_later

# Rank correlation from which a number is how long a contract has lasted, or grew with it.
GOES_WITH = 0.85
LEAST_ROWS = 10


def contract_leaks(found: Inspected, times: ContractTimes) -> Mapping[str, str]:
    """
    Return the header of each column that knows more than the day a contract began, and why.

    Args:
        found: The table, looked at.
        times: When its rows begin and end.
    """
    begin, end = times.begin, times.end
    reasons = {end.name: "it says who left, and when: not known before"}
    for column in found.columns:
        if column in (begin, end):
            continue
        if column.kind in {"date", "instant"} and not comes_later(begin, column):
            reasons[column.name] = f"comes after {begin.name}: written later?"
        elif column.kind in {"integer", "number"} and _grows(column, times, found):
            reasons[column.name] = "goes with how long a contract has lasted: written later?"

    return {
        **written_later(found, begin),
        **knows_end(found, begin, end, times.is_over),
        **reasons,
    }


def contract_outcome(
    times: ContractTimes, customers: Texts, *, ends: date, horizon_days: int
) -> Outcome:
    """
    Tell who left in the last horizon, as the labels will.

    Args:
        times: When contracts begin and end.
        customers: `(n_rows,)`, whose each is; None where nothing says it.
        ends: The day before which the table is whole.
        horizon_days: Length of the horizon.
    """
    end = np.datetime64(ends, "D")
    at = end - np.timedelta64(horizon_days, "D")
    before, after = ({*customers[_runs(times, customers, day)]} for day in (at, end))
    members = pd.Index(sorted(before), dtype=object)

    return Outcome(at, pd.Series(~members.isin(after), index=members))


def _runs(times: ContractTimes, customers: Texts, day: np.datetime64) -> Flags:
    """Return `(n_rows,)`, whether a contract of somebody runs on a day, as models say it."""
    begins = times.begin.row_instants.astype("datetime64[D]")
    last = times.end.row_instants.astype("datetime64[D]")
    is_over = ~np.isnat(last) & (last + DAY < day)

    return np.asarray(~pd.isna(customers) & (begins < day) & ~is_over, dtype=np.bool_)


def _grows(column: Column, times: ContractTimes, found: Inspected) -> bool:
    """
    Tell whether a number is how long contracts have lasted, of those that are over and that run.

    A term that was agreed on goes with the days of contracts that are over, and not with how old
    the others are.
    """
    today = np.datetime64(found.as_of, "us")
    until = np.where(times.is_over, times.end.row_instants, today)
    lasted = (until - times.begin.row_instants).astype("timedelta64[D]").astype(np.float64)
    lasted[np.isnat(times.begin.row_instants)] = np.nan
    numbers = np.append(np.where(column.is_known, column.numbers, np.nan), np.nan)
    values = numbers[column.values.codes]

    return _goes_with(values, lasted, times.is_over) and _goes_with(values, lasted, ~times.is_over)


def _goes_with(values: np.ndarray, lasted: np.ndarray, is_asked: Flags) -> bool:
    """Tell whether two numbers of the rows that are asked rise together."""
    both = is_asked & ~np.isnan(values) & ~np.isnan(lasted)
    if both.sum() < LEAST_ROWS or min(np.ptp(values[both]), np.ptp(lasted[both])) == 0:
        return False
    ranked = pd.DataFrame({"values": values[both], "lasted": lasted[both]}).rank()

    return bool(ranked["values"].corr(ranked["lasted"]) >= GOES_WITH)
