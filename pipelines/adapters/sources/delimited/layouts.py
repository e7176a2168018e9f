"""Where the header of a text stands, and what it leaves out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# Of the rows: so many are as wide as each other in a table.
SHARE_ALIKE = 0.8
# A report begins with its title, its day, and the like.
MOST_ABOVE = 20
# Rows that show where the header is.
LOOKED_AT = MOST_ABOVE + 100


@dataclass(frozen=True, slots=True)
class Layout:
    """
    The header of a text.

    Attributes:
        above: How many records stand above it.
        names: One a column, as they are written; blank where the header leaves one out.
    """

    above: int
    names: tuple[str, ...]


def of(rows: Sequence[Sequence[str]]) -> Layout:
    """
    Return where the header of a text is: its first record, if nothing says otherwise.

    Lines above are narrower than half of what most rows are. A header lacks a name where every row
    has its number before it, as R writes them, or ends in a delimiter.

    Args:
        rows: Its first records, at least one; nothing in those that cannot be told apart.
    """
    first, rest = rows[0], rows[1:]
    usual, alike = Counter(map(len, rest)).most_common(1)[0] if rest else (len(first), 0)
    if usual <= len(first) or alike < SHARE_ALIKE * len(rest):
        return Layout(0, (*first,))
    if usual == len(first) + 1:
        return Layout(0, _completed(first, [row for row in rest if len(row) == usual]))
    above = next(place for place, row in enumerate(rows) if len(row) == usual)
    if above > MOST_ABOVE or any(2 * len(row) > usual for row in rows[:above]):
        return Layout(0, (*first,))

    return Layout(above, (*rows[above],))


def _completed(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return a header with the name it lacks; as it is where nothing says which that is."""
    if [row[0] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]:
        return ("", *names)
    if not any(row[-1].strip() for row in rows):
        return (*names, "")

    return (*names,)
