"""Which column tells the rows of a table apart, and which columns point to another table's."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST
from pipelines.domain.columns.names import (
    LAST_WORDS,
    PERSON_WORDS,
    is_key_like,
    names_a_person,
    words,
)

# Of the rows: fewer repeats are mistakes in a key, and more mean that it is none.
SHARE_UNIQUE = 0.98
SHARE_CONTAINED = 0.9
CODE_KINDS = frozenset({"identifier", "integer", "category", "text"})


@dataclass(frozen=True, slots=True)
class Link:
    """
    Values of one table that are keys of another.

    Attributes:
        table: The one that points.
        column: Its column.
        to_table: The one pointed to.
        to_column: Its key.
        share: Share of the different values that are there.
    """

    table: str
    column: str
    to_table: str
    to_column: str
    share: float


def key(columns: Sequence[Column]) -> Column | None:
    """
    Return the column that tells the rows apart, None where none does.

    One that names a customer comes before one that sounds like a key, and that before the number
    of the row.
    """
    return max(unique(columns), key=_likeness, default=None)


def unique(columns: Sequence[Column]) -> list[Column]:
    """Return the columns that tell the rows apart: on every row, and nearly never twice."""
    return [
        column
        for column in columns
        if column.kind == "identifier"
        and column.personal is None
        and column.known == column.values.rows
        and column.distinct >= SHARE_UNIQUE * column.known
    ]


def customer(columns: Sequence[Column]) -> Column | None:
    """
    Return the column that says whose a row is, where many rows are one customer's.

    A subscription stands for a customer only where no other column does, and a column that is
    called `user` and no more only where none sounds like a key. Of a category there are fewer.
    """
    named = [
        column for column in columns if column.kind in CODE_KINDS and names_a_person(column.name)
    ]
    found = [column for column in named if is_key_like(column.name)] or [
        column
        for column in named
        if words(column.name)[0] in PERSON_WORDS
        and len(words(column.name)) == 1
        and column.distinct > COMMONEST
    ]

    return max(
        found,
        key=lambda column: (column.known, "subscription" not in words(column.name)),
        default=None,
    )


def links(tables: Sequence[tuple[str, Sequence[Column]]]) -> list[Link]:
    """
    Return which columns point to a key of another table, by name and by what they hold.

    The names share a word beside `id`, or the column is called as the other table is; and nine in
    ten of its different values are there. An order's number points to the orders, also where they
    are payments' key too, and from the orders to nobody.
    """
    keys = {
        (name, own.name): frozenset(own.values.levels[own.is_known])
        for name, columns in tables
        for own in unique(columns)
    }
    found = []
    for name, columns in tables:
        for column in columns:
            if column.kind not in CODE_KINDS or column.distinct < 1:
                continue
            candidates = [
                Link(name, column.name, to, own, share)
                for (to, own), values in keys.items()
                if to != name
                and _is_named_after(column.name, to, own)
                and (share := _contained(column, values)) >= SHARE_CONTAINED
            ]
            found += sorted(candidates, key=_strangeness)[:1]
    there = {(link.table, link.column, link.to_table, link.to_column): link for link in found}

    return [
        link
        for link in found
        if (back := there.get((link.to_table, link.to_column, link.table, link.column))) is None
        or _strangeness(link)[:2] <= _strangeness(back)[:2]
    ]


def _likeness(column: Column) -> int:
    """Return how much a header sounds like that of a customer's key; a name is none."""
    is_person = names_a_person(column.name) and "name" not in words(column.name)

    return 2 * is_person + is_key_like(column.name)


def _is_named_after(name: str, table: str, of_key: str) -> bool:
    """Tell whether a column's header speaks of a table or of its key."""
    return _plain(name) == _plain(of_key) or bool(_plain(name) & _plain(table))


def _is_at_home(name: str, table: str) -> bool:
    """Tell whether a column is called as its table is: `order_id` of orders."""
    return bool((_plain(name) - LAST_WORDS) & _plain(table))


def _strangeness(link: Link) -> tuple[bool, int, float]:
    """Return how far a key is from being its table's own: `order_id` is of orders, not payments."""
    if not _is_at_home(link.to_column, link.to_table):
        return True, 0, -link.share

    return False, len(_plain(link.to_table) - _plain(link.to_column)), -link.share


def _plain(name: str) -> frozenset[str]:
    """Return the words of a name, of one or of many."""
    return frozenset(word.rstrip("s") for word in words(name))


def _contained(column: Column, keys: frozenset[str]) -> float:
    """Return the share of different values of *column* that are keys."""
    return float(column.values.levels[column.is_known].isin(keys).mean())
