"""What follows from the evidence of a night, what is written of it, and what people are told."""

from dataclasses import dataclass, field
from datetime import date

import pytest

from pipelines.domain.loop.decision import Decision
from pipelines.domain.loop.limits import LoopLimits
from pipelines.domain.nights.outcome_evidence import Finding
from pipelines.domain.nights.performance import ListPerformance, MaturedList
from pipelines.domain.training.promotion import Promotion
from pipelines.steps.night.govern import govern
from pipelines.testing.loop import MemoryLoop
from pipelines.testing.models import MemoryPromotions
from pipelines.testing.outcomes import MemoryOutcomes
from tests.unit.steps.subscribers import NIGHT, POPULATION, before


@dataclass
class Loop:
    """A population whose champion is version 1, judged a hundred days ago."""

    store: MemoryLoop = field(default_factory=MemoryLoop)
    outcomes: MemoryOutcomes = field(default_factory=MemoryOutcomes)
    promotions: MemoryPromotions = field(default_factory=MemoryPromotions)
    limits: LoopLimits = field(default_factory=LoopLimits)

    def __post_init__(self) -> None:
        """Promote it."""
        self.judge(1, 100, is_promoted=True)

    def judge(self, version: int, days: int, *, is_promoted: bool) -> None:
        """Record a decision about a version, so many days ago."""
        self.promotions.record(
            Promotion(
                population=POPULATION,
                as_of=before(days),
                champion_version=1,
                challenger_version=version,
                is_promoted=is_promoted,
                reason="r",
            )
        )

    def drift(self, verdict: str, days: int = 0) -> None:
        """Let drift find something, so many days ago."""
        self.store.judged[POPULATION, before(days)] = verdict

    def find(self, version: int = 1) -> None:
        """Let the last matured list say something against a version."""
        matured = MaturedList(before(31), 1, version)
        performance = ListPerformance(matured, 8_000, 300, ())
        self.outcomes.record(POPULATION, NIGHT, performance, [Finding("precision", "It fell.")])

    def govern(self, days: int = 0, *, maximum_days: int = 180) -> Decision:
        """Decide about a night."""
        return govern(
            population=POPULATION,
            as_of=before(days),
            settings=self.limits,
            cooldown_days=7,
            maximum_days=maximum_days,
            store=self.store,
            outcomes=self.outcomes,
            promotions=self.promotions,
            outbox=self.store.outbox,
        )

    def open(self, until: date = NIGHT) -> list[str]:
        """Return the kinds of alert that are open."""
        return [
            each.alert.kind for each in self.store.outbox.unresolved(POPULATION, date.min, until)
        ]


@pytest.fixture
def loop() -> Loop:
    """Nothing is known."""
    return Loop()


def test_without_evidence_nothing_follows(loop: Loop) -> None:
    """It is written down all the same, and nobody is told."""
    loop.drift("quiet")
    decision = loop.govern()

    assert ("nothing", "", 1) == (decision.action, decision.cause, decision.champion_version)
    assert decision == loop.store.decision(POPULATION, NIGHT)
    assert [] == loop.open()


def test_drift_and_outcomes_each_ask_for_a_training(loop: Loop) -> None:
    """The cause says which; people are told once that it begins."""
    loop.drift("drifted")
    assert ("retrain", "drift") == (loop.govern().action, loop.govern().cause)

    loop.find()
    both = loop.govern()
    assert ("retrain", "drift and outcomes", ("It fell.",)) == (
        both.action,
        both.cause,
        both.evidence,
    )
    assert ["retraining"] == loop.open()

    loop.drift("quiet")
    assert ("retrain", "outcomes") == (loop.govern().action, loop.govern().cause)


def test_a_broken_feed_starts_no_training(loop: Loop) -> None:
    """Alone it is an alert, with outcomes beside it a question; age changes neither."""
    loop.drift("unknown")
    alone = loop.govern(maximum_days=1)
    assert ("alert", "age") == (alone.action, alone.cause)
    assert ("alert", "broken feed") == (loop.govern().action, loop.govern().cause)

    loop.find()
    asked = loop.govern()
    assert ("ask", "outcomes") == (asked.action, asked.cause)
    assert ["loop_asks"] == loop.open()


def test_outcomes_of_another_model_are_not_the_champions(loop: Loop) -> None:
    """What the list of the one before said is answered: it is no longer champion."""
    loop.find(version=1)
    loop.judge(2, 3, is_promoted=True)

    assert "nothing" == loop.govern().action


def test_a_training_is_asked_for_once_in_the_cool_down(loop: Loop) -> None:
    """On the seventh day after the last one again, and the same night asks again if run again."""
    for days in range(7, -1, -1):
        loop.drift("drifted", days)
    actions = [loop.govern(days).action for days in range(7, -1, -1)]

    assert ["retrain", *["alert"] * 6, "retrain"] == actions
    assert "retrain" == loop.govern().action


def test_trainings_that_help_nobody_end_in_a_question(loop: Loop) -> None:
    """After two; a champion that was promoted since starts anew."""
    for days in (24, 16):
        loop.drift("drifted", days)
        assert "retrain" == loop.govern(days).action
        loop.judge(days, days, is_promoted=False)
    loop.drift("drifted")
    asked = loop.govern()

    assert ("ask", "2 trainings for it have found nobody better.") == (asked.action, asked.reason)
    loop.judge(7, 1, is_promoted=True)
    assert "retrain" == loop.govern().action
    assert "loop_asks" not in loop.open()


def test_the_monthly_cap_ends_in_a_question(loop: Loop) -> None:
    """However good each of the new champions was."""
    for number, days in enumerate((24, 16, 8), start=2):
        loop.drift("drifted", days)
        loop.govern(days)
        loop.judge(number, days, is_promoted=True)
    loop.drift("drifted")

    assert "3 trainings were asked for in 30 days, the most." == loop.govern().reason


def test_age_alone_is_told_and_starts_nothing(loop: Loop) -> None:
    """The weekly training has tried."""
    decision = loop.govern(maximum_days=99)

    assert ("alert", "age") == (decision.action, decision.cause)


def test_without_a_champion_there_is_nothing_to_replace() -> None:
    """A population before its first model."""
    bare = Loop(promotions=MemoryPromotions())
    bare.promotions = MemoryPromotions()

    assert None is bare.govern().champion_version


def test_limits_nothing_would_follow_from_are_refused() -> None:
    """A month without a training."""
    with pytest.raises(ValueError, match="monthly_cap"):
        LoopLimits(monthly_cap=0)
