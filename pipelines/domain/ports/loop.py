"""The loop: verdicts on nights, and what was decided about them."""

from datetime import date
from typing import Protocol

from pipelines.domain.loop.decision import Decision


class LoopStore(Protocol):
    """What is known of earlier nights, and where tonight's decision is written down."""

    def verdict(self, population: str, as_of: date) -> str | None:
        """Return the verdict on drift of a night; None where it was not judged."""

    def decisions(self, population: str, before: date) -> list[Decision]:
        """Return what was decided on the nights before *before*, oldest first."""

    def decision(self, population: str, as_of: date) -> Decision | None:
        """Return what was decided on a night, or None."""

    def record(self, decision: Decision) -> None:
        """Replace the decision of a night and add its alert, in one transaction."""
