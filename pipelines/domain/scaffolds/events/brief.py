"""The few features of a log that lies beside a population's main table."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from pipelines.domain.scaffolds.events.declaration import LONG, SHORT, Declaration, call, declared
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.last_values import last_values
from pipelines.domain.scaffolds.events.log_columns import AmountColumn
from pipelines.domain.scaffolds.names import called_after, words


def brief_features(log: EventLog) -> tuple[Declaration, ...]:
    """
    Declare counts, sums, last values and trends of *log*, called after its table.

    A customer without a row has 0 of what counts, and NULL of all else. Only sums have a first day
    (`history_days`): what holds since long ago, as a contract does, is still what was said last.
    """
    said = words(log.table)
    found: dict[str, Declaration] = {}
    for each in (*_activity(log), *_kinds(log), *_amounts(log), *last_values(log)):
        name = called_after(log.table, each.name, taken=found)
        title = f"{said}: {each.feature.title}"
        found[name] = replace(
            each,
            feature=replace(each.feature, name=name, title=title, family=said, theme=said),
            description=f"{said}: {each.description}",
            or_zero=not each.feature.nullable,
        )

    return tuple(found.values())


def _activity(log: EventLog) -> Iterator[Declaration]:
    """Declare how many rows there are, when the last was, and whether they become more."""
    of = partial(declared, family="")
    for days in (SHORT, LONG):
        yield of(
            f"events_{days}d",
            call("count_in", "events", days),
            f"rows in the last {days} days",
            unit="rows",
        )
    if log.looks_beyond_windows:
        yield of(
            log.of_history("events", "events_total"),
            _all("count", "events", log.history_days),
            f"rows {log.history}",
            unit="rows",
            watch_drift=False,
        )
    yield of(
        f"change_events_{SHORT}d",
        call("count_change_in", "events", SHORT),
        f"rows in the last {SHORT} days less those in the {SHORT} before",
        unit="rows",
        minimum=None,
    )
    yield of(
        "days_since_last_event",
        call("days_since_last", "events"),
        "days since the last row",
        description="Days from the date of the last one to as_of; NULL where there was none.",
        unit="days",
        nullable=True,
        minimum=1,
        watch_drift=False,
    )


def _kinds(log: EventLog) -> Iterator[Declaration]:
    """Declare how often each kind was."""
    of = partial(declared, family="")
    for column in log.kinds:
        for measure, told in column.measures.items():
            yield of(
                f"{measure}_{LONG}d",
                call("count_in", measure, LONG),
                f"{told}: rows in the last {LONG} days",
                unit="rows",
            )
            yield of(
                f"days_since_{measure}",
                call("days_since_last", measure),
                f"{told}: days since the last one",
                description=f"{told}: days from the date of the last one to as_of; NULL where "
                "there was none.",
                unit="days",
                nullable=True,
                minimum=1,
                watch_drift=False,
            )


def _amounts(log: EventLog) -> Iterator[Declaration]:
    """Declare how much there was."""
    for column in log.amounts:
        yield from _of_amount(log, column)


def _of_amount(log: EventLog, column: AmountColumn) -> Iterator[Declaration]:
    """Declare sums, means and the change of an amount."""
    stem, told = column.stem, column.words
    of = partial(declared, family="", unit=column.unit, data_type="double precision", minimum=None)
    for days in (SHORT, LONG):
        yield of(
            f"{stem}_{days}d",
            call("amount_in", f"{stem}_sum", days),
            f"{told} in the last {days} days",
        )
    if log.looks_beyond_windows:
        yield of(
            log.of_history(stem, f"{stem}_total"),
            _all("amount", f"{stem}_sum", log.history_days),
            f"{told} {log.history}",
            watch_drift=False,
        )
    yield of(
        f"mean_{stem}_{LONG}d",
        call("ratio_in", f"{stem}_sum", f"{stem}_known", LONG),
        f"{told} of a row, last {LONG} days",
        nullable=True,
    )
    yield of(
        f"change_{stem}_{SHORT}d",
        call("amount_change_in", f"{stem}_sum", SHORT),
        f"{told} in the last {SHORT} days less that in the {SHORT} before",
    )


def _all(what: str, measure: str, days: int | None) -> str:
    """Return a call that adds up all days features look at."""
    return call(f"{what}_ever", measure) if days is None else call(f"{what}_in", measure, days)
