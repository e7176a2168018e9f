"""Rows of a delimited text, each with the line it begins on."""

import collections
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

LONGEST_RECORD = 16_000_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """
    How a text is delimited.

    Attributes:
        delimiter: One of `, ; tab |`.
        quote: What surrounds a value that holds a delimiter, or nothing.
        escape: What stands before a quote inside a value, or nothing where quotes are doubled.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""


class Record(NamedTuple):
    """
    What stands between two ends of lines that are not quoted.

    Attributes:
        line: Line it begins on, from 1.
        values: Nothing in it where it cannot be told apart.
        characters: Its length.
        fault: Why it cannot be told apart.
    """

    line: int
    values: list[str]
    characters: int
    fault: str = ""


class TooLong(Exception):
    """
    A line is longer than any row is.

    Args:
        line: Its number.
    """

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class _Lines(Iterator[str]):
    """Lines of *text*; those taken since `begin` can be put back, all but the first."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._back: collections.deque[str] = collections.deque()
        self.taken: list[str] = []
        self.characters = 0
        self.number = 0

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._text.readline(LONGEST_RECORD + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self.characters += len(line)
        if self.characters > LONGEST_RECORD:
            if len(line) > LONGEST_RECORD:
                raise TooLong(self.number)
            raise csv.Error("an open quote")
        return line

    def begin(self) -> None:
        """Forget the lines of the record before."""
        self.taken.clear()
        self.characters = 0

    def put_back(self) -> None:
        """Have all lines but the first read again."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def read(text: IO[str], dialect: Dialect) -> Iterator[Record]:
    """
    Yield the records of *text*; lines with nothing in them are none.

    Args:
        text: Opened with `newline=""`, so that every line keeps its end.
        dialect: How it is delimited.

    Raises:
        TooLong: A line is longer than 16 million characters.
        UnicodeDecodeError: It is not in its encoding.
    """
    # The csv module has one limit for all readers, 131,072 by default.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_RECORD))
    lines = _Lines(text)
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        doublequote=not dialect.escape,
        strict=True,
    )
    while True:
        lines.begin()
        first = lines.number + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # An open quote has swallowed what follows; only the line that opens it is wrong.
            lines.put_back()
            yield Record(first, [], 0, "has a quote that is not closed, or text after a closed one")
            continue
        if values:
            yield Record(first, values, lines.characters)
