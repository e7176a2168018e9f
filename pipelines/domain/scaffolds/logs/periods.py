"""Tables that say the same of everybody on certain days: month ends, Mondays, days of no rule."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.domain.features.splits import choose_snapshots
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.logs.whose_and_when import WhoseAndWhen
from pipelines.errors import ImportRefused

Days = npt.NDArray[np.datetime64]

LEAST_PERIODS = 3
# Of a training: one to learn from, and one to test on.
LEAST_DAYS = 2
# Of the periods from a customer's first to the last: in a log of what customers do they are few.
SHARE_OF_PERIODS = 0.8
# Of the rows that are the only one of their customer and period; where a column says when a row was
# known, others are corrections.
SHARE_OF_ROWS = 0.95
WEEK = 7


@dataclass(frozen=True)
class Periods:
    """
    The days of a table that has a row a customer and period.

    Attributes:
        days: Every one of them, ascending, at least `LEAST_PERIODS`.
    """

    days: Days

    @property
    def most_days(self) -> int:
        """Days from one to the next at most."""
        return int(gaps(self.days).max())

    def require(self, horizon_days: int, table: str) -> None:
        """
        Refuse a horizon in which everybody may be silent, because no period lies in it.

        Args:
            horizon_days: Within so many days who has no row has left.
            table: What the table is called.

        Raises:
            ImportRefused: Two periods are further apart.
        """
        if horizon_days >= self.most_days:
            return
        place = int(np.argmax(gaps(self.days)))
        raise ImportRefused(
            f"{table} has a row a customer and period, and two periods, {self.days[place]} and "
            f"{self.days[place + 1]}, are {self.most_days} days apart: within {horizon_days} days "
            "nobody might have a row",
            next_step=f"say --gone 'no {table} in {self.most_days}d', or more days",
        )


def learned_from(
    days: Days, *, every_days: int, count: int, ends: date, horizon_days: int
) -> tuple[int, int]:
    """
    Return how many days a training takes, each after a period, and periods before the last.

    The first has as many as make changes and means, as long as two days are left.

    Args:
        days: Dates of the periods, ascending.
        every_days: Least distance between two.
        count: How many at most.
        ends: The day before which the table is whole.
        horizon_days: Within so many days somebody may leave.
    """
    after = [day + timedelta(days=1) for day in days.tolist()]
    chosen = choose_snapshots(
        [day for day in after if day + timedelta(days=horizon_days) <= ends],
        every_days=every_days,
        count=count,
        label_days=horizon_days,
    )
    before = [after.index(day) + 1 for day in chosen]
    while len(before) > LEAST_DAYS and before[0] < LEAST_PERIODS:
        before.pop(0)

    return max(len(before), LEAST_DAYS), max([*before[-1:], LEAST_PERIODS])


def periods(found: Inspected, rows: WhoseAndWhen) -> Periods | None:
    """
    Return the periods of a table; None of a log of what customers do.

    A table has periods if they are a week apart or more, and nearly every customer has a row in
    nearly each from their first to their last, and no two in one.

    Args:
        found: The table, looked at.
        rows: Its columns that say whose a row is, and when.
    """
    told = pd.DataFrame(
        {
            "who": rows.customer.row_texts,
            "day": rows.happened.row_instants.astype("datetime64[D]"),
        }
    ).dropna()
    days = np.unique(told["day"].to_numpy(dtype="datetime64[D]"))
    if len(days) < LEAST_PERIODS or usual_gap(days) < WEEK:
        return None
    told["period"] = np.searchsorted(days, told["day"].to_numpy(dtype="datetime64[D]"))
    once = told.drop_duplicates(["who", "period"])
    if rows.known is None and len(once) < SHARE_OF_ROWS * len(told):
        return None
    seen = once.groupby("who")["period"].agg(["size", "min", "max"])
    seen = seen[seen["size"] > 1]
    spans = int((seen["max"] - seen["min"] + 1).sum())
    # Where every second row was looked at, half of a customer's periods are there.
    share = found.looked_at / found.rows
    if not spans or seen["size"].sum() < SHARE_OF_PERIODS * share * spans:
        return None

    return Periods(days)


def gaps(days: Days) -> npt.NDArray[np.int64]:
    """Return the days between dates that ascend."""
    return np.diff(days).astype(np.int64)


def usual_gap(days: Days) -> int:
    """Return how many days are usually between two dates; 1 where there are none."""
    found = gaps(days)

    return max(int(np.median(found)), 1) if len(found) else 1


def least_distance(days: Days, every_days: int) -> int:
    """
    Return the least distance at which as many dates are taken as *every_days* stands for.

    Of month ends 35 days apart that is every one, and so 28.

    Args:
        days: Dates, ascending.
        every_days: How far apart they are to be, about.
    """
    count = max(1, round(every_days / usual_gap(days)))
    if len(days) <= count:
        return every_days

    return int((days[count:] - days[:-count]).astype(np.int64).min())
