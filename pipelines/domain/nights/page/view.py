"""What a page is made of, whatever draws it: sections of sentences, tables and charts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pipelines.domain.nights.page.answers import Answer

# "" is plain ink; soft is what matters less.
Tone = Literal["", "soft", "accent", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Source:
    """
    Where a number comes from.

    Attributes:
        question: Name of the question.
        row: Row of its answer, from 0.
        column: Column of that row.
        value: What is there, as text in full precision.
    """

    question: str
    row: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Shape:
    """
    A rectangle or a round dot of a chart, in its units.

    Attributes:
        x: Left edge; of a dot its middle.
        y: Upper edge; of a dot its middle.
        width: Of a dot its diameter.
        height: Not used of a dot.
        tone: Name of its colour.
        is_dot: Whether it is one.
        hint: What is told when somebody points at it.
    """

    x: float
    y: float
    width: float
    height: float
    tone: str
    is_dot: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """
    A small picture.

    Attributes:
        says: The same in words, for who does not see it.
        width: In its units.
        height: In its units.
        shapes: From the back to the front.
        kind: What it is, by which it is sized.
    """

    says: str
    width: float
    height: float
    shapes: Sequence[Shape]
    kind: str


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A cell of a table, or a part of a sentence.

    Attributes:
        text: What is written.
        note: What stands below it, smaller.
        tone: How it is coloured.
        heat: From 0 to 5, how strongly its background is.
        source: Where the number comes from.
        chart: A picture beside or instead of the text.
        is_number: Whether it is set to the right, in figures of one width.
        is_code: Whether it is a name of a column or a command.
    """

    text: str
    note: str = ""
    tone: str = ""
    heat: int = 0
    source: Source | None = None
    chart: Chart | None = None
    is_number: bool = False
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """
    The head of a column.

    Attributes:
        title: What is in it.
        is_number: Whether it is set to the right.
        is_spare: Whether it may go where there is little room.
    """

    title: str
    is_number: bool = False
    is_spare: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table; the first cell of a row says what the row is about.

    Attributes:
        caption: What it shows, in words.
        columns: Heads.
        rows: As many cells each as there are columns.
        more: How many of the rows, from the end, are folded away.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    more: int = 0


Sentence = Sequence[Cell | str]


@dataclass(frozen=True, slots=True)
class Link:
    """
    An address.

    Attributes:
        title: Where it leads.
        address: Local to this machine, or relative to the page.
    """

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Section:
    """
    A part of the page.

    Attributes:
        key: Its address within the page.
        title: Its heading.
        explains: What is shown and how it is to be read.
        says: Sentences.
        tables: Below them.
        chart: Above the tables.
        legend: What the colours of its charts mean: tone and words.
        links: Where there is more.
        answers: What it was made from.
    """

    key: str
    title: str
    explains: str = ""
    says: Sequence[Sentence] = ()
    tables: Sequence[Table] = ()
    chart: Chart | None = None
    legend: Sequence[tuple[str, str]] = ()
    links: Sequence[Link] = ()
    answers: "Sequence[Answer]" = field(default_factory=tuple)
