"""Nights and their pages in memory."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.domain.nights.report import NightSummary
from pipelines.domain.scoring.tiers import TierPolicy

TIERS = TierPolicy({"high": 0.5}, {"low": "nothing", "high": "call"})


@dataclass
class MemoryNights:
    """
    Numbers of nights.

    Attributes:
        summaries: By population and as_of; of any other night nothing is known.
        tiers: Those of a night nothing is known of.
    """

    summaries: dict[tuple[str, date], NightSummary] = field(default_factory=dict)
    tiers: TierPolicy = TIERS

    def summary(self, population: str, as_of: date) -> NightSummary:
        """Return those of one night, empty where nothing is known of it."""
        return self.summaries.get((population, as_of)) or NightSummary(
            population=population,
            as_of=as_of,
            tiers=self.tiers,
            tonight=None,
            before=None,
            risen=0,
            fallen=0,
            risen_to_top=0,
            gates=(),
            drift=None,
            performance=None,
            alerts=(),
        )


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
