"""When the rows of a table of contracts begin, and when they end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.arrays import Flags
from pipelines.domain.columns.column import Column
from pipelines.domain.columns.names import words
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.logs.written_later import comes_later
from pipelines.domain.scaffolds.several.beside_table import BEGIN_WORDS
from pipelines.errors import ImportRefused

END_WORDS = frozenset(
    {
        *("canceled", "cancellation", "cancelled", "churned", "closed", "end", "ended", "ending"),
        *("ends", "expiration", "expired", "expires", "expiry", "left", "stopped", "terminated"),
        *("termination", "to", "until"),
    }
)


@dataclass(frozen=True)
class ContractTimes:
    """
    The two columns of times.

    Attributes:
        begin: When a row begins.
        end: When it ends; unknown, or ahead, while it runs.
        is_over: `(n_rows,)`, whether it has ended on the day it was looked at.
    """

    begin: Column
    end: Column
    is_over: Flags


def contract_times(found: Inspected, said: Sequence[str]) -> ContractTimes:
    """
    Tell which columns of a table say when a row begins, and when it ends.

    Args:
        found: The table, looked at.
        said: Headers that somebody has named as times: of the end, the begin or both.

    Raises:
        ImportRefused: A named column holds no times or none of an end, or nothing tells the end.
    """
    times = [column for column in found.columns if column.name in found.times]
    usable = [column for column in times if column.personal is None or column.name in said]
    for header in said:
        if header not in found.times:
            raise ImportRefused(
                f"{header} of {found.name} holds no dates or times",
                next_step=f"name the column that says when a row ended: --time {found.name}.COLUMN",
            )
    pairs = [
        (begin, end)
        for end in usable
        for begin in usable
        if begin is not end and comes_later(end, begin) and not comes_later(begin, end)
    ]
    named = {*said}
    both = [pair for pair in pairs if named == {column.name for column in pair}]
    of_end = [pair for pair in pairs if named == {pair[1].name}]
    of_begin = [pair for pair in pairs if named <= {pair[0].name} and _is_open(found, pair[1])]
    if both or (of_end and (not of_begin or any(map(_sounds_like_an_end, said)))):
        chosen = both or of_end
    else:
        chosen = _likeliest(found, of_begin)
    if not chosen:
        raise _no_end(found, said)
    begin, end = max(chosen, key=lambda pair: _likeness(pair[0]))

    return ContractTimes(begin, end, _is_over(found, end))


def ends_of(found: Inspected, said: Sequence[str]) -> bool:
    """Tell whether rows of a table end, at the time somebody has named where one has."""
    try:
        times = contract_times(found, said)
    except ImportRefused:
        return False

    return not said or times.end.name in said


def _is_open(found: Inspected, end: Column) -> bool:
    """Tell whether some rows have not come to an end."""
    return not _is_over(found, end).all()


def _is_over(found: Inspected, end: Column) -> Flags:
    """Return `(n_rows,)`, whether the time has come when the table was looked at."""
    over: Flags = end.row_instants < np.datetime64(found.as_of, "us")

    return over


def _likeliest(
    found: Inspected, pairs: Sequence[tuple[Column, Column]]
) -> list[tuple[Column, Column]]:
    """Return the pairs of the one end there is, or of the one that is called so."""
    ends = {end.name for _, end in pairs}
    called = {header for header in ends if _sounds_like_an_end(header)}
    if len(ends) > 1 and len(called) != 1:
        named = [header for header in found.times if header in (called or ends)]
        raise ImportRefused(
            f"{len(named)} columns of {found.name} may say when a row ended: {', '.join(named)}",
            next_step="name it: "
            + ", or ".join(f"--time {found.name}.{header}" for header in named),
        )

    return [pair for pair in pairs if pair[1].name in (called or ends)]


def _sounds_like_an_end(header: str) -> bool:
    """Tell whether a header says that something ended."""
    return bool(END_WORDS & {*words(header)})


def _likeness(begin: Column) -> tuple[bool, int, int]:
    """Return how much a column is like a begin: by its name, how often it is known, how late."""
    known = begin.row_instants[~np.isnat(begin.row_instants)].astype(np.int64)

    return bool(BEGIN_WORDS & {*words(begin.name)}), begin.known, int(np.median(known))


def _no_end(found: Inspected, said: Sequence[str]) -> ImportRefused:
    """Return what is said where nothing tells who left."""
    if said:
        return ImportRefused(
            f"{' and '.join(said)} of {found.name} do not say when rows begin and end: no other "
            "column of dates comes before, where both are known",
            next_step="name the column that says when a row ended: "
            f"--time {found.name}.COLUMN, of {', '.join(found.times) or 'which there is none'}",
        )

    return ImportRefused(
        f"every customer has rows in {found.name!r}, and no column of it says when they ended",
        next_step=f"say it as --gone 'no {found.name} in 90d', name the end of its rows as "
        f"--time {found.name}.COLUMN, or those who left as one more SOURCE",
    )
