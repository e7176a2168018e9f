"""Which column tells the rows of a table apart, and which columns point to another table's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.columns.column import Column
from pipelines.domain.columns.kinds import COMMONEST
from pipelines.domain.columns.names import PERSON_WORDS, is_key_like, names_a_person, words

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

    It is on every row, and nearly never twice. One that names a customer comes before one that
    sounds like a key, and that before the number of the row.
    """
    found = [
        column
        for column in columns
        if column.kind == "identifier"
        and column.personal is None
        and column.known == column.values.rows
        and column.distinct >= SHARE_UNIQUE * column.known
    ]

    return max(found, key=_likeness, default=None)


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
    Return which columns point to the key of another table, by name and by what they hold.

    The names share a word beside `id`, or the column is called as the other table is; and nine in
    ten of its different values are there.
    """
    keys = {name: own for name, columns in tables if (own := key(columns)) is not None}
    found = []
    for name, columns in tables:
        for column in columns:
            if column.kind not in CODE_KINDS or column.distinct < 1:
                continue
            candidates = [
                Link(name, column.name, to, own.name, share)
                for to, own in keys.items()
                if to != name
                and _is_named_after(column.name, to, own.name)
                and (share := _contained(column, own)) >= SHARE_CONTAINED
            ]
            found += sorted(candidates, key=lambda link: -link.share)[:1]

    return found


def _likeness(column: Column) -> int:
    """Return how much a header sounds like that of a customer's key; a name is none."""
    is_person = names_a_person(column.name) and "name" not in words(column.name)

    return 2 * is_person + is_key_like(column.name)


def _is_named_after(name: str, table: str, of_key: str) -> bool:
    """Tell whether a column's header speaks of a table or of its key."""
    plain = {word.rstrip("s") for word in words(table)}
    own = {word.rstrip("s") for word in words(name)}
    theirs = {word.rstrip("s") for word in words(of_key)}

    return own == theirs or bool(own & plain)


def _contained(column: Column, own: Column) -> float:
    """Return the share of different values of *column* that *own* has too."""
    values = column.values.levels[column.is_known]
    there = np.asarray(values.isin({*own.values.levels[own.is_known]}))

    return float(there.mean())
