"""Which columns of a log say what: of which kind, how much, what belongs together, what is so."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST
from pipelines.domain.columns.names import words
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.logs.ownership import (
    belongs_together,
    is_fixed,
    is_nearly_one_each,
)
from pipelines.domain.scaffolds.logs.whose_and_when import WhoseAndWhen, require_headers
from pipelines.domain.scaffolds.logs.written_later import written_later
from pipelines.errors import ImportRefused

KIND_WORDS = frozenset(
    {
        *("action", "activity", "channel", "category", "event", "kind", "method", "name", "page"),
        *("reason", "state", "status", "topic", "type", "verb"),
    }
)
KIND, AMOUNT, SESSION = "column of kinds", "column of amounts", "column of what belongs together"
ATTRIBUTE = "column of what a customer is like"
MOST_KINDS = 10 * COMMONEST
MOST_KIND_COLUMNS = 2
MOST_AMOUNT_COLUMNS = 6


@dataclass(frozen=True)
class ColumnUses:
    """
    The columns of a log that features are made of.

    Attributes:
        kinds: Of which kind an event is, the likeliest first.
        amounts: How much it is.
        session: What belongs together; None where nothing does.
        attributes: What a row says besides, of which the last value counts.
        fixed: Headers of those attributes that are the same in all rows of a customer.
        others: Every other column, with the reason why it is left out.
    """

    kinds: tuple[Column, ...]
    amounts: tuple[Column, ...]
    session: Column | None
    attributes: tuple[Column, ...]
    fixed: frozenset[str]
    others: dict[str, str]

    def without_changing(self) -> "ColumnUses":
        """Return these for a log of which no row is a customer's last one."""
        gone = [column for column in self.attributes if column.name not in self.fixed]
        reason = "rows of a customer share their time, and none of them is the last"

        return replace(
            self,
            attributes=tuple(column for column in self.attributes if column not in gone),
            others=self.others | {column.name: reason for column in gone},
        )


@dataclass(frozen=True)
class CountedColumns:
    """
    The columns of rows that say what there is, and not when.

    Attributes:
        kinds: Of which kind, the likeliest first.
        amounts: How much.
        others: Every other column, with the reason why it is left out.
    """

    kinds: tuple[Column, ...]
    amounts: tuple[Column, ...]
    others: dict[str, str]


def column_uses(
    found: Inspected,
    rows: WhoseAndWhen,
    *,
    label: str = "",
    drops: Sequence[str] = (),
    accepts: Collection[str] = (),
    leaks: Mapping[str, str] | None = None,
) -> ColumnUses:
    """
    Tell the columns of a log apart.

    Args:
        found: The log, looked at.
        rows: Its columns that say whose a row is, and when.
        label: Header of the column of kinds that says who left; empty where none does.
        drops: Headers that are left out whatever they hold.
        accepts: Headers of columns that are used though they may have been written later.
        leaks: Header of each column that knows who left, with the reason.

    Raises:
        ImportRefused: A named column is not there.
    """
    customer, happened = rows.customer, rows.happened
    require_headers(found, [name for name in (label, *drops, *accepts) if name])
    if label in {customer.name, happened.name}:
        raise ImportRefused(
            f"{label} says whose a row is, or when it happened, and not who left",
            next_step="name a column of kinds: --gone 'COLUMN=VALUE in 60d'",
        )
    unfit = {
        header: reason
        for header, reason in {**(leaks or {}), **written_later(found, happened)}.items()
        if header not in {*accepts, label}
    } | dict.fromkeys(drops, "left out with --drop")
    others = [column for column in found.columns if column not in (customer, happened, rows.known)]
    fixed = {column.name for column in others if is_fixed(column, customer)}
    sorted_out = {
        column.name: unfit.get(column.name)
        or _use(column, customer, is_label=column.name == label, is_fixed=column.name in fixed)
        for column in others
    }
    kinds, more_kinds = _first(
        sorted(_of(others, sorted_out, KIND), key=lambda it: (it.name != label, not _sounds(it))),
        MOST_KIND_COLUMNS,
    )
    amounts, more_amounts = _first(_of(others, sorted_out, AMOUNT), MOST_AMOUNT_COLUMNS)
    sessions, more_sessions = _first(_of(others, sorted_out, SESSION), 1)
    more = {column.name for column in (*more_kinds, *more_amounts)}
    attributes = [
        column for column in others if column.name in more or sorted_out[column.name] == ATTRIBUTE
    ]
    for column in more_sessions:
        sorted_out[column.name] = f"one more {SESSION}"
    used = {column.name for column in (*kinds, *amounts, *sessions, *attributes)}

    return ColumnUses(
        kinds=kinds,
        amounts=amounts,
        session=sessions[0] if sessions else None,
        attributes=tuple(attributes),
        fixed=frozenset(fixed),
        others={name: why for name, why in sorted_out.items() if name not in used},
    )


def counted_columns(
    columns: Sequence[Column], customer: Column, *, unfit: Mapping[str, str]
) -> CountedColumns:
    """
    Tell apart what is counted and added up of rows that say not when.

    Args:
        columns: All that may be.
        customer: Whose a row is.
        unfit: Header of each column that is not to be used though it could, with the reason.
    """
    sorted_out = {
        column.name: unfit.get(column.name)
        or _use(column, customer, is_label=False, is_fixed=False)
        for column in columns
    }
    kinds, more_kinds = _first(
        sorted(_of(columns, sorted_out, KIND), key=lambda it: not _sounds(it)), MOST_KIND_COLUMNS
    )
    amounts, more_amounts = _first(_of(columns, sorted_out, AMOUNT), MOST_AMOUNT_COLUMNS)
    for column in (*more_kinds, *more_amounts):
        sorted_out[column.name] = f"one more {sorted_out[column.name]}"
    used = {column.name for column in (*kinds, *amounts)}

    return CountedColumns(
        kinds, amounts, {name: why for name, why in sorted_out.items() if name not in used}
    )


def _use(column: Column, customer: Column, *, is_label: bool, is_fixed: bool) -> str:
    """Return what a column is used for, or why it is not."""
    is_countable = column.kind in {"boolean", "category"} and column.distinct <= MOST_KINDS
    uses = (
        (is_label, KIND),
        (column.personal is not None, f"personal data: {column.personal}"),
        (column.kind == "empty", "empty"),
        (column.distinct < 2, "the same on every row that has it"),
        (belongs_together(column, customer), SESSION),
        (
            is_fixed and is_nearly_one_each(column, customer),
            "nearly every customer has their own: it says who they are",
        ),
        (is_fixed and column.kind in {"integer", "number", "boolean", "category"}, ATTRIBUTE),
        (is_countable, KIND),
        (column.kind in {"integer", "number"}, AMOUNT),
        (column.kind in {"date", "instant"}, ATTRIBUTE),
    )
    nothing = f"{column.kind} of {column.distinct:,} values: neither a kind of event nor an amount"

    return next((use for is_it, use in uses if is_it), nothing)


def _of(columns: Sequence[Column], uses: Mapping[str, str], use: str) -> list[Column]:
    """Return the columns with a use."""
    return [column for column in columns if uses.get(column.name) == use]


def _first(columns: Sequence[Column], most: int) -> tuple[tuple[Column, ...], list[Column]]:
    """Return the first columns and the rest."""
    return tuple(columns[:most]), [*columns[most:]]


def _sounds(column: Column) -> bool:
    """Tell whether a header says that it is a kind of event."""
    return bool(KIND_WORDS & {*words(column.name)})
