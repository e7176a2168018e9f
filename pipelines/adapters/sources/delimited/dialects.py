"""Which delimiter and which quotes a text has, by how well its first rows keep their width."""

import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass

from pipelines.adapters.sources.delimited import layouts, records
from pipelines.adapters.sources.delimited.records import Dialect

DELIMITERS = ",;\t|"
# Words of a sentence are not columns: blanks are no delimiter of fewer, or of rows of other widths.
FEWEST_BETWEEN_BLANKS = 3
MOST_RECORDS = 1_000


@dataclass(frozen=True, slots=True)
class Fitness:
    """
    How well a text is a table in some dialect.

    Attributes:
        is_table: Whether it has more than one column.
        fits: Share of its rows that are as wide as its header.
        width: How many columns it has.
        above: How many records stand above its header.
    """

    is_table: bool
    fits: float
    width: int
    above: int


def chosen(sample: str, *, is_whole: bool) -> Dialect:
    """
    Return the dialect in which most rows of *sample* are as wide as its first.

    Args:
        sample: The beginning of a text.
        is_whole: Whether it is all of it; else its last record may be cut.
    """
    quotings = _quotings(sample)
    dialects = [
        Dialect(delimiter, quote, escape)
        for quote, escape in quotings
        for delimiter in DELIMITERS
        if quote or not escape or escape + delimiter in sample
    ]

    def merit(dialect: Dialect) -> tuple[bool, bool, bool, float, int, int]:
        found = _fitness(sample, dialect, is_whole=is_whole)
        is_first = found.above == 0
        quoting = -quotings.index((dialect.quote, dialect.escape))
        return (
            found.is_table,
            found.fits >= layouts.SHARE_ALIKE,
            is_first,
            found.fits,
            quoting,
            found.width,
        )

    # Of several that are equally good, the first: they are in the order of what is usual.
    best = max(dialects, key=merit)
    if not _fitness(sample, best, is_whole=is_whole).is_table:
        blanks = Dialect(records.BLANKS)
        found = _fitness(sample, blanks, is_whole=is_whole)
        if found.is_table and found.fits == 1.0 and found.width >= FEWEST_BETWEEN_BLANKS:
            return blanks
    if best.quote == "" and _is_quoted(sample, best.delimiter):
        return Dialect(best.delimiter)

    return best


def _quotings(sample: str) -> list[tuple[str, str]]:
    """Return quotes and escapes that *sample* may have, the likeliest first."""
    quotings = [('"', ""), ("", "")]
    if '\\"' in sample:
        quotings.insert(1, ('"', "\\"))
    if "\\" in sample:
        quotings.append(("", "\\"))
    if "'" in sample:
        quotings.insert(0 if _has_apostrophes(sample) else len(quotings), ("'", ""))

    return quotings


def _is_quoted(sample: str, delimiter: str) -> bool:
    """
    Tell whether *sample* has quotes around values, for every quote that is not closed.

    One broken row must not leave the quotes in the values of all others.
    """
    found = records.read(io.StringIO(sample, newline=""), Dialect(delimiter))
    faults = sum(bool(record.fault) for record in itertools.islice(found, MOST_RECORDS))
    edge = re.escape(delimiter)
    quoted = re.findall(rf'(?:^|{edge})"[^"\r\n]*"(?={edge}|[\r\n]|$)', sample, re.MULTILINE)

    return len(quoted) >= max(faults, 1)


def _has_apostrophes(sample: str) -> bool:
    """Tell whether all values of the first line begin and end with an apostrophe."""
    first = next(iter(sample.strip().splitlines()), "")

    return any(
        all(re.fullmatch(r"'.+'", value) for value in first.split(delimiter))
        for delimiter in DELIMITERS
    )


def _fitness(sample: str, dialect: Dialect, *, is_whole: bool) -> Fitness:
    """Return how well *sample* is a table in a dialect."""
    found = list(
        itertools.islice(records.read(io.StringIO(sample, newline=""), dialect), MOST_RECORDS)
    )
    if not is_whole and 1 < len(found) < MOST_RECORDS:
        found.pop()
    if not found or found[0].fault:
        return Fitness(is_table=False, fits=0.0, width=0, above=0)
    layout = layouts.of([record.values for record in found])
    width, rows = len(layout.names), found[layout.above + 1 :]
    fits = sum(len(record.values) == width for record in rows) / max(len(rows), 1)
    # Rows that are all alike are rows, also where the header has less names than they have values.
    alike = Counter(len(record.values) for record in rows).most_common(1)
    is_alike = bool(alike) and alike[0][0] > 1 and alike[0][1] >= layouts.SHARE_ALIKE * len(rows)
    is_table = width > 1 and (fits > 0 or not rows or is_alike)

    return Fitness(is_table, fits, width, layout.above)
