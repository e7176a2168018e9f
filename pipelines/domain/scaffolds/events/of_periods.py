"""What a table with a row a customer and period says: now, before, and over the last periods."""

from collections.abc import Iterator
from functools import partial

from pipelines.domain.scaffolds.events.declaration import Declaration, call, declared
from pipelines.domain.scaffolds.events.event_log import EventLog
from pipelines.domain.scaffolds.events.log_columns import AmountColumn, KindColumn

# Periods that are looked at together, the last one among them.
LATELY = 3


def of_periods(log: EventLog) -> Iterator[Declaration]:
    """
    Declare what a member's periods say besides the values of the last one.

    Nothing here counts days in a window: how many month ends lie in 28 days is the calendar's, and
    the same for everybody.
    """
    if not log.has_periods:
        return
    yield from _history(log.history_periods)
    for column in log.with_last:
        if isinstance(column, AmountColumn):
            yield from _of_number(log, column.stem, column.words, column.unit)
        elif isinstance(column, KindColumn):
            yield _has_changed(column.stem, column.words)
        elif column.type == "number":
            yield from _of_number(log, column.stem, column.words)
        elif column.type == "text" and not column.is_fixed:
            yield _has_changed(column.stem, column.words)


def _history(periods: int | None) -> Iterator[Declaration]:
    """Declare for how long a customer is there, as far as features look back."""
    of = partial(declared, family="lifetime", watch_drift=False, minimum=1)
    whole = periods is None
    yield of(
        "history_days" if whole else f"history_days_{periods}p",
        call("days_since_first"),
        "days since the first period" + ("" if whole else f", of the last {periods}"),
        description="Days from the date of the first known period"
        + (" to as_of." if whole else f" of the last {periods} to as_of."),
        unit="days",
    )
    yield of(
        "periods_total" if whole else f"periods_{periods}p",
        call("count_ever", "active_days"),
        "periods so far" + ("" if whole else f", of the last {periods}"),
        unit="periods",
        maximum=periods,
    )


def _of_number(log: EventLog, stem: str, told: str, unit: str = "") -> Iterator[Declaration]:
    """Declare a number against what it was."""
    of = partial(
        declared,
        family="amounts",
        unit=unit,
        data_type="double precision",
        minimum=None,
        nullable=True,
    )
    yield of(
        f"change_{stem}",
        call("change_from_period_before", f"last_{stem}"),
        f"{told} less that of the period before",
        description=f"{told.capitalize()} of the last period less that of the one before; NULL "
        "where either is not known.",
    )
    yield of(
        f"recent_{stem}",
        call("mean_of_periods", f"last_{stem}", LATELY),
        f"{told}, mean of the last {LATELY} periods",
        description=f"Mean of {told} over the last {LATELY} periods of the customer; NULL where "
        "none is known.",
    )
    periods = log.history_periods
    if periods is not None and periods <= LATELY:
        return
    over = "all periods" if periods is None else f"the last {periods} periods"
    yield of(
        f"mean_{stem}" if periods is None else f"mean_{stem}_{periods}p",
        call("mean_of_periods", f"last_{stem}"),
        f"{told}, mean of {over}" + (" so far" if periods is None else ""),
        description=f"Mean of {told} over {over} of the customer; NULL where none is known.",
        watch_drift=False,
    )


def _has_changed(stem: str, told: str) -> Declaration:
    """Declare whether a category is another one than in the period before."""
    return declared(
        f"has_changed_{stem}",
        call("has_changed_since_period", f"last_{stem}"),
        f"{told} was another in the period before",
        family="kinds",
        description=f"Whether {told} of the last period is another than that of the one before; "
        "false without one.",
        data_type="boolean",
    )
