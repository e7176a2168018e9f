"""Drift that lasts: what the nights before found of the same columns."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.limits import EARLIER_DAYS

# Tonight is one of so many judged nights.
NIGHTS = 3
# Of the same weekday, and how far from it the season still is the same.
YEAR_DAYS = 364
SEASON_DAYS = 15


def with_nights(
    checks: Sequence[DriftCheck], earlier: Sequence[Collection[str]]
) -> list[DriftCheck]:
    """
    Return the checks with the number of nights on which each column drifted.

    Args:
        checks: Those of tonight. Not modified.
        earlier: The columns that drifted on each of the judged nights before, the last first; of
            those at most two are looked at.
    """
    looked_at = earlier[: NIGHTS - 1]

    return [
        replace(check, nights=1 + sum(check.feature in night for night in looked_at))
        if check.verdict == "drifted"
        else check
        for check in checks
    ]


def as_usual(
    checks: Sequence[DriftCheck], again: Sequence[DriftCheck], day: date
) -> list[DriftCheck]:
    """
    Return the checks, quiet where tonight is as it was on a date like it.

    Args:
        checks: Against the training. Not modified.
        again: The same columns against the customers of *day*; others are left as they are.
        day: Of the same season or weekday.
    """
    quiet = {check.feature for check in again if check.verdict == "quiet"}

    return [
        replace(check, verdict="quiet", finding=f"{check.finding}, as on {day}")
        if check.verdict == "drifted" and check.feature in quiet
        else check
        for check in checks
    ]


def like_dates(built: Collection[date], *, as_of: date, trained: date) -> list[date]:
    """
    Return the dates whose customers tonight's are like, were it not for the season or the weekday.

    The date nearest to the same weekday a year ago, at most half a month from it, and the last same
    weekday in the four weeks before the model learned. Neither is later than the model, so that a
    change since its training never becomes what is usual, however long ago it was.

    Args:
        built: Dates whose features stand.
        as_of: Tonight.
        trained: The date on which the model learned.
    """
    known = [day for day in built if day <= trained and day < as_of]
    a_year_ago = as_of - timedelta(days=YEAR_DAYS)
    near = [day for day in known if abs((day - a_year_ago).days) <= SEASON_DAYS]
    weekdays = [
        day for day in known if (as_of - day).days % 7 == 0 and (trained - day).days < EARLIER_DAYS
    ]
    of_season = sorted(near, key=lambda day: abs((day - a_year_ago).days))[:1]

    return sorted({*of_season, *sorted(weekdays)[-1:]})
