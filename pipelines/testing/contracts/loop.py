"""What was decided about nights, wherever it is kept."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import date, timedelta
from typing import Generic, TypeVar

from pipelines.domain.loop.decision import Decision
from pipelines.domain.ports.loop import LoopStore

T = TypeVar("T", bound=LoopStore)

POPULATION = "subscribers"
NIGHT = date(2026, 3, 10)
BEFORE, AFTER = NIGHT - timedelta(days=1), NIGHT + timedelta(days=1)
DECISION = Decision(
    population=POPULATION,
    as_of=NIGHT,
    champion_version=4,
    action="retrain",
    cause="drift and outcomes",
    reason="There is drift and outcomes against the champion.",
    evidence=("precision is 0.64; 'it' fell", "half left"),
)
QUIET = replace(DECISION, action="nothing", cause="", evidence=(), champion_version=None)


class LoopStoreContract(ABC, Generic[T]):
    """Tests of a store without a night, which a subclass provides as the fixture `store`."""

    @abstractmethod
    def judge(self, store: T, as_of: date, verdict: str) -> None:
        """Let drift have found something."""

    @abstractmethod
    def told(self, store: T) -> list[tuple[date, str]]:
        """Return night and kind of every alert."""

    def test_a_decision_comes_back_as_it_was(self, store: T) -> None:
        """Of its own night and population."""
        store.record(DECISION)

        assert DECISION == store.decision(POPULATION, NIGHT)
        assert None is store.decision(POPULATION, AFTER)
        assert None is store.decision("trial", NIGHT)

    def test_a_night_again_replaces_its_decision(self, store: T) -> None:
        """There is one, the last."""
        for decision in (DECISION, QUIET):
            store.record(decision)

        assert QUIET == store.decision(POPULATION, NIGHT)
        assert [QUIET] == store.decisions(POPULATION, AFTER)

    def test_decisions_are_of_the_nights_before_oldest_first(self, store: T) -> None:
        """The night itself is not among them."""
        for as_of in (AFTER, BEFORE, NIGHT):
            store.record(replace(DECISION, as_of=as_of))

        assert [BEFORE, NIGHT] == [each.as_of for each in store.decisions(POPULATION, AFTER)]
        assert [] == store.decisions("trial", AFTER)

    def test_people_are_told_of_trainings_and_asked(self, store: T) -> None:
        """Of nothing else."""
        store.record(replace(QUIET, as_of=BEFORE))
        store.record(DECISION)
        store.record(replace(DECISION, as_of=AFTER, action="ask"))
        store.record(replace(DECISION, as_of=AFTER + timedelta(days=1), action="alert"))

        assert [(NIGHT, "retraining"), (AFTER, "loop_asks")] == self.told(store)

    def test_a_verdict_is_of_a_night_that_was_judged(self, store: T) -> None:
        """Of another night or population there is none."""
        for as_of, verdict in ((BEFORE, "quiet"), (NIGHT, "drifted")):
            self.judge(store, as_of, verdict)

        assert ["quiet", "drifted", None] == [
            store.verdict(POPULATION, as_of) for as_of in (BEFORE, NIGHT, AFTER)
        ]
        assert store.verdict("trial", NIGHT) is None
