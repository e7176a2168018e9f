"""Which delimiter and which quotes a text has, by how well its first rows keep their width."""

import io
import itertools
import re

from pipelines.adapters.sources.delimited import records
from pipelines.adapters.sources.delimited.records import Dialect

DELIMITERS = ",;\t|"
MOST_RECORDS = 1_000


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

    def merit(dialect: Dialect) -> tuple[bool, float, int, int]:
        is_table, fits, width = _fitness(sample, dialect, is_whole=is_whole)
        return is_table, fits, -quotings.index((dialect.quote, dialect.escape)), width

    # Of several that are equally good, the first: they are in the order of what is usual.
    best = max(dialects, key=merit)
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


def _fitness(sample: str, dialect: Dialect, *, is_whole: bool) -> tuple[bool, float, int]:
    """Return whether there is more than one column, how many rows fit, and the columns."""
    found = list(
        itertools.islice(records.read(io.StringIO(sample, newline=""), dialect), MOST_RECORDS)
    )
    if not is_whole and 1 < len(found) < MOST_RECORDS:
        found.pop()
    if not found or found[0].fault:
        return False, 0.0, 0
    width = len(found[0].values)
    fits = sum(len(record.values) == width for record in found[1:]) / max(len(found) - 1, 1)
    is_table = width > 1 and (fits > 0 or len(found) == 1)

    return is_table, fits, width
