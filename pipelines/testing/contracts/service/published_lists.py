"""What one customer of the published lists is, wherever those are kept."""

import asyncio
import json
import math
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Generic, TypeVar

import pytest

from pipelines.domain.ports.scores import Scores
from pipelines.domain.ports.service import PublishedLists
from pipelines.domain.serving.published import PublishedCustomer
from pipelines.testing.contracts.scores.lists import NEXT_NIGHT, NIGHT, POPULATION, batch, stage

T = TypeVar("T", bound=Scores)
LATER = NEXT_NIGHT + timedelta(days=1)


def stored(log_odds: float, usage: float) -> str:
    """Return reasons as numbers, of two themes."""
    themes = {"usage": usage, "support": round(log_odds + 1 - usage, 6)}

    return json.dumps(
        {"log_odds": log_odds, "base": -1.0, "themes": themes, "features": [], "rest": 0.0}
    )


class PublishedListsContract(ABC, Generic[T]):
    """
    Tests of lists without one.

    A subclass provides the runs as the fixture `scores`, and what reads them by `opened`.
    """

    @abstractmethod
    def opened(self, scores: T) -> AbstractAsyncContextManager[PublishedLists]:
        """Have what reads the lists, in the running loop."""

    def test_without_a_list_there_is_nobody(self, scores: T) -> None:
        """What waits is no list, and that is no fault."""
        stage(scores, batch({"C1": 0.5}))

        assert self._customer(scores, "C1") is None

    def test_a_customer_is_as_the_latest_list_has_them(self, scores: T) -> None:
        """With reasons; those of another population, date or run are not theirs."""
        scores.publish(stage(scores, batch({"C1": 0.125, "C2": 0.5})))
        scores.publish(stage(scores, batch({"C1": 0.9}), population="players", as_of=LATER))
        probability = 0.1 + 0.2
        latest = batch({"C2": 0.25, "C1": probability}, "Idle: 3 days", stored(0.5, 1.0))
        run = stage(scores, latest, as_of=NEXT_NIGHT, version=4)
        scores.publish(run)
        stage(scores, batch({"C1": 0.75}), as_of=LATER)
        found = self._customer(scores, "C1")

        assert found is not None
        assert (NEXT_NIGHT, 4) == (found.as_of, found.model_version)
        assert found.published_at >= run.created_at
        assert (probability, "low", "none", ("Idle: 3 days",)) == (
            *(found.answer.churn_probability, found.answer.risk_tier),
            *(found.answer.recommended_action, found.answer.reasons),
        )
        assert json.loads(stored(0.5, 1.0)) == found.answer.explanation
        assert [(NEXT_NIGHT, probability, "low", 4), (NIGHT, 0.125, "low", 1)] == [
            (each.as_of, each.churn_probability, each.risk_tier, each.model_version)
            for each in found.history
        ]
        move, first = (each.move for each in found.history)
        assert first is None
        assert move is not None
        assert (NIGHT, 0.125, True, None, None, None) == (
            *(move.previous_date, move.previous_probability, move.is_model_changed),
            *(move.by_data, move.by_model, move.data_themes),
        )
        assert pytest.approx(0.5 - math.log(0.125 / 0.875)) == move.log_odds_change

    def test_who_is_not_in_the_latest_list_is_nobody(self, scores: T) -> None:
        """Though an earlier one had them; nor is a name no table can hold."""
        scores.publish(stage(scores, batch({"C1": 0.5})))
        scores.publish(stage(scores, batch({"C2": 0.5}), as_of=NEXT_NIGHT))

        assert self._customer(scores, "C1") is None
        assert self._customer(scores, "C2\0") is None
        assert self._customer(scores, "C2") is not None

    def test_many_are_each_as_they_are_alone(self, scores: T) -> None:
        """In their order, twice if they are asked for twice; nobody in another's place."""
        scores.publish(stage(scores, batch({"C1": 0.5, "C2": 0.75})))
        scored = batch({"C1": 0.25, "C2": 0.125, "C3": 0.5}, "Idle: 3 days", stored(0.5, 1.0))
        scores.publish(stage(scores, scored, as_of=NEXT_NIGHT))
        asked = ["C3", "nobody", "C1", "C2\0", "C2", "C1"]

        async def scenario() -> tuple[list[PublishedCustomer | None], list[object]]:
            async with self.opened(scores) as published:
                found = await published.customers(POPULATION, asked, lists=10)
                return found, [*await published.customers(POPULATION, [], lists=10)]

        found, nobody = asyncio.run(scenario())

        assert [] == nobody
        assert [self._customer(scores, each) for each in asked] == found
        assert [1, None, 2, None, 2, 2] == [each and len(each.history) for each in found]

    def test_why_a_score_moved_is_in_its_history(self, scores: T) -> None:
        """By theme, where the model is the same; a list further back has no place in it."""
        for night, log_odds, usage in (
            (NIGHT, -1.0, 0.0),
            (NEXT_NIGHT, 0.5, 1.0),
            (LATER, 0.25, 1.0),
        ):
            scored = batch({"C1": 0.5 + log_odds / 8}, "Idle: 3 days", stored(log_odds, usage))
            scores.publish(stage(scores, scored, as_of=night))
        found = self._customer(scores, "C1", lists=2)

        assert found is not None
        assert [LATER, NEXT_NIGHT] == [each.as_of for each in found.history]
        latest, before = (each.move for each in found.history)
        assert latest is not None
        assert before is not None
        assert (NEXT_NIGHT, 0.5625, False, -0.25, -0.25, 0.0) == (
            *(latest.previous_date, latest.previous_probability, latest.is_model_changed),
            *(latest.log_odds_change, latest.by_data, latest.by_model),
        )
        assert pytest.approx({"usage": 0.0, "support": -0.25}) == latest.data_themes
        assert pytest.approx({"usage": 1.0, "support": 0.5}) == before.data_themes
        assert latest.model_themes is None

    def test_they_answer(self, scores: T) -> None:
        """Also while there is no list."""

        async def scenario() -> bool:
            async with self.opened(scores) as lists:
                return await lists.answers()

        assert asyncio.run(scenario())

    def _customer(self, scores: T, customer_id: str, lists: int = 10) -> PublishedCustomer | None:
        """Return one customer."""

        async def scenario() -> PublishedCustomer | None:
            async with self.opened(scores) as published:
                (found,) = await published.customers(POPULATION, [customer_id], lists=lists)

                return found

        return asyncio.run(scenario())
