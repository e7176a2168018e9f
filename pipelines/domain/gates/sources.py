"""A raw table beside its own past: as it was known, what is left of it, and what came in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.bounds import QUANTITY, Quantity, Usual, within_ratio
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.history import ORIGIN, History
from pipelines.domain.gates.limits import GateLimits, Ratio
from pipelines.domain.gates.suite import Suite

WEEK_DAYS = 7

# A week or two of a first load, with all the years before in one day, is no measure of a week.
FEWEST_WEEKS = 3

COUNT = Check("expect_table_row_count_to_be_between", {}, ORIGIN)


def source_batches(
    suite: Suite,
    *,
    schema: str,
    table: str,
    as_of: date,
    history: History,
    arrivals: Sequence[int],
    limits: GateLimits,
) -> list[Batch]:
    """
    Return what the sources gate looks at in one raw table.

    Rows that were known stay known, so what the last night saw is counted again: a loss shows
    whatever else changed. What came in is compared by `loaded_at`, for which no night is needed.

    Args:
        suite: The expectations written by hand.
        schema: Schema of the table.
        table: The table.
        as_of: Rows known before it are looked at.
        history: Earlier nights of the sources gate.
        arrivals: Rows that became known on each day before *as_of*, latest first.
        limits: How far from usual is legal.
    """
    subject = f"{schema}.{table}"
    is_window = suite.known_within_days is not None
    rows = within_ratio(
        COUNT,
        history.usual(subject, "rows"),
        limits.source_week if is_window else limits.source_rows,
        quantity="rows",
        is_chance=is_window,
    )
    known = Batch(
        schema=schema,
        table=table,
        checks=(*suite.checks, *rows),
        known_before=as_of,
        known_within_days=suite.known_within_days,
        lookups=suite.lookups,
    )
    counted = replace(known, checks=(), lookups=())
    batches = [known]

    seen = history.latest(subject, "rows")
    if seen is not None:
        usual = Usual([seen.value], of="nights", remark=history.remark)
        kept = tuple(
            replace(check, context={QUANTITY: "kept", "rows_known": seen.value, "at": seen.as_of})
            for check in within_ratio(COUNT, usual, limits.source_rows_kept, quantity="kept")
            if {"min_value", "max_value"} & {*check.kwargs}
        )
        label = "rows the last night knew"
        batches.append(replace(counted, checks=kept, known_before=seen.as_of, label=label))

    spans: tuple[tuple[Quantity, int, Usual, Ratio], ...] = (
        ("week", WEEK_DAYS, weeks_before(arrivals), limits.source_week),
        ("day", 1, same_weekdays(arrivals), limits.source_day),
    )
    for span, days, usual, limit in spans:
        if not usual.values:
            continue
        arrived = within_ratio(COUNT, usual, limit, quantity=span, is_chance=True)
        label = f"rows of the last {span}"
        batches.append(replace(counted, checks=arrived, known_within_days=days, label=label))

    return [batch for batch in batches if batch.checks]


def owned_batch(suite: Suite, *, as_of: date, history: History, limits: GateLimits) -> Batch:
    """
    Return what the sources gate looks at in a feature table that somebody owns: rows of the night.

    Args:
        suite: Its expectations; says where it stands.
        as_of: The night.
        history: Earlier nights of the sources gate.
        limits: How far from usual is legal.
    """
    schema, table = suite.stands_in or ("", "")
    rows = within_ratio(
        COUNT, history.usual(f"{schema}.{table}", "rows"), limits.source_rows, quantity="rows"
    )

    return Batch(
        schema=schema, table=table, checks=(*suite.checks, *rows), equals={suite.as_of: as_of}
    )


def weeks_before(arrivals: Sequence[int]) -> Usual:
    """Return the rows of each whole week before the last, since the table began."""
    weeks = [
        sum(arrivals[start : start + WEEK_DAYS])
        for start in range(WEEK_DAYS, len(arrivals) - WEEK_DAYS + 1, WEEK_DAYS)
    ]

    return _since_it_began(weeks, "weeks")


def same_weekdays(arrivals: Sequence[int]) -> Usual:
    """Return the rows of the days one, two … weeks before the last day, since the table began."""
    return _since_it_began([*arrivals[WEEK_DAYS::WEEK_DAYS]], "days")


def _since_it_began(counts: Sequence[int], of: str) -> Usual:
    """Return *counts*, latest first, without the empty oldest ones; nothing, if few are left."""
    while counts and counts[-1] == 0:
        counts = counts[:-1]

    return Usual(counts if len(counts) >= FEWEST_WEEKS else (), of)
