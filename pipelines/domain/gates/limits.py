"""The table [gates] of churn.toml: how far tonight may be from what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from pipelines.domain.gates.check import CheckSeverity
from pipelines.domain.ranges import Range, require

SHARE = Range(at_least=0, at_most=1)
AT_LEAST_ONE = Range(at_least=1)
POINTS = Range(above=0, at_most=100)


@dataclass(frozen=True, slots=True)
class Ratio:
    """
    How far a number may be from what is usual, as multiples of it; None is no bound.

    Attributes:
        warn_below: Below it a warning.
        fail_below: Below it the night stops.
        warn_above: Above it a warning.
        fail_above: Above it the night stops.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "warn_below": SHARE,
        "fail_below": SHARE,
        "warn_above": AT_LEAST_ONE,
        "fail_above": AT_LEAST_ONE,
    }

    warn_below: float | None = None
    fail_below: float | None = None
    warn_above: float | None = None
    fail_above: float | None = None

    def __post_init__(self) -> None:
        """
        Refuse multiples on the wrong side of 1.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)


@dataclass(frozen=True, slots=True)
class Points:
    """
    How far a share may be from what is usual, in percentage points; None is no bound.

    Attributes:
        warn: Further is a warning.
        fail: Further stops the night.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {"warn": POINTS, "fail": POINTS}

    warn: float | None = None
    fail: float | None = None

    def __post_init__(self) -> None:
        """
        Refuse points no share can move by.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)

    @property
    def levels(self) -> tuple[tuple[CheckSeverity, float], ...]:
        """Severity and distance as a share, the severest first."""
        both: tuple[tuple[CheckSeverity, float | None], ...] = (
            ("fail", self.fail),
            ("warn", self.warn),
        )

        return tuple((severity, points / 100) for severity, points in both if points is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """
    Which share of the riskiest customers has to have been among them the night before.

    Attributes:
        riskiest_pct: How many customers count as riskiest, in percent of the list.
        at_least_customers: And so many at least, where the list is short.
        warn_below: Share of them, from 0 to 1, below which there is a warning.
        fail_below: Share below which the night stops.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "riskiest_pct": POINTS,
        "at_least_customers": AT_LEAST_ONE,
        "warn_below": SHARE,
        "fail_below": SHARE,
    }

    riskiest_pct: float
    at_least_customers: int
    warn_below: float
    fail_below: float

    def __post_init__(self) -> None:
        """
        Refuse shares of nobody or of more than everybody.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)

    def customers(self, rows: int) -> int:
        """Return how many customers of a list of *rows* count as riskiest."""
        return max(self.at_least_customers, round(rows * self.riskiest_pct / 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLimits:
    """
    What gates make of earlier nights.

    Attributes:
        history_days: So many days back a night counts.
        minimum_nights: So many nights it takes before there are bounds.
        history_from: Nights and rows before this date are forgotten; None forgets nothing.
        source_rows: All rows of a raw table, to the nights before.
        source_rows_kept: Rows the last night knew, to those still there.
        source_week: Rows that came in the last 7 days, to the weeks before.
        source_day: Rows that came on the last day, to the same weekday before.
        feature_nulls: By how much the null rate of a feature may rise.
        unknown_levels: By how much the share of levels the model does not know may rise.
        tier_share: By how much the share of customers in a risk tier may move.
        score_mean: Mean churn probability, to the lists before.
        riskiest_overlap: How many of the riskiest customers were there the night before.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {
        "history_days": AT_LEAST_ONE,
        "minimum_nights": AT_LEAST_ONE,
    }

    history_days: int = 28
    minimum_nights: int = 2
    history_from: date | None = None
    source_rows: Ratio = Ratio(fail_below=0.8, warn_above=1.5, fail_above=3)
    source_rows_kept: Ratio = Ratio(
        warn_below=0.98, fail_below=0.9, warn_above=1.02, fail_above=1.5
    )
    source_week: Ratio = Ratio(warn_below=0.8, fail_below=0.6, warn_above=3)
    source_day: Ratio = Ratio(warn_below=0.7, fail_below=0.25)
    feature_nulls: Points = Points(fail=10)
    unknown_levels: Points = Points(fail=5)
    tier_share: Points = Points(warn=5, fail=10)
    score_mean: Ratio = Ratio(warn_below=0.8, fail_below=0.5, warn_above=1.25, fail_above=2)
    riskiest_overlap: Overlap = Overlap(
        riskiest_pct=5, at_least_customers=20, warn_below=0.5, fail_below=0.3
    )

    def __post_init__(self) -> None:
        """
        Refuse a history of nothing.

        Raises:
            ValueError: A number lies outside of its range.
        """
        require(self, self.RANGES)
