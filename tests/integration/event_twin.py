"""Every feature of a log in plain, slow Python, from its words and not from its SQL."""

import itertools
import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

WINDOWS = (7, 14, 28, 56, 84)
GAPS = ("gap_mean", "gap_deviation", "gap_longest")
PARTS = ("night", "morning", "afternoon", "evening")


@dataclass(frozen=True)
class Event:
    """One event: `kinds`, `amounts` and `attributes` by stem, None where unknown."""

    at: datetime
    loaded_at: datetime
    kinds: Mapping[str, str | None]
    amounts: Mapping[str, float | None]
    session: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """Its date in UTC."""
        return self.at.astimezone(UTC).date()


@dataclass(frozen=True)
class Twin:
    """
    What is asked of a log.

    Attributes:
        kinds: By stem of the column the slug of each kind that has features of its own.
        with_other: Stems of those columns that have more kinds.
        amounts: Stems of columns.
        has_times: Whether events know their time of day.
        has_sessions: Whether events belong to sessions.
        eligible_days: Members had an event in so many days; None: ever.
        left: Stem and kind of the event that ends it; None where inactivity does.
        is_left_by_inactivity: Whether nothing in the horizon means that somebody left.
        attributes: Stems of further columns, of which the last value counts.
        history_days: Features look at so many days; None: at all there are.
    """

    kinds: Mapping[str, Mapping[str, str]]
    with_other: Sequence[str]
    amounts: Sequence[str]
    has_times: bool
    has_sessions: bool
    eligible_days: int | None
    left: tuple[str, str] | None
    is_left_by_inactivity: bool
    attributes: Sequence[str] = ()
    history_days: int | None = None

    def features(self, events: Iterable[Event], as_of: date) -> dict[str, Any] | None:
        """Return the features of one customer, None where the customer is no member."""
        begin = midnight(as_of)
        known = [event for event in events if event.at < begin and event.loaded_at < begin]
        if self.history_days is not None:
            known = within(known, as_of, self.history_days)
        if not known or not self._is_eligible(known, as_of) or self._has_left(known):
            return None

        found = {
            **activity(known, as_of),
            **trends(known, as_of),
            **recency(known, as_of),
            **lifetime(known, as_of),
        }
        if self.has_times:
            found |= parts_of_day(known, as_of)
        for stem, slugs in self.kinds.items():
            for kind, slug in slugs.items():
                found |= of_kind(known, as_of, f"{stem}_{slug}", stem, {kind})
            if stem in self.with_other:
                rest = {event.kinds[stem] for event in known} - {*slugs, None}
                found |= of_kind(known, as_of, f"{stem}_other", stem, rest)
            for days in (7, 28, 84):
                kinds = {event.kinds[stem] for event in within(known, as_of, days)}
                found[f"distinct_{stem}_{days}d"] = len(kinds - {None})
        for stem in self.amounts:
            found |= of_amount(known, as_of, stem)
        found |= self._last_values(known, as_of)
        if self.has_sessions:
            found |= sessions(known, as_of, has_times=self.has_times)
        if self.history_days is not None:
            found = {self._of_history(name): value for name, value in found.items()}

        return found

    def _of_history(self, name: str) -> str:
        """Return what a feature of all days that are looked at is called, instead of *name*."""
        days = f"{self.history_days}d"
        called = {
            "days_since_first_event": f"days_since_first_event_{days}",
            "events_total": f"events_{days}",
            "active_days_total": f"active_days_{days}",
            **{f"{gap}_days": f"{gap}_{days}_days" for gap in GAPS},
            **{f"{stem}_total": f"{stem}_{days}" for stem in self.amounts},
            **{f"mean_{stem}": f"mean_{stem}_{days}" for stem in self.amounts},
            **{
                f"{stem}_{kind}_total": f"{stem}_{kind}_{days}"
                for stem, slugs in self.kinds.items()
                for kind in (*slugs.values(), "other")
            },
        }

        return called.get(name, name)

    def _last_values(self, known: Sequence[Event], as_of: date) -> dict[str, Any]:
        """Return the last value of every column."""
        found: dict[str, Any] = {}
        for stem, slugs in self.kinds.items():
            value = last(known, lambda event, stem=stem: event.kinds[stem])
            own = {None, *(kind for kind in slugs if "{" not in kind)}
            found[f"last_{stem}"] = spelled(value) if value in own else "other"
        for stem in self.amounts:
            found[f"last_{stem}"] = last(known, lambda event, stem=stem: event.amounts[stem])
        for stem in self.attributes:
            value = last(known, lambda event, stem=stem: event.attributes[stem])
            if isinstance(value, date):
                found[f"last_{stem}_days"] = (as_of - day_of(value)).days
            else:
                found[f"last_{stem}"] = spelled(value) if isinstance(value, str) else value

        return found

    def is_churned(
        self, events: Iterable[Event], as_of: date, *, known_at: date, gap: int, horizon: int
    ) -> bool | None:
        """Return whether one member left, None until that can be known."""
        if as_of + timedelta(gap + horizon) > known_at:
            return None
        known = [event for event in events if event.loaded_at < midnight(known_at)]
        first = midnight(as_of + timedelta(gap))
        end = midnight(as_of + timedelta(gap + horizon))
        then = [event for event in known if first <= event.at < end]
        is_gone = self.is_left_by_inactivity and not then
        if self.left is not None:
            is_gone = is_gone or any(event.kinds[self.left[0]] == self.left[1] for event in then)
            is_gone = is_gone or self._has_left([e for e in known if e.at < midnight(as_of)])

        return is_gone

    def _is_eligible(self, known: Sequence[Event], as_of: date) -> bool:
        """Tell whether there was an event lately."""
        return self.eligible_days is None or bool(within(known, as_of, self.eligible_days))

    def _has_left(self, known: Sequence[Event]) -> bool:
        """Tell whether the customer ended it, and nothing came after."""
        if self.left is None:
            return False
        ends = [event.at for event in known if event.kinds[self.left[0]] == self.left[1]]

        return bool(ends) and not any(event.at > max(ends) for event in known)


def last(known: Iterable[Event], value: Callable[[Event], Any]) -> Any:
    """Return the last value there is; of one day, what was known last of it."""
    having = [event for event in known if value(event) is not None]
    order = sorted(
        having,
        key=lambda event: (
            event.day,
            day_of(event.loaded_at),
            event.at,
            event.loaded_at,
            value(event),
        ),
    )

    return value(order[-1]) if order else None


def day_of(value: date) -> date:
    """Return the date in UTC of an instant, and a date as it is."""
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


def spelled(value: str | None) -> str | None:
    """Return a level in one spelling."""
    return None if value is None else value.strip().lower().replace(" ", "_").replace("-", "_")


def midnight(day: date) -> datetime:
    """Return when *day* begins in UTC."""
    return datetime.combine(day, time(), UTC)


def within(known: Iterable[Event], as_of: date, days: int, ago: int = 0) -> list[Event]:
    """Return the events of the *days* before the as_of, or before *ago* days before it."""
    first, end = (midnight(as_of - timedelta(back)) for back in (days + ago, ago))

    return [event for event in known if first <= event.at < end]


def over(part: float, whole: float) -> float | None:
    """Return a ratio, None without a whole."""
    return part / whole if whole else None


def share(part: float, whole: float) -> float | None:
    """Return a ratio in percent."""
    return over(100 * part, whole)


def days_of(events: Iterable[Event]) -> list[date]:
    """Return the days with an event, in order."""
    return sorted({event.day for event in events})


def activity(known: Sequence[Event], as_of: date) -> dict[str, Any]:
    """How many events, on how many days."""
    found: dict[str, Any] = {}
    for days in WINDOWS:
        there = within(known, as_of, days)
        found[f"events_{days}d"] = len(there)
        found[f"active_days_{days}d"] = len(days_of(there))
        if days in {28, 84}:
            weekend = [event for event in there if event.day.weekday() >= 5]
            found[f"events_per_active_day_{days}d"] = over(len(there), len(days_of(there)))
            found[f"weekend_share_{days}d_pct"] = share(len(weekend), len(there))
    found["active_weeks_84d"] = sum(bool(within(known, as_of, 7, 7 * back)) for back in range(12))

    return found


def trends(known: Sequence[Event], as_of: date) -> dict[str, Any]:
    """A window against the one before it."""
    found: dict[str, Any] = {}
    for days in (7, 14, 28, 42):
        last, before = within(known, as_of, days), within(known, as_of, days, days)
        found[f"change_events_{days}d"] = len(last) - len(before)
        found[f"trend_events_{days}d_ratio"] = over(len(last), len(before))
        last_days, days_before = len(days_of(last)), len(days_of(before))
        found[f"change_active_days_{days}d"] = last_days - days_before
        found[f"trend_active_days_{days}d_ratio"] = over(last_days, days_before)
    counts = {days: len(within(known, as_of, days)) for days in WINDOWS}
    found["events_7d_share_28d_pct"] = share(counts[7], counts[28])
    found["events_28d_share_84d_pct"] = share(counts[28], counts[84])
    weekly = [len(within(known, as_of, 7, 7 * back)) for back in reversed(range(12))]
    found["events_slope_84d"] = statistics.linear_regression(range(12), weekly).slope

    return found


def recency(known: Sequence[Event], as_of: date) -> dict[str, Any]:
    """How long ago, and how regularly."""
    there = days_of(known)
    idle = (as_of - there[-1]).days
    pairs = list(itertools.pairwise(there))
    gaps = [(later - day).days for day, later in pairs]
    late = [(later - day).days for day, later in pairs if (as_of - later).days <= 84]

    return {
        "days_since_last_event": idle,
        "recency_to_mean_gap_ratio": over(idle, statistics.mean(gaps)) if gaps else None,
        "recency_to_longest_gap_ratio": over(idle, max(gaps)) if gaps else None,
        "gap_mean_days": statistics.mean(gaps) if gaps else None,
        "gap_deviation_days": statistics.stdev(gaps) if len(gaps) > 1 else None,
        "gap_longest_days": max(gaps, default=None),
        "gap_mean_84d_days": statistics.mean(late) if late else None,
        "gap_longest_84d_days": max(late, default=None),
    }


def lifetime(known: Sequence[Event], as_of: date) -> dict[str, Any]:
    """How long a customer is there, and what came of it."""
    there = days_of(known)
    age = (as_of - there[0]).days
    found: dict[str, Any] = {
        "days_since_first_event": age,
        "is_new_28d": age <= 28,
        "events_total": len(known),
        "active_days_total": len(there),
        "events_per_30d": 30 * len(known) / max(age, 30),
        "active_days_share_pct": share(len(there), age),
    }
    for days in (28, 84):
        lately = len(within(known, as_of, days)) / min(days, age)
        found[f"events_pace_{days}d_ratio"] = lately / (len(known) / age)

    return found


def parts_of_day(known: Sequence[Event], as_of: date) -> dict[str, Any]:
    """At which time of day."""
    found = {}
    for days in (28, 84):
        there = within(known, as_of, days)
        for number, part in enumerate(PARTS):
            then = [event for event in there if event.at.astimezone(UTC).hour // 6 == number]
            found[f"{part}_share_{days}d_pct"] = share(len(then), len(there))

    return found


def of_kind(
    known: Sequence[Event], as_of: date, name: str, stem: str, kinds: set[Any]
) -> dict[str, Any]:
    """How often, and how long ago, events of *kinds* happened."""
    such = [event for event in known if event.kinds[stem] in kinds]
    counts = {days: len(within(such, as_of, days)) for days in (7, 28, 84)}

    return {
        **{f"{name}_{days}d": count for days, count in counts.items()},
        f"{name}_total": len(such),
        f"change_{name}_28d": counts[28] - len(within(such, as_of, 28, 28)),
        f"share_{name}_28d_pct": share(counts[28], len(within(known, as_of, 28))),
        f"days_since_{name}": (as_of - max(days_of(such))).days if such else None,
    }


def of_amount(known: Sequence[Event], as_of: date, stem: str) -> dict[str, Any]:
    """How much."""

    def amounts(events: Iterable[Event]) -> list[float]:
        found = (event.amounts[stem] for event in events)
        return [amount for amount in found if amount is not None]

    def total(events: Iterable[Event]) -> float:
        return math.fsum(amounts(events))

    last, before = within(known, as_of, 28), within(known, as_of, 28, 28)
    found: dict[str, Any] = {
        f"{stem}_total": total(known),
        f"mean_{stem}": over(total(known), len(amounts(known))),
        f"change_{stem}_28d": total(last) - total(before),
        f"trend_{stem}_28d_ratio": over(total(last), total(before)),
        f"{stem}_active_day_28d": over(total(last), len(days_of(last))),
    }
    for days in WINDOWS:
        there = within(known, as_of, days)
        found[f"{stem}_{days}d"] = total(there)
        if days in {28, 84}:
            found[f"mean_{stem}_{days}d"] = over(total(there), len(amounts(there)))
            found[f"largest_{stem}_{days}d"] = max(amounts(there), default=None)

    return found


def sessions(known: Sequence[Event], as_of: date, *, has_times: bool) -> dict[str, Any]:
    """How many sessions, and how long."""
    groups: dict[str, list[Event]] = {}
    for event in within(known, as_of, 84):
        if event.session is not None:
            groups.setdefault(event.session, []).append(event)
    # A session is in a window if its last event is.
    last_events = [max(group, key=lambda event: event.at) for group in groups.values()]

    def ended(days: int, ago: int = 0) -> list[list[Event]]:
        return [groups[str(event.session)] for event in within(last_events, as_of, days, ago)]

    found: dict[str, Any] = {f"sessions_{days}d": len(ended(days)) for days in WINDOWS}
    found["change_sessions_28d"] = len(ended(28)) - len(ended(28, 28))
    found["trend_sessions_28d_ratio"] = over(len(ended(28)), len(ended(28, 28)))
    for days in (28, 84):
        there = ended(days)
        found[f"mean_session_events_{days}d"] = over(sum(map(len, there)), len(there))
        if has_times:
            ats = [sorted(event.at for event in group) for group in there]
            lengths = [(times[-1] - times[0]).total_seconds() / 60 for times in ats]
            found[f"session_minutes_{days}d"] = sum(lengths)
            found[f"mean_session_minutes_{days}d"] = over(sum(lengths), len(lengths))
            found[f"largest_session_minutes_{days}d"] = max(lengths, default=None)

    return found
