"""How much a customer does, whether it grows, and how it compares with the customer's own life."""

from collections.abc import Iterator
from functools import partial

from pipelines.domain.scaffolds.events.declaration import (
    LONG,
    SHORT,
    TRENDS,
    WINDOWS,
    Declaration,
    call,
    declared,
)
from pipelines.domain.scaffolds.events.event_log import EventLog

MEASURES = {"events": "events", "active_days": "days with an event"}
UNITS = {"events": "events", "active_days": "days"}


def activity(log: EventLog) -> Iterator[Declaration]:
    """Declare levels: how many events, on how many days."""
    of = partial(declared, family="activity")
    for measure, words in MEASURES.items():
        for days in WINDOWS:
            yield of(
                f"{measure}_{days}d",
                call("count_in", measure, days),
                f"{words} in the last {days} days",
                unit=UNITS[measure],
                maximum=days if measure == "active_days" else None,
            )
    yield of(
        f"active_weeks_{LONG}d",
        call("active_weeks_in", LONG),
        f"weeks with an event, of the last {LONG // 7}",
        unit="weeks",
        maximum=LONG // 7,
    )
    for days in (SHORT, LONG):
        yield of(
            f"events_per_active_day_{days}d",
            call("ratio_in", "events", "active_days", days),
            f"events on a day with any, last {days} days",
            description=f"Mean of events over the days with any, of the last {days}; "
            "NULL without such a day.",
            unit="events",
            data_type="double precision",
            nullable=not log.is_active_in(days),
            minimum=1,
        )
        yield of(
            f"weekend_share_{days}d_pct",
            call("percent_in", "weekend_events", "events", days),
            f"share of events on Saturdays and Sundays, last {days} days",
            description=f"Of the events of the last {days} days, those on a Saturday or Sunday in "
            "UTC; NULL without events.",
            unit="percent",
            data_type="double precision",
            nullable=not log.is_active_in(days),
            maximum=100,
        )


def trends(log: EventLog) -> Iterator[Declaration]:
    """Declare changes: a window against the one before it."""
    of = partial(declared, family="trend")
    for measure, words in MEASURES.items():
        for days in TRENDS:
            yield of(
                f"change_{measure}_{days}d",
                call("count_change_in", measure, days),
                f"{words} in the last {days} days less those in the {days} before",
                unit=UNITS[measure],
                minimum=-days if measure == "active_days" else None,
                maximum=days if measure == "active_days" else None,
            )
            yield of(
                f"trend_{measure}_{days}d_ratio",
                call("trend_in", measure, days),
                f"{words} in the last {days} days against the {days} before",
                description=f"{words.capitalize()} in the last {days} days over those in the "
                f"{days} before; NULL where there were none before.",
                unit="ratio",
                data_type="double precision",
                nullable=True,
            )
    for days, longer in ((7, SHORT), (SHORT, LONG)):
        yield of(
            f"events_{days}d_share_{longer}d_pct",
            call("percent_in", "events", "events", days, longer),
            f"share of the last {days} days in the events of the last {longer}",
            description=f"Of the events of the last {longer} days, those of the last {days}; "
            "NULL without events.",
            unit="percent",
            data_type="double precision",
            nullable=not log.is_active_in(longer),
            maximum=100,
        )
    yield of(
        f"events_slope_{LONG}d",
        call("weekly_slope", "events"),
        f"events more each week, over {LONG // 7} weeks",
        description=f"Least-squares slope of the events of the last {LONG // 7} weeks, counted "
        "back from as_of: events more each week.",
        unit="events a week",
        data_type="double precision",
        minimum=None,
    )


def lifetime(log: EventLog) -> Iterator[Declaration]:
    """Declare how long a customer is there, and what came of it."""
    of = partial(declared, family="lifetime", watch_drift=False)
    whole = log.history_days is None
    yield of(
        log.of_history("days_since_first_event", "days_since_first_event"),
        call("days_since_first"),
        "days since the first event" + ("" if whole else f", of those {log.history}"),
        description="Days from the date of the first known event"
        + (" to as_of." if whole else f" {log.history} to as_of."),
        unit="days",
        minimum=1,
        maximum=log.history_days,
    )
    yield of(
        f"is_new_{SHORT}d",
        call("is_new_in", SHORT),
        f"came in the last {SHORT} days",
        description=f"The first known event lies in the last {SHORT} days"
        + ("." if whole else f"; none lies before them {log.history}."),
        data_type="boolean",
    )
    if log.looks_beyond_windows:
        for measure, words in MEASURES.items():
            yield of(
                log.of_history(measure, f"{measure}_total"),
                call("count_ever", measure),
                f"{words} {log.history}",
                unit=UNITS[measure],
                minimum=1,
                maximum=log.history_days if measure == "active_days" else None,
            )
    yield of(
        "events_per_30d",
        call("per_30_days", "events"),
        "events in 30 days, on average",
        description="Events per 30 days since the date of the first; who is younger than 30 days "
        "counts as 30 days old.",
        unit="events",
        data_type="double precision",
    )
    yield of(
        "active_days_share_pct",
        call("percent_of_life", "active_days"),
        "share of days with an event since the first",
        unit="percent",
        data_type="double precision",
        maximum=100,
    )
    for days in (SHORT, LONG) if log.looks_beyond_windows else (SHORT,):
        yield of(
            f"events_pace_{days}d_ratio",
            call("pace_in", "events", days),
            f"events a day in the last {days} days against the customer's average",
            description=f"Events a day in the last {days} days, or since the first event where "
            "that is later, over events a day since the first.",
            unit="ratio",
            data_type="double precision",
            watch_drift=True,
        )
