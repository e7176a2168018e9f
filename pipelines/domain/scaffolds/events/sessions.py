"""Events that belong together: how many sessions, and how long they are."""

from collections.abc import Iterator
from functools import partial

from pipelines.domain.scaffolds.events.declaration import (
    LONG,
    SHORT,
    WINDOWS,
    Declaration,
    call,
    declared,
)
from pipelines.domain.scaffolds.events.event_log import EventLog


def sessions(log: EventLog) -> Iterator[Declaration]:
    """Declare the features of sessions, where the log has them."""
    if log.session is None:
        return
    of = partial(declared, family="sessions", grain="sessions")
    for days in WINDOWS:
        yield of(
            f"sessions_{days}d",
            call("rows_in", days),
            f"sessions in the last {days} days",
            unit="sessions",
        )
    yield of(
        f"change_sessions_{SHORT}d",
        call("row_change_in", SHORT),
        f"sessions in the last {SHORT} days less those in the {SHORT} before",
        description=f"Sessions whose last event lies in the last {SHORT} days, less those whose "
        f"last event lies in the {SHORT} before.",
        unit="sessions",
        minimum=None,
    )
    yield of(
        f"trend_sessions_{SHORT}d_ratio",
        call("row_trend_in", SHORT),
        f"sessions in the last {SHORT} days against the {SHORT} before",
        description=f"Sessions whose last event lies in the last {SHORT} days over those whose "
        f"last event lies in the {SHORT} before; NULL where there were none before.",
        unit="ratio",
        data_type="double precision",
        nullable=True,
    )
    for days in (SHORT, LONG):
        yield of(
            f"mean_session_events_{days}d",
            call("mean_in", "events", days),
            f"events in a session, last {days} days",
            description="Mean events of the sessions whose last event lies in the last "
            f"{days} days; NULL without.",
            unit="events",
            nullable=True,
            minimum=1,
            data_type="double precision",
        )
        if log.has_times:
            yield from _minutes(days)


def _minutes(days: int) -> Iterator[Declaration]:
    """Declare how long sessions were."""
    of = partial(
        declared,
        family="sessions",
        grain="sessions",
        unit="minutes",
        data_type="double precision",
    )
    yield of(
        f"session_minutes_{days}d",
        call("amount_in", "minutes", days),
        f"minutes in sessions, last {days} days",
        description="Sum of the minutes from the first event of a session to its last, of those "
        f"whose last event lies in the last {days} days; events of more than {LONG} days ago "
        "count to none.",
    )
    yield of(
        f"mean_session_minutes_{days}d",
        call("mean_in", "minutes", days),
        f"minutes of a session, last {days} days",
        description="Mean of those minutes over the sessions; NULL without.",
        nullable=True,
    )
    yield of(
        f"largest_session_minutes_{days}d",
        call("largest_in", "minutes", days),
        f"minutes of the longest session, last {days} days",
        description="Minutes of the longest of those sessions; NULL without.",
        nullable=True,
    )
