"""Which columns of a log say what: whose, when, of which kind, how much, what belongs together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST
from pipelines.domain.columns.names import is_key_like, words
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.written_later import written_later
from pipelines.errors import ImportRefused

KIND_WORDS = frozenset(
    {
        *("action", "activity", "channel", "category", "event", "kind", "method", "name", "page"),
        *("reason", "state", "status", "topic", "type", "verb"),
    }
)
KIND, AMOUNT, SESSION = "column of kinds", "column of amounts", "column of what belongs together"
MOST_KINDS = 10 * COMMONEST
MOST_KIND_COLUMNS = 2
MOST_AMOUNT_COLUMNS = 6
# Of the customers: from here a column says who they are and not what they do.
SHARE_OF_ONE = 0.95
# Of the different values: from here one belongs to one customer.
SHARE_OWNED = 0.99
# Rows that belong together, on the whole.
ROWS_TOGETHER = 1.2


@dataclass(frozen=True)
class ColumnUses:
    """
    The columns of a log that features are made of.

    Attributes:
        customer: Whose an event is.
        happened: When it was.
        known: When it was known; None where no column says it.
        kinds: Of which kind, the likeliest first.
        amounts: How much.
        session: What belongs together; None where nothing does.
        others: Every other column, with the reason why it is left out.
    """

    customer: Column
    happened: Column
    known: Column | None
    kinds: tuple[Column, ...]
    amounts: tuple[Column, ...]
    session: Column | None
    others: dict[str, str]


@dataclass(frozen=True)
class MeasuredColumns:
    """
    The columns that are counted and added up.

    Attributes:
        kinds: Of which kind, the likeliest first.
        amounts: How much.
        session: What belongs together; None where nothing does.
        others: Every other column, with the reason why it is left out.
    """

    kinds: tuple[Column, ...]
    amounts: tuple[Column, ...]
    session: Column | None
    others: dict[str, str]


def column_uses(
    found: Inspected,
    *,
    key: str | None,
    time: str | None,
    known: str | None,
    label: str,
    drops: Sequence[str],
    accepts: Collection[str],
    leaks: Mapping[str, str],
) -> ColumnUses:
    """
    Tell the columns of a log apart.

    Args:
        found: The log, looked at.
        key: Header of the column that says whose an event is; None takes the one that was found.
        time: Header of the one that says when; None takes the one that is found on most rows.
        known: Header of the one that says when it was known; None where none does.
        label: Header of the column of kinds that says who left; empty where none does.
        drops: Headers that are left out whatever they hold.
        accepts: Headers of columns that are used though they may have been written later.
        leaks: Header of each column that knows who left, with the reason.

    Raises:
        ImportRefused: A named column is not there, or nothing says whose or when.
    """
    by_header = {column.name: column for column in found.columns}
    named = [name for name in (key, time, known, label, *drops, *accepts) if name]
    if missing := [name for name in named if name not in by_header]:
        raise ImportRefused(
            f"{found.name} has no column {', '.join(map(repr, missing))}; it has "
            f"{', '.join(by_header)}",
            next_step="name columns as the source calls them",
        )
    customer = by_header.get(key or found.customer or found.key or "")
    if customer is None:
        raise ImportRefused(
            f"no column of {found.name} says whose a row is", next_step="name it: --key COLUMN"
        )
    happened = by_header[time] if time else _most_known(found)
    if happened is None or happened.kind not in {"date", "instant"}:
        raise ImportRefused(
            f"no column of {found.name} says when a row happened"
            + (f": {time} is {happened.kind}" if happened is not None and time else ""),
            next_step="name one that holds dates or times: --time COLUMN",
        )
    if happened.name == customer.name:
        raise ImportRefused(
            f"{customer.name} of {found.name} cannot say both whose a row is and when it happened",
            next_step="name one of them: --key COLUMN, or --time COLUMN",
        )
    if label in {customer.name, happened.name}:
        raise ImportRefused(
            f"{label} says whose a row is, or when it happened, and not who left",
            next_step="name a column of kinds: --gone 'COLUMN=VALUE in 60d'",
        )
    if known is not None and by_header[known].kind not in {"date", "instant"}:
        raise ImportRefused(
            f"{known} of {found.name} is {by_header[known].kind}, and says no time",
            next_step="name one that holds dates or times: --known COLUMN",
        )
    unfit = {
        **leaks,
        **{
            header: reason
            for header, reason in written_later(found, happened).items()
            if header not in {*accepts, label}
        },
        **dict.fromkeys(drops, "left out with --drop"),
    }
    measured = measured_columns(
        [
            column
            for column in found.columns
            if column not in (customer, happened) and column.name != known
        ],
        customer,
        unfit=unfit,
        label=label,
    )

    return ColumnUses(
        customer=customer,
        happened=happened,
        known=by_header[known] if known is not None else None,
        kinds=measured.kinds,
        amounts=measured.amounts,
        session=measured.session,
        others=measured.others,
    )


def measured_columns(
    columns: Sequence[Column], customer: Column, *, unfit: Mapping[str, str], label: str = ""
) -> MeasuredColumns:
    """
    Tell apart what is counted and added up.

    Args:
        columns: All that may be.
        customer: Whose a row is.
        unfit: Header of each column that is not to be used though it could, with the reason.
        label: Header of the column of kinds that says who left; empty where none does.
    """
    sorted_out = {
        column.name: unfit.get(column.name) or _use(column, customer, is_label=column.name == label)
        for column in columns
    }
    kinds, more_kinds = _first(
        sorted(_of(columns, sorted_out, KIND), key=lambda it: (it.name != label, not _sounds(it))),
        MOST_KIND_COLUMNS,
    )
    amounts, more_amounts = _first(_of(columns, sorted_out, AMOUNT), MOST_AMOUNT_COLUMNS)
    sessions, more_sessions = _first(_of(columns, sorted_out, SESSION), 1)
    for column in (*more_kinds, *more_amounts, *more_sessions):
        sorted_out[column.name] = f"one more {sorted_out[column.name]}"
    used = {column.name for column in (*kinds, *amounts, *sessions)}

    return MeasuredColumns(
        kinds=kinds,
        amounts=amounts,
        session=sessions[0] if sessions else None,
        others={name: why for name, why in sorted_out.items() if name not in used},
    )


def _use(column: Column, customer: Column, *, is_label: bool) -> str:
    """Return what a column is used for, or why it is not."""
    uses = (
        (is_label, KIND),
        (column.personal is not None, f"personal data: {column.personal}"),
        (column.kind == "empty", "empty"),
        (column.distinct < 2, "the same on every row that has it"),
        (_belongs_together(column, customer), SESSION),
        (
            _is_of_customers(column, customer),
            "the same in all rows of a customer: it says who they are",
        ),
        (column.kind in {"boolean", "category"} and column.distinct <= MOST_KINDS, KIND),
        (column.kind in {"integer", "number"}, AMOUNT),
    )
    nothing = f"{column.kind} of {column.distinct:,} values: neither a kind of event nor an amount"

    return next((use for is_it, use in uses if is_it), nothing)


def _of(columns: Sequence[Column], uses: Mapping[str, str], use: str) -> list[Column]:
    """Return the columns with a use."""
    return [column for column in columns if uses.get(column.name) == use]


def _first(columns: Sequence[Column], most: int) -> tuple[tuple[Column, ...], list[Column]]:
    """Return the first columns and the rest."""
    return tuple(columns[:most]), [*columns[most:]]


def _most_known(found: Inspected) -> Column | None:
    """Return the time that is on most rows, instants before dates."""
    times = [column for column in found.columns if column.name in found.times]

    return max(times, key=lambda column: (column.known, column.kind == "instant"), default=None)


def _sounds(column: Column) -> bool:
    """Tell whether a header says that it is a kind of event."""
    return bool(KIND_WORDS & {*words(column.name)})


def _belongs_together(column: Column, customer: Column) -> bool:
    """Tell whether rows with the same value are one customer's, and there are such rows."""
    if not is_key_like(column.name) and "session" not in words(column.name):
        return False
    if column.distinct < 2 or column.known < ROWS_TOGETHER * column.distinct:
        return False
    counted = _pairs(column, customer)

    return len(counted) <= column.distinct / SHARE_OWNED + 1


def _is_of_customers(column: Column, customer: Column) -> bool:
    """Tell whether nearly every customer with some rows has one value on all of them."""
    pairs = _pairs(customer, column)
    values_of = np.bincount(pairs[:, 0])
    rows_of = customer.values.counts
    size = min(len(values_of), len(rows_of))
    is_judged = (rows_of[:size] >= 3) & (values_of[:size] > 0)

    return bool(is_judged.any()) and bool((values_of[:size][is_judged] == 1).mean() >= SHARE_OF_ONE)


def _pairs(first: Column, second: Column) -> np.ndarray:
    """Return `(n_pairs, 2)`, the different pairs of codes of known values that share a row."""
    both = first.values.row_mask(first.is_known) & second.values.row_mask(second.is_known)

    size = len(second.values.levels)
    # As one number a pair: pairs are sorted ten times slower.
    pairs = np.unique(first.values.codes[both].astype(np.int64) * size + second.values.codes[both])

    return np.column_stack(np.divmod(pairs, size)) if size else np.zeros((0, 2), dtype=np.int64)
