"""Rows of a delimited text, each with the line it begins on."""

import collections
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

LONGEST_RECORD = 16_000_000
# As many as there are between two values are one delimiter; those around a line are none.
BLANKS = " "


@dataclass(frozen=True, slots=True)
class Dialect:
    """
    How a text is delimited.

    Attributes:
        delimiter: One of `, ; tab |`, or blanks.
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


class Lines(Iterator[str]):
    """
    Lines of a text, and pieces of it between them.

    Those taken since `begin` can be put back, all but the first.

    Args:
        text: Opened with `newline=""`, so that every line keeps its end.
    """

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._given = io.StringIO()
        self._is_of_given = False
        self._back: collections.deque[str] = collections.deque()
        self.taken: list[str] = []
        self.characters = 0
        self.number = 0

    def __next__(self) -> str:
        """Return the next line; raises where the record has grown longer than any row is."""
        line = self._back.popleft() if self._back else self._line()
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

    def piece(self, characters: int) -> str:
        """Return the next so many *characters*, where no line waits; fewer at the end of it all."""
        found = self._given.read(characters)
        self._is_of_given = len(found) == characters
        if not self._is_of_given:
            found += self._text.read(characters - len(found))
            # Both characters that end a line are read, or none.
            while found.endswith("\r") and (more := self._text.read(1)):
                found += more

        return found

    def give_back(self, piece: str) -> None:
        """Have *piece*, which is the last one or its end, read again."""
        if self._is_of_given:
            self._given.seek(self._given.tell() - len(piece))
        else:
            self._given = io.StringIO(piece, newline="")

    @property
    def place(self) -> int | None:
        """How far what was given back is read; None while a line waits to be read again."""
        return None if self._back else self._given.tell()

    def _line(self) -> str:
        """Return the next line, which may begin in what was given back; nothing at the end."""
        line = self._given.readline(LONGEST_RECORD + 1)
        if not line.endswith(("\n", "\r")):
            line += self._text.readline(LONGEST_RECORD + 1 - len(line))

        return line


def read(text: IO[str], dialect: Dialect) -> Iterator[Record]:
    """
    Yield the records of *text*, see `of_lines`.

    Args:
        text: Opened with `newline=""`, so that every line keeps its end.
        dialect: How it is delimited.
    """
    return of_lines(Lines(text), dialect)


def of_lines(lines: Lines, dialect: Dialect) -> Iterator[Record]:
    """
    Yield the records of a text; lines with nothing in them are none.

    Args:
        lines: Of the text, from the beginning of a record on.
        dialect: How it is delimited.

    Raises:
        TooLong: A line is longer than 16 million characters.
        UnicodeDecodeError: It is not in its encoding.
    """
    # The csv module has one limit for all readers, 131,072 by default.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_RECORD))
    is_between_blanks = dialect.delimiter == BLANKS
    reader = csv.reader(
        map(str.rstrip, lines) if is_between_blanks else lines,
        delimiter=dialect.delimiter,
        skipinitialspace=is_between_blanks,
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
