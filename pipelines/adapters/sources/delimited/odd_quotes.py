"""Lines with a quote inside a value, such as `5" pipe`, written anew with every quote doubled."""

import csv
import io

import numpy as np

from pipelines.adapters.sources.delimited.records import Dialect


def mended(text: str, dialect: Dialect) -> str | None:
    """
    Return *text* with each odd line as csv writes it, or None where one is no row by itself.

    Args:
        text: From the beginning of a record on; a last line that is not whole stays as it is.
        dialect: With a quote, and without an escape.
    """
    content = text.encode()
    raw = np.frombuffer(content, dtype=np.uint8)
    breaks = np.flatnonzero(raw == ord("\n"))
    whole = int(breaks[-1]) + 1 if len(breaks) else 0
    quotes = np.flatnonzero(raw[:whole] == ord(dialect.quote))
    line_of = np.searchsorted(breaks, quotes)
    is_opening = (np.arange(len(quotes)) - np.searchsorted(line_of, line_of)) % 2 == 0

    edges = np.zeros(256, dtype=np.bool_)
    edges[[ord(sign) for sign in f"{dialect.delimiter}{dialect.quote}\r\n"]] = True
    is_odd = np.zeros(len(breaks), dtype=np.bool_)
    is_odd[line_of[~edges[raw[np.where(is_opening, quotes - 1, quotes + 1)]]]] = True
    is_odd |= np.bincount(line_of, minlength=len(breaks)) % 2 == 1

    parts, done = [], 0
    starts = np.append(0, breaks + 1)
    for line in np.flatnonzero(is_odd):
        begin, end = starts[line], starts[line + 1]
        written = _written(content[begin:end].decode(), dialect)
        if written is None:
            return None
        parts += [content[done:begin].decode(), written]
        done = end

    return "".join([*parts, content[done:].decode()])


def _written(line: str, dialect: Dialect) -> str | None:
    """Return a line with every value in quotes; None where it is no whole row."""
    delimiter, quote = dialect.delimiter, dialect.quote
    try:
        ((*values,),) = csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True)
    except (csv.Error, ValueError):
        return None
    made = io.StringIO()
    csv.writer(
        made, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_ALL, lineterminator="\n"
    ).writerow(values)

    return made.getvalue()
