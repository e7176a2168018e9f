"""How much: sums, means and largest of every amount."""

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
from pipelines.domain.scaffolds.events.log_columns import AmountColumn


def amounts(log: EventLog) -> Iterator[Declaration]:
    """Declare the features of every amount. Amounts may be below 0, so most have no bounds."""
    for column in log.amounts:
        yield from _levels(log, column)
        yield from _comparisons(log, column)


def _levels(log: EventLog, column: AmountColumn) -> Iterator[Declaration]:
    """Declare how much there was."""
    stem, told = column.stem, column.words
    of = partial(
        declared,
        family="amounts",
        unit=column.unit,
        data_type="double precision",
        minimum=None,
    )
    for days in WINDOWS:
        yield of(
            f"{stem}_{days}d",
            call("amount_in", f"{stem}_sum", days),
            f"{told} in the last {days} days",
            description=f"Sum of {told} in the last {days} days; 0 where there was none.",
        )
    if log.looks_beyond_windows:
        yield of(
            log.of_history(stem, f"{stem}_total"),
            call("amount_ever", f"{stem}_sum"),
            f"{told} {log.history}",
            description=f"Sum of {told} {log.history}; 0 where there was none.",
            watch_drift=False,
        )
        yield of(
            log.of_history(f"mean_{stem}", f"mean_{stem}"),
            call("mean_ever", f"{stem}_sum", f"{stem}_known"),
            f"{told} of an event, on average {log.history}",
            description=f"Mean of {told} over the events {log.history} that have one; NULL where "
            "none has.",
            nullable=True,
            watch_drift=False,
        )
    for days in (SHORT, LONG):
        yield of(
            f"mean_{stem}_{days}d",
            call("ratio_in", f"{stem}_sum", f"{stem}_known", days),
            f"{told} of an event, last {days} days",
            description=f"Mean of {told} over the events of the last {days} days that have one; "
            "NULL where none has.",
            nullable=True,
        )
        yield of(
            f"largest_{stem}_{days}d",
            call("largest_in", f"{stem}_max", days),
            f"largest {told} of an event, last {days} days",
            description=f"Largest {told} of an event in the last {days} days; NULL without.",
            nullable=True,
        )


def _comparisons(log: EventLog, column: AmountColumn) -> Iterator[Declaration]:
    """Declare how much there was against something else."""
    stem, told = column.stem, column.words
    of = partial(declared, family="amounts", data_type="double precision", minimum=None)
    yield of(
        f"change_{stem}_{SHORT}d",
        call("amount_change_in", f"{stem}_sum", SHORT),
        f"{told} in the last {SHORT} days less that in the {SHORT} before",
        unit=column.unit,
    )
    yield of(
        f"trend_{stem}_{SHORT}d_ratio",
        call("trend_in", f"{stem}_sum", SHORT),
        f"{told} in the last {SHORT} days against the {SHORT} before",
        description=f"Sum of {told} in the last {SHORT} days over that in the {SHORT} before; NULL "
        "where that was 0.",
        unit="ratio",
        nullable=True,
    )
    yield of(
        f"{stem}_active_day_{SHORT}d",
        call("ratio_in", f"{stem}_sum", "active_days", SHORT),
        f"{told} on a day with an event, last {SHORT} days",
        description=f"Sum of {told} in the last {SHORT} days over the days with an event; NULL "
        "without such a day.",
        unit=column.unit,
        nullable=not log.is_active_in(SHORT),
    )
