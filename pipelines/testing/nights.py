"""Nights and their pages in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.domain.nights.report import NightSummary


@dataclass
class MemoryNights:
    """
    Numbers of nights.

    Attributes:
        summaries: By population and as_of.
    """

    summaries: Mapping[tuple[str, date], NightSummary]

    def summary(self, population: str, as_of: date) -> NightSummary:
        """Return those of one night."""
        return self.summaries[population, as_of]


@dataclass
class MemoryPages:
    """
    Pages that are no files.

    Attributes:
        kept: By path.
    """

    kept: dict[Path, str] = field(default_factory=dict)

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Keep one page, over the one before; return where."""
        path = Path(f"{population}-{as_of}.txt")
        self.kept[path] = text

        return path
