"""What an import did to one table, for the command line."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ImportedTable:
    """
    What an import did to one table; its rows add up.

    Attributes:
        raw_table: The table, in the schema of the raw tables.
        read: Rows of the source, those that could not be read as rows among them.
        loaded: Rows that are in the table now.
        already_there: Rows that were there before.
        of_nobody: Rows of a log, or of items, that name no customer, left out.
        of_erased: Rows of customers who were erased, left out.
        not_yet: Rows of an open log that have not happened, left out.
        refused: Rows that are in raw.quarantine instead.
        known_on: The last day on which a snapshot was not known yet to anybody who asks as of it;
            of a log, the day that rows count as known that came late.
        is_new: False when the same content had been loaded before, and this changed nothing.
        undeclared: Columns of the source that the declaration does not have.
    """

    raw_table: str
    read: int
    loaded: int
    already_there: int
    of_nobody: int
    of_erased: int
    not_yet: int
    refused: int
    known_on: date
    is_new: bool = True
    undeclared: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in one line, for the command line."""
        if not self.is_new:
            return (
                f"{self.raw_table}: {self.read:,} rows read, the same as were loaded before; "
                f"nothing changed (known on {self.known_on})"
            )
        parts = {
            "loaded": self.loaded,
            "already there": self.already_there,
            "of nobody": self.of_nobody,
            "of erased customers": self.of_erased,
            "not yet happened": self.not_yet,
            "refused": self.refused,
        }
        told = [f"{rows:,} {what}" for what, rows in parts.items() if rows or what == "loaded"]

        unknown = f"; not declared: {', '.join(self.undeclared)}" if self.undeclared else ""

        return f"{self.raw_table}: {self.read:,} rows read: {', '.join(told)}{unknown}"
