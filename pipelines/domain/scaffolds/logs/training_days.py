"""The days a training takes of a log, and how much of the log lies before them."""

from dataclasses import dataclass
from datetime import date

from pipelines.domain.inspection.tables import Inspected
from pipelines.errors import ImportRefused

MOST_SNAPSHOTS = 12
WEEK = 7
YEAR = 365


@dataclass(frozen=True, slots=True)
class TrainingDays:
    """
    Days a training takes, as far as a log of that length allows.

    Attributes:
        every_days: Days from one to the next: whole weeks and a day, if there are more than two.
        count: How many there are, those between learning and test among them.
        before_days: Days of the log before the first of them.
    """

    every_days: int
    count: int
    before_days: int

    @property
    def history_days(self) -> int:
        """Days of the log before the last of them."""
        return self.before_days + self.every_days * (self.count - 1)


def training_days(
    found: Inspected,
    first: date,
    ends: date,
    *,
    horizon: int,
    eligible: int,
    looks_back: int = 0,
    is_any_day: bool = True,
) -> TrainingDays:
    """
    Return the days a training takes: whole weeks and a day apart.

    A model that has seen Wednesdays only is told from each other day of a week: of a shop that
    closes on Sundays with an AUC of 0.70, and so on six nights of seven it was drift.

    They are as far apart as the log has room for, until no two horizons overlap. The latest ends
    with its horizon at the end of the log, those learned from a horizon before it; the earliest has
    as many days before it as make a customer a member. Where features have windows, it has as many
    as the longest, as long as a day of each weekday is left to learn from; and no more than a year
    is learned from, which has every season, so that the rest of the log is what features look at.

    Args:
        found: The log, looked at.
        first: Day of its first row.
        ends: The day before which it is whole.
        horizon: Days in which somebody may leave.
        eligible: Days in which members had a row.
        looks_back: Days of the longest window of features; 0 where they have none.
        is_any_day: Whether there is a snapshot on any day; else those between learning and test
            are none of them.

    Raises:
        ImportRefused: The log is too short.
    """
    span, least_before = (ends - first).days, min(eligible, horizon)
    needed = 2 * horizon + least_before
    if span < needed:
        raise ImportRefused(
            f"{found.name} spans {span} days, {first} to {ends}: to learn who "
            f"leaves within {horizon} days, and to test that on later days, takes {needed}",
            next_step="say --gone within fewer days, or bring a longer log",
        )

    least, most = max(WEEK, round(horizon / 6 / WEEK) * WEEK) + 1, -(-horizon // WEEK) * WEEK + 1
    if looks_back:
        most = min(most, YEAR // (MOST_SNAPSHOTS - 1) // WEEK * WEEK + 1)
    weekdays = least * (WEEK - 1 + -(-horizon // least))
    before = max(least_before, min(looks_back, span - horizon - weekdays))
    learned_from = span - 2 * horizon - before
    room = learned_from // (MOST_SNAPSHOTS - 2) // WEEK * WEEK + 1
    every = max(least, min(room, most))
    count = min(MOST_SNAPSHOTS, 2 + learned_from // every)
    if is_any_day:
        # Those less than a horizon before the latest, which it is tested on, are not learned from.
        between = -(-horizon // every)
        learned = 1 + (span - horizon - before - between * every) // every
        if learned < 1:
            every, count = horizon, 2
        else:
            wanted = min(learned, WEEK) if before > least_before else 1
            count = max(min(count, between + learned), between + wanted)

    return TrainingDays(every, count, span - horizon - every * (count - 1))
