"""What two models said of customers and what became of them, wherever it is kept."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

from pipelines.domain.nights.trials import TrialKey, TrialResult
from pipelines.domain.ports.outcomes import Trials
from pipelines.domain.ports.service import Predictions
from pipelines.domain.serving.trials import ServedPrediction

T = TypeVar("T", bound=Trials)

POPULATION, NIGHT = "subscribers", date(2026, 3, 1)
NEXT_NIGHT = NIGHT + timedelta(days=1)
TRIAL = TrialKey(POPULATION, "shadow", "it's winter", 50.0, 3, 4)
RESULT = TrialResult("brier", 2, 0.25, 0.5, 0.25, -1.0, 1.0, "open")


def said(customer_id: str, probability: float = 0.5, **more: Any) -> ServedPrediction:  # noqa: ANN401  any field
    """Return what the champion said of a customer in the trial, but for what is given."""
    return replace(
        ServedPrediction(
            request_id="r1",
            population=POPULATION,
            customer_id=customer_id,
            mode="shadow",
            salt="it's winter",
            challenger_pct=50.0,
            champion_version=3,
            challenger_version=4,
            variant="champion",
            churn_probability=probability,
            is_answered=True,
        ),
        **more,
    )


class Said(ABC, Generic[T]):
    """Predictions that are written down, and what happens to customers."""

    @abstractmethod
    def opened(self, trials: T) -> AbstractAsyncContextManager[Predictions]:
        """Have what writes predictions down, in the running loop."""

    @abstractmethod
    def publish(self, trials: T, night: date) -> None:
        """Make a list of *night* the latest."""

    @abstractmethod
    def happen(self, trials: T, night: date, left: Mapping[str, bool]) -> None:
        """Make known who of the list of *night* left."""

    def say(self, trials: T, *predictions: ServedPrediction) -> None:
        """Write predictions down."""

        async def scenario() -> None:
            async with self.opened(trials) as store:
                await store.record_predictions(predictions)

        asyncio.run(scenario())


class PredictionsContract(Said[T]):
    """
    Tests of predictions of no trial yet.

    A subclass provides where they are kept as the fixture `trials`.
    """

    def test_predictions_are_written_down_bit_by_bit(self, trials: T) -> None:
        """Whatever a customer is called."""
        probability = 0.1 + 0.2
        self.publish(trials, NIGHT)
        self.say(trials)
        self.say(trials, said("o'hara\n%s", probability))
        self.happen(trials, NIGHT, {"o'hara\n%s": True})

        assert [("o'hara\n%s", "champion", probability, True)] == rows(trials, TRIAL)

    def test_what_was_said_before_there_was_a_list_has_no_outcome(self, trials: T) -> None:
        """It is a trial all the same."""
        self.say(trials, said("C1"))
        self.publish(trials, NIGHT)
        self.happen(trials, NIGHT, {"C1": True})

        assert [TRIAL] == trials.trials(POPULATION)
        assert [] == rows(trials, TRIAL)


class TrialsContract(Said[T]):
    """
    Tests of trials whose predictions are written down.

    A subclass provides where they are kept as the fixture `trials`.
    """

    def test_whatever_of_a_trial_changes_begins_another(self, trials: T) -> None:
        """Its shares, its salt, and either of the models; other populations have their own."""
        changes: Sequence[dict[str, Any]] = (
            {},
            {"mode": "split"},
            {"salt": "summer"},
            {"challenger_pct": 10.0},
            {"champion_version": 5},
            {"challenger_version": 5},
        )
        self.say(trials, *(said("C1", **change) for change in changes))
        self.say(trials, said("C2", population="players"))

        assert {replace(TRIAL, **change) for change in changes} == {*trials.trials(POPULATION)}
        assert [replace(TRIAL, population="players")] == trials.trials("players")
        assert [] == trials.trials("members")

    def test_the_first_prediction_has_the_outcome_of_the_list_of_then(self, trials: T) -> None:
        """Of each model; that there are later ones changes nothing."""
        self.publish(trials, NIGHT)
        self.say(
            trials,
            said("C1", 0.25),
            said("C1", 0.75, variant="challenger", is_answered=False),
            said("C2", 0.5),
        )
        self.publish(trials, NEXT_NIGHT)
        self.say(trials, said("C1", 0.9), said("C3", 0.125))
        self.happen(trials, NEXT_NIGHT, {"C1": False, "C2": False, "C3": False})
        assert [("C3", "champion", 0.125, False)] == rows(trials, TRIAL)

        self.happen(trials, NIGHT, {"C1": True})
        assert [
            ("C1", "challenger", 0.75, True),
            ("C1", "champion", 0.25, True),
            ("C3", "champion", 0.125, False),
        ] == rows(trials, TRIAL)

    def test_results_of_a_night_are_replaced(self, trials: T) -> None:
        """And those of other nights stay."""
        for night, difference in ((NIGHT, 0.25), (NEXT_NIGHT, 0.5), (NIGHT, 0.125)):
            trials.record(TRIAL, night, [replace(RESULT, difference=difference)])

        assert {NIGHT: [0.125], NEXT_NIGHT: [0.5]} == {
            night: [result.difference for result in self.recorded(trials, TRIAL, night)]
            for night in (NIGHT, NEXT_NIGHT)
        }
        trials.record(TRIAL, NIGHT, [])
        assert [] == self.recorded(trials, TRIAL, NIGHT)

    @abstractmethod
    def recorded(self, trials: T, trial: TrialKey, as_of: date) -> list[TrialResult]:
        """Return what was recorded of a trial on a night."""


def rows(trials: Trials, trial: TrialKey) -> list[tuple[Any, ...]]:
    """Return what is known of a trial, row by row."""
    return [tuple(row.values()) for row in trials.outcomes(trial).to_pylist()]
