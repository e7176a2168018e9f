"""What nights leave behind besides lists, and how the oldest of it goes."""

from collections.abc import Set as AbstractSet
from datetime import date
from typing import Protocol

from pipelines.domain.nights.retention import Night


class Traces(Protocol):
    """One kind of what nights leave behind: rows about them, or pages."""

    @property
    def kind(self) -> str:
        """What it is, in the plural, as people read it."""

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:
        """
        Remove what is of nights before *before*, but for the nights *kept*; return how much.

        Where nothing was ever left there is nothing to remove. A link is no trace, and stays.
        """


class RefusedRows(Protocol):
    """What imports refused: where each row was and why."""

    def forget_refused(self, before: date) -> int:
        """Remove what was refused before *before*, 00:00 UTC; return how many rows."""


class Logs(Protocol):
    """What servers and their tasks wrote while they worked."""

    def discard_before(self, before: date) -> int:
        """
        Remove the logs last written to before *before*, 00:00 UTC; return how many files.

        Folders that are empty then go too. A link is not followed, and nothing else than plain
        files is removed.
        """
