"""The days of a log: on which something has happened, from when to when."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from pipelines.domain.columns.column import Column
from pipelines.domain.inspection.tables import Inspected
from pipelines.errors import ImportRefused

# Of the weeks of a log: from here one without a row is worth a question.
SHARE_OF_WEEKS = 0.9


@dataclass(frozen=True)
class LogDays:
    """
    Days on which something happened, a log's or more often than once.

    Attributes:
        days: At least one, in no order.
        is_dated: Whether the log knows dates, and no times.
        rows_ahead: Rows of later days than it is.
    """

    days: npt.NDArray[np.datetime64]
    is_dated: bool
    rows_ahead: int = 0

    @property
    def span(self) -> tuple[date, date]:
        """
        The day of the first event, and that before which the log is whole.

        A log of times was taken at some hour of its last day; one of dates has all of it.
        """
        whole = timedelta(days=1 if self.is_dated else 0)

        return self.days.min().item(), self.days.max().item() + whole

    @property
    def is_weekly(self) -> bool:
        """Whether nearly every week from the first row to the last has one."""
        weeks = np.unique((self.days.max() - self.days).astype(np.int64) // 7)

        return len(weeks) >= SHARE_OF_WEEKS * (int(weeks.max()) + 1)


def log_days(happened: Column, found: Inspected) -> LogDays:
    """
    Return the days of a log that have come; a row of a later one is refused when it is loaded.

    Args:
        happened: The column that says when a row happened.
        found: The log, looked at.

    Raises:
        ImportRefused: None has come.
    """
    days = happened.instants[happened.is_known].astype("datetime64[D]")
    past = days[days <= np.datetime64(found.as_of)]
    if len(past) == 0:
        raise ImportRefused(
            f"no row of {found.name} has happened by {found.as_of}: {happened.name} begins on "
            f"{days.min() if len(days) else 'no day'}",
            next_step="name another column of times: --time COLUMN, or the day it is: --as-of DATE",
        )

    ahead = happened.row_instants.astype("datetime64[D]") > np.datetime64(found.as_of)

    return LogDays(past, happened.kind == "date", int(ahead.sum()))
