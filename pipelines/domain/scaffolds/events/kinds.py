"""What a customer does: how often each kind of event happens, and how many kinds."""

from collections.abc import Iterator
from functools import partial

from pipelines.domain.scaffolds.events.declaration import LONG, SHORT, Declaration, call, declared
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.log_columns import KindColumn

COUNTED = (7, SHORT, LONG)


def kinds(log: EventLog) -> Iterator[Declaration]:
    """Declare the features of every kind that has its own, and of all others together."""
    for column in log.kinds:
        for measure, told in column.measures.items():
            yield from _of_kind(log, measure, told)
        yield from _distinct(column)


def _of_kind(log: EventLog, measure: str, told: str) -> Iterator[Declaration]:
    """Declare the features of one kind, which people read as *told*."""
    of = partial(declared, family="kinds")
    for days in COUNTED:
        yield of(
            f"{measure}_{days}d",
            call("count_in", measure, days),
            f"{told}: events in the last {days} days",
            unit="events",
        )
    if log.looks_beyond_windows:
        yield of(
            log.of_history(measure, f"{measure}_total"),
            call("count_ever", measure),
            f"{told}: events {log.history}",
            unit="events",
            watch_drift=False,
        )
    yield of(
        f"change_{measure}_{SHORT}d",
        call("count_change_in", measure, SHORT),
        f"{told}: events in the last {SHORT} days less those in the {SHORT} before",
        unit="events",
        minimum=None,
    )
    yield of(
        f"share_{measure}_{SHORT}d_pct",
        call("percent_in", measure, "events", SHORT),
        f"{told}: share of the events in the last {SHORT} days",
        description=f"{told}: share of the events in the last {SHORT} days; NULL without events.",
        unit="percent",
        data_type="double precision",
        nullable=not log.is_active_in(SHORT),
        maximum=100,
    )
    yield of(
        f"days_since_{measure}",
        call("days_since_last", measure),
        f"{told}: days since the last one",
        description=f"{told}: days from the date of the last one to as_of; 1 is the day before, "
        f"NULL where there was none {log.history}.",
        unit="days",
        nullable=True,
        minimum=1,
        watch_drift=False,
    )


def _distinct(column: KindColumn) -> Iterator[Declaration]:
    """Declare of how many kinds the events were."""
    for days in COUNTED:
        yield declared(
            f"distinct_{column.stem}_{days}d",
            call("rows_in", days),
            f"different kinds of {column.words} in the last {days} days",
            family="kinds",
            unit="kinds",
            grain="kinds",
            source=column.stem,
        )
