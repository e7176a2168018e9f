"""The loop in memory."""

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

    def verdict(self, population: str, as_of: date) -> str | None:
        """Return the verdict on drift of a night; None where it was not judged."""
        return self.judged.get((population, as_of))

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
