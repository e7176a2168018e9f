"""What returning to an earlier list does, wherever lists are kept."""

from abc import ABC, abstractmethod
from datetime import date, timedelta
from typing import Generic, TypeVar

from pipelines.domain.nights.retention import Night
from pipelines.domain.ports.scores import ScoreHistory, Scores
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.testing.contracts.scores.lists import (
    NEXT_NIGHT,
    NIGHT,
    POPULATION,
    batch,
    stage,
    stage_two,
    status_of,
)

T = TypeVar("T", bound=Scores)
LATER = NEXT_NIGHT + timedelta(days=1)


class ScoreHistoryContract(ABC, Generic[T]):
    """
    Tests of a store without a run.

    A subclass provides it as the fixture `scores`, and its past as the fixture `history`.
    """

    @abstractmethod
    def lose_a_row(self, scores: T, run: ScoreRun) -> None:
        """Take one customer out of the scores of *run*, which then is not whole."""

    def test_without_a_list_there_is_nothing_to_return_to(
        self, scores: T, history: ScoreHistory
    ) -> None:
        """What waits is no list."""
        waiting = stage_two(scores, 0.1)

        assert history.return_to_earlier(POPULATION, NIGHT) is None
        assert ("staged", None) == status_of(scores, waiting)

    def test_without_an_earlier_list_nothing_changes(
        self, scores: T, history: ScoreHistory
    ) -> None:
        """Lists of other nights and populations, and runs never published, are no earlier ones."""
        stage_two(scores, 0.5)
        shown = _publish(scores, 0.1)
        scores.publish(stage_two(scores, 0.2, NEXT_NIGHT))
        scores.publish(stage(scores, batch({"C1": 0.3}), population="trial"))
        stage_two(scores, 0.4)

        assert history.return_to_earlier(POPULATION, NIGHT) is None
        assert ("published", None) == status_of(scores, shown)

    def test_the_earlier_list_is_back_whole(self, scores: T, history: ScoreHistory) -> None:
        """Both runs name each other, and the list is the one there was."""
        first, second = _publish(scores, 0.1), _publish(scores, 0.2)

        assert (second.run_id, first.run_id) == history.return_to_earlier(POPULATION, NIGHT)
        shown = scores.published(POPULATION, NIGHT)
        assert shown is not None
        assert first.run_id == shown.run_id
        assert [0.1, 0.1] == _probabilities(scores)
        assert ("published", f"returned to from run {second.run_id}") == status_of(scores, first)
        assert ("superseded", f"rolled back to run {first.run_id}") == status_of(scores, second)

    def test_twice_is_where_one_was(self, scores: T, history: ScoreHistory) -> None:
        """A return is undone by another, also when there are lists before both."""
        _, second, third = (_publish(scores, value) for value in (0.1, 0.2, 0.3))

        assert (third.run_id, second.run_id) == history.return_to_earlier(POPULATION, NIGHT)
        assert (second.run_id, third.run_id) == history.return_to_earlier(POPULATION, NIGHT)
        assert [0.3, 0.3] == _probabilities(scores)

    def test_a_list_that_lost_rows_is_not_returned_to(
        self, scores: T, history: ScoreHistory
    ) -> None:
        """The one before it is, if there is one that is whole."""
        first, second, third = (_publish(scores, value) for value in (0.1, 0.2, 0.3))
        self.lose_a_row(scores, second)
        assert (third.run_id, first.run_id) == history.return_to_earlier(POPULATION, NIGHT)

        self.lose_a_row(scores, third)
        assert history.return_to_earlier(POPULATION, NIGHT) is None
        assert [0.1, 0.1] == _probabilities(scores)

    def test_a_list_that_lost_rows_is_left_for_the_one_before(
        self, scores: T, history: ScoreHistory
    ) -> None:
        """A damaged list is a reason to return, not to stay."""
        first, second = _publish(scores, 0.1), _publish(scores, 0.2)
        self.lose_a_row(scores, second)

        assert (second.run_id, first.run_id) == history.return_to_earlier(POPULATION, NIGHT)

    def test_old_scores_are_forgotten_and_their_runs_known(
        self, scores: T, history: ScoreHistory
    ) -> None:
        """Lists before the date and attempts at them; those from the date on stay."""
        for value in (0.1, 0.2):
            _publish(scores, value)
        scores.publish(stage_two(scores, 0.3, NEXT_NIGHT))

        assert 4 == history.forget(NEXT_NIGHT)
        assert 0 == history.forget(NEXT_NIGHT)
        assert [] == _probabilities(scores)
        assert ["superseded", "published", "published"] == [
            run.status for run in scores.runs(POPULATION)
        ]
        assert [0.3, 0.3] == _probabilities(scores, NEXT_NIGHT)

    def test_kept_are_the_last_list_of_each_population_and_what_waits(
        self, scores: T, history: ScoreHistory
    ) -> None:
        """A night that was superseded, rejected or followed by a later one is the past."""
        assert set() == history.kept()
        _publish(scores, 0.1)
        scores.publish(stage_two(scores, 0.2, NEXT_NIGHT))
        scores.publish(stage_two(scores, 0.3, NEXT_NIGHT))
        scores.publish(stage(scores, batch({"C1": 0.3}), population="trial"))
        stage(scores, batch({"C1": 0.4}), population="streaming")
        scores.reject(
            stage(scores, batch({"C1": 0.4}), population="streaming", as_of=LATER).run_id, ""
        )

        assert {
            Night(POPULATION, NEXT_NIGHT),
            Night("trial", NIGHT),
            Night("streaming", NIGHT),
        } == history.kept()

    def test_the_last_list_of_each_population_is_not_forgotten(
        self, scores: T, history: ScoreHistory
    ) -> None:
        """However old it is; nor is what waits to be published."""
        _publish(scores, 0.1)
        scores.publish(stage(scores, batch({"C1": 0.3}), population="trial"))
        scores.publish(stage_two(scores, 0.2, NEXT_NIGHT))
        waiting = stage(scores, batch({"C1": 0.4}), population="streaming")

        assert 2 == history.forget(LATER)
        assert [0.2, 0.2] == _probabilities(scores, NEXT_NIGHT)
        assert 1 == scores.probabilities("trial", NIGHT).num_rows
        scores.publish(waiting)
        assert 1 == scores.probabilities("streaming", NIGHT).num_rows


def _publish(scores: Scores, probability: float) -> ScoreRun:
    """Publish a list of two for the night."""
    run = stage_two(scores, probability)
    scores.publish(run)

    return run


def _probabilities(scores: Scores, as_of: date = NIGHT) -> list[float]:
    """Return what the published list of a night says."""
    found: list[float] = scores.probabilities(POPULATION, as_of)["churn_probability"].to_pylist()

    return found
