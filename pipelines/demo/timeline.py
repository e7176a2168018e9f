"""The timeline of a generated history: everything is counted in days, and `until` is day 0."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

STEP_DAYS = 7
SECONDS_A_DAY = 86_400

# Monday first. People use the product for work more than at the weekend.
WEEKDAY_WEIGHTS = (1.12, 1.15, 1.13, 1.10, 1.05, 0.72, 0.73)
# Peak in January. 1.5 % is about 0.02 standard deviations of 28-day usage across customers.
SEASON_AMPLITUDE = 0.015
SEASON_PEAK_DAY = 15


@dataclass(frozen=True, slots=True)
class Timeline:
    """
    When a history begins and ends.

    Attributes:
        until: First day that is not part of the history; its midnight is day 0.
        start_day: Day the history begins, negative.
    """

    until: date
    start_day: int

    @classmethod
    def of(cls, until: date, months: int) -> Self:
        """Return the timeline of the *months* calendar months before *until*."""
        end = pd.Timestamp(until)

        return cls(until, (end - pd.DateOffset(months=months) - end).days)

    @property
    def weeks(self) -> int:
        """Weeks that cover the history, counted back from its end; the first may begin earlier."""
        return -(self.start_day // STEP_DAYS)

    def day(self, of: date) -> int:
        """Return the day number of *of*."""
        return (of - self.until).days

    def seconds(self, days: Floats) -> Ints:
        """Return whole seconds since 1970 of *days*, rounded down."""
        midnight = (self.until - date(1970, 1, 1)).days * SECONDS_A_DAY

        return midnight + np.floor(days * SECONDS_A_DAY).astype(np.int64)

    def phase(self, days: Floats) -> Floats:
        """Return the angle of the year on *days*, a multiple of a full turn in mid-January."""
        peak = self.day(date(self.until.year, 1, SEASON_PEAK_DAY))

        return 2 * np.pi * (days - peak) / 365.25

    def season(self, days: Floats) -> Floats:
        """Return the factor of usage on *days*, about 1."""
        factor = 1 + SEASON_AMPLITUDE * np.cos(self.phase(days))

        return np.asarray(factor, dtype=np.float64)

    def week_profile(self) -> Floats:
        """Return the share of each day of a week that begins on the weekday of `until`."""
        weights = np.roll(np.array(WEEKDAY_WEIGHTS), -self.until.weekday())

        return np.asarray(weights / weights.sum(), dtype=np.float64)
