"""When a customer comes: how long ago, how regularly, and at which time of day."""

from collections.abc import Iterator, Mapping
from functools import partial

from pipelines.domain.scaffolds.events.declaration import LONG, SHORT, Declaration, call, declared
from pipelines.domain.scaffolds.events.event_log import EventLog

# First hour, and the hour after the last.
PARTS_OF_DAY: Mapping[str, tuple[int, int]] = {
    "night": (0, 6),
    "morning": (6, 12),
    "afternoon": (12, 18),
    "evening": (18, 24),
}


def recency(log: EventLog) -> Iterator[Declaration]:
    """Declare how long ago the last event was, in days and against the customer's own rhythm."""
    of = partial(declared, family="recency")
    yield of(
        "days_since_last_event",
        call("days_since_last", "events"),
        "days since the last event",
        description="Days from the date of the last known event to as_of; 1 is the day before.",
        unit="days",
        minimum=1,
        maximum=log.eligible_days,
    )
    for name, macro, words in (
        ("mean", "recency_to_mean_gap", "the usual days between"),
        ("longest", "recency_to_longest_gap", "the longest pause so far"),
    ):
        yield of(
            f"recency_to_{name}_gap_ratio",
            call(macro),
            f"days since the last event against {words}",
            description=f"Days since the last event over the {name} number of days from one day "
            "with an event to the next; NULL where there was only one such day.",
            unit="ratio",
            data_type="double precision",
            nullable=True,
        )


def rhythm(log: EventLog) -> Iterator[Declaration]:
    """Declare the gaps from one active day to the next."""
    of = partial(declared, family="rhythm", unit="days", nullable=True)
    if log.looks_beyond_windows:
        yield from _gaps(log)
    yield of(
        f"gap_mean_{LONG}d_days",
        call("gap_mean", LONG),
        f"days from one day with an event to the next, last {LONG} days",
        description="Mean days to a day with an event from the one before it, of those in the last "
        f"{LONG} days; NULL without.",
        data_type="double precision",
        minimum=1,
    )
    yield of(
        f"gap_longest_{LONG}d_days",
        call("gap_longest", LONG),
        f"the longest pause that ended in the last {LONG} days",
        description="Most days to a day with an event from the one before it, of those in the last "
        f"{LONG} days; NULL without.",
        minimum=1,
    )


def _gaps(log: EventLog) -> Iterator[Declaration]:
    """Declare the gaps between all active days there are."""
    of = partial(declared, family="rhythm", unit="days", nullable=True, watch_drift=False)
    unless = f"NULL where there was only one such day {log.history}"
    yield of(
        f"{log.of_history('gap_mean', 'gap_mean')}_days",
        call("gap_mean"),
        f"days from one day with an event to the next, on average {log.history}",
        description=f"Mean days from one day with an event to the next; {unless}.",
        data_type="double precision",
        minimum=1,
    )
    yield of(
        f"{log.of_history('gap_deviation', 'gap_deviation')}_days",
        call("gap_deviation"),
        "how irregular the days between events are",
        description="Standard deviation of the days from one day with an event to the next; NULL "
        f"with fewer than three such days {log.history}.",
        data_type="double precision",
    )
    yield of(
        f"{log.of_history('gap_longest', 'gap_longest')}_days",
        call("gap_longest"),
        f"the longest pause between two days with an event {log.history}",
        description=f"Most days from one day with an event to the next; {unless}.",
        minimum=1,
    )


def parts_of_day(log: EventLog) -> Iterator[Declaration]:
    """Declare at which time of day a customer comes, where the log knows."""
    if not log.has_times:
        return
    for part, (first, end) in PARTS_OF_DAY.items():
        for days in (SHORT, LONG):
            yield declared(
                f"{part}_share_{days}d_pct",
                call("percent_in", f"{part}_events", "events", days),
                f"share of events from {first} to {end} o'clock, last {days} days",
                description=f"Of the events of the last {days} days, those from {first} to {end} "
                "o'clock in UTC; NULL without events.",
                family="time of day",
                unit="percent",
                data_type="double precision",
                nullable=not log.is_active_in(days),
                maximum=100,
            )
