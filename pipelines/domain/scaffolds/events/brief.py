"""The few features of a log that lies beside a population's main table."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from pipelines.domain.features.contract import Feature
from pipelines.domain.scaffolds.events.declaration import LONG, SHORT, Declaration, call, declared
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.log_columns import AmountColumn, KindColumn
from pipelines.domain.scaffolds.names import called_after, is_readable, words
from pipelines.domain.scaffolds.spelling import OTHER, in_one_spelling, jinja_text


def brief_features(log: EventLog) -> tuple[Declaration, ...]:
    """
    Declare counts, sums, last values and trends of *log*, called after its table.

    A customer without a row has 0 of what counts, and NULL of all else.
    """
    said = words(log.table)
    found: dict[str, Declaration] = {}
    for each in (*_activity(), *_kinds(log), *_amounts(log)):
        name = called_after(log.table, each.name, taken=found)
        title = f"{said}: {each.feature.title}"
        found[name] = replace(
            each,
            feature=replace(each.feature, name=name, title=title, family=said),
            description=f"{said}: {each.description}",
            or_zero=not each.feature.nullable,
        )

    return tuple(found.values())


def _activity() -> Iterator[Declaration]:
    """Declare how many rows there are, when the last was, and whether they become more."""
    of = partial(declared, family="")
    for days in (SHORT, LONG):
        yield of(
            f"events_{days}d",
            call("count_in", "events", days),
            f"rows in the last {days} days",
            unit="rows",
        )
    yield of(
        "events_total",
        call("count_ever", "events"),
        "rows so far",
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
    """Declare how often each kind was, and which was the last."""
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
        yield _last_kind(column)


def _last_kind(column: KindColumn) -> Declaration:
    """Declare of which kind the last row was."""
    spelled = [in_one_spelling(each.value) for each in column.levels if is_readable(each.value)]
    levels = tuple(dict.fromkeys([*filter(None, spelled), OTHER]))
    named = ", ".join(jinja_text(level) for level in levels if level != OTHER)
    last = call("last_ever", f"last_{column.stem}")

    return Declaration(
        Feature(
            f"last_{column.stem}",
            "categorical",
            f"last {column.words}",
            nullable=True,
            levels=levels,
        ),
        f"Last {column.words}; NULL where none is known.",
        "text",
        f"churn.commonest({last}, [{named}])",
    )


def _amounts(log: EventLog) -> Iterator[Declaration]:
    """Declare how much there was."""
    for column in log.amounts:
        yield from _of_amount(column)


def _of_amount(column: AmountColumn) -> Iterator[Declaration]:
    """Declare sums, means, the change and the last of an amount."""
    stem, told = column.stem, column.words
    of = partial(declared, family="", unit=column.unit, data_type="double precision", minimum=None)
    for days in (SHORT, LONG):
        yield of(
            f"{stem}_{days}d",
            call("amount_in", f"{stem}_sum", days),
            f"{told} in the last {days} days",
        )
    yield of(
        f"{stem}_total",
        call("amount_ever", f"{stem}_sum"),
        f"{told} so far",
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
    yield of(
        f"last_{stem}",
        call("last_ever", f"last_{stem}"),
        f"last {told}",
        description=f"Last {told}; NULL where none is known.",
        nullable=True,
    )
