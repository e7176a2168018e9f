"""What somebody should know about a table before using it, in sentences."""

from collections.abc import Iterator

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST, learnable
from pipelines.domain.inspection.tables import Inspected


def notes(table: Inspected) -> list[str]:
    """
    Return a sentence a finding, what matters most first.

    None shows a value that may identify somebody.
    """
    return [
        *_of_the_table(table),
        *_of_the_label(table),
        *(sentence for column in table.columns for sentence in _of_a_column(column)),
    ]


def _of_the_table(table: Inspected) -> Iterator[str]:
    """Say what kind of table it is."""
    if table.looked_at < table.rows:
        yield (
            f"{table.looked_at:,} of {table.rows:,} rows were looked at, evenly spread; "
            "every count below is of those"
        )
    if table.key is not None:
        yield f"{table.key} tells its rows apart"
    elif table.customer is not None and table.times:
        yield (
            f"a log: {table.customer} says whose a row is, {' or '.join(table.times)} when it was"
        )
    elif table.customer is not None:
        yield f"{table.customer} says whose a row is, on several rows each"
    else:
        yield "no column tells its rows apart or says whose they are"


def _of_the_label(table: Inspected) -> Iterator[str]:
    """Say who left, and what knows it too well."""
    guess = table.label
    if guess is None:
        return
    whom = "when somebody left" if table.is_log else "who left"
    yield (f"{guess.column} may say {whom}: {guess.rate:.1%} have {guess.value!r} ({guess.reason})")
    for other in table.other_labels:
        yield (
            f"{other.column} may say it too: {other.rate:.1%} have {other.value!r} ({other.reason})"
        )
    yield from map(str, table.leaks)
    if table.is_sorted_by_label:
        yield (
            f"the order of rows tells who left (AUC {table.order_auc:.2f}): the table is sorted, "
            "or was put together from two"
        )


def _of_a_column(column: Column) -> Iterator[str]:
    """Say what is unusual about a column."""
    name = column.name
    if column.personal is not None:
        yield f"{name} may identify somebody ({column.personal}); its values are not shown"
    if column.kind == "empty":
        yield f"{name} holds nothing"
    elif column.is_constant:
        yield f"{name} is the same on every row"
    if column.disguises:
        shown = ", ".join(f"{level!r} {rows:,}" for level, rows in column.disguises.items())
        yield f"{name} has nothing in disguise: {shown} rows"
    if column.kind == "text":
        yield f"{name} is free text"
    elif column.kind == "category" and column.distinct > COMMONEST:
        counts = sorted(map(int, column.values.counts[column.is_known]), reverse=True)
        own = learnable(counts)
        yield (
            f"{name} has {column.distinct:,} different values: the {own:,} commonest count, "
            f"{sum(counts[own:]):,} rows are of another"
            if column.is_told and own < len(counts)
            else f"{name} has {column.distinct:,} different values"
        )
    if column.style == "ambiguous":
        yield f"{name} may have the day first or the month first: no value proves it"
    if rows := int(column.bad_rows.sum()):
        yield f"{name} is of the kind {column.kind}, but for {rows:,} rows"
