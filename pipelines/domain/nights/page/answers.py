"""What was asked of the warehouse for a page, and what it answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.domain.nights.page.view import Cell, Source


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One question, as it was asked, and its answer.

    Attributes:
        name: Name of the question.
        about: What it asks, in words.
        sql: One statement that anybody who may read the lists can run as it stands.
        rows: Column to value, in the order of the statement.
    """

    name: str
    about: str
    sql: str
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def first(self) -> Mapping[str, Any]:
        """The first row, empty where there is none."""
        return self.rows[0] if self.rows else {}

    def cell(self, row: int, column: str, text: str, *, tone: str = "", note: str = "") -> Cell:
        """
        Return a number of the answer as it is shown, with where it comes from.

        Args:
            row: Of `rows`.
            column: Of that row.
            text: The number as people read it.
            tone: How it is coloured, see `Cell`.
            note: What stands below it, smaller.
        """
        source = Source(self.name, row, column, str(self.rows[row][column]))

        return Cell(text, tone=tone, note=note, source=source, is_number=True)


@dataclass(frozen=True, slots=True)
class Answers:
    """
    Every answer of a page.

    Attributes:
        by_name: Name of the question to its answer.
    """

    by_name: Mapping[str, Answer] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Answer:
        """Return an answer; of a question that was not asked one without rows."""
        return self.by_name.get(name) or Answer(name, "", "")

    def asked(self, *names: str) -> Iterator[Answer]:
        """Yield those of *names* that were asked, in their order."""
        yield from (self.by_name[name] for name in names if name in self.by_name)
