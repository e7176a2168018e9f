"""The loop in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pipelines.domain.loop.decision import Decision
from pipelines.testing.alerts import MemoryOutbox


@dataclass
class MemoryLoop:
    """
    Verdicts and decisions.

    Attributes:
        judged: Verdict on drift by population and night.
        decided: By population and night; a re-run replaces.
        outbox: Where the alerts go.
    """

    judged: dict[tuple[str, date], str] = field(default_factory=dict)
    decided: dict[tuple[str, date], Decision] = field(default_factory=dict)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)

    def verdicts(self, population: str, since: date, until: date) -> Mapping[date, str]:
        """Return the verdict of each judged night between two, both included."""
        return {
            as_of: verdict
            for (name, as_of), verdict in sorted(self.judged.items())
            if name == population and since <= as_of <= until
        }

    def decisions(self, population: str, before: date) -> list[Decision]:
        """Return what was decided on earlier nights, oldest first."""
        return [
            decision
            for (name, as_of), decision in sorted(self.decided.items())
            if name == population and as_of < before
        ]

    def decision(self, population: str, as_of: date) -> Decision | None:
        """Return what was decided on a night, or None."""
        return self.decided.get((population, as_of))

    def record(self, decision: Decision) -> None:
        """Replace the decision of its night, and add its alert."""
        self.decided[decision.population, decision.as_of] = decision
        if decision.alert is not None:
            self.outbox.add(decision.alert)
