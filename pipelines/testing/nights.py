"""Nights, their pages and what else they leave, in memory."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.domain.nights.page.answers import Answers
from pipelines.domain.nights.page.night_page import NightPage
from pipelines.domain.nights.report import NightSummary
from pipelines.domain.nights.retention import Night
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
class MemoryQuestions:
    """
    Answers that were given before.

    Attributes:
        given: By population and as_of; to any other there are none.
    """

    given: dict[tuple[str, date], Answers] = field(default_factory=dict)

    def answers_about(self, population: str, as_of: date) -> Answers:
        """Return those about one night."""
        return self.given.get((population, as_of), Answers())


@dataclass
class MemoryPages:
    """
    Pages that are no files.

    Attributes:
        kept: Texts by path.
        drawn: Pages by path, the newest of each population under a second one.
    """

    kept: dict[Path, str] = field(default_factory=dict)
    drawn: dict[Path, NightPage] = field(default_factory=dict)

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Keep one page, over the one before; return where."""
        path = Path(f"{population}-{as_of}.txt")
        self.kept[path] = text

        return path

    def draw(self, page: NightPage) -> Path:
        """Keep one page, over the one before; return where."""
        path = Path(f"{page.population}-{page.as_of}.html")
        self.drawn[path] = page
        nights = [other for other in self.drawn.values() if other.population == page.population]
        if page.as_of == max(other.as_of for other in nights):
            self.drawn[Path(f"{page.population}-latest.html")] = page

        return path


@dataclass
class MemoryTraces:
    """
    Things nights left.

    Attributes:
        kind: What they are.
        left: Whose each is.
    """

    kind: str = "traces"
    left: list[Night] = field(default_factory=list)

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:
        """Forget those of old nights that are not kept; return how many."""
        stay = [night for night in self.left if night.as_of >= before or night in kept]
        removed = len(self.left) - len(stay)
        self.left = stay

        return removed


@dataclass
class MemoryRefusedRows:
    """
    Rows that imports refused.

    Attributes:
        refused_at: When each was.
    """

    refused_at: list[datetime] = field(default_factory=list)

    def forget_refused(self, before: date) -> int:
        """Forget those of before; return how many."""
        midnight = datetime(before.year, before.month, before.day, tzinfo=UTC)
        stay = [moment for moment in self.refused_at if moment >= midnight]
        removed = len(self.refused_at) - len(stay)
        self.refused_at = stay

        return removed


@dataclass
class MemoryLogs:
    """
    Logs without a word.

    Attributes:
        written: When each was written to last, by its path.
    """

    written: dict[Path, datetime] = field(default_factory=dict)

    def discard_before(self, before: date) -> int:
        """Forget those not written to since; return how many."""
        midnight = datetime(before.year, before.month, before.day, tzinfo=UTC)
        old = [path for path, moment in self.written.items() if moment < midnight]
        for path in old:
            del self.written[path]

        return len(old)
