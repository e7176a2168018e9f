"""What score runs go through, wherever they are kept."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Generic, TypeVar

import pyarrow as pa
import pytest

from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.publishable import Unfit
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import NothingStaged
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


class ScoresContract(ABC, Generic[T]):
    """Tests of a store without a run, which a subclass provides as the fixture `scores`."""

    @abstractmethod
    def customers(self, scores: T, run: ScoreRun) -> list[str]:
        """Return whose scores are kept under *run*, published or not, ascending."""

    @abstractmethod
    def scores_gate_looked(self, scores: T, run: ScoreRun, *, is_passed: bool) -> None:
        """Record what the scores gate found of *run*."""

    @abstractmethod
    def sources_gate_refused(self, scores: T, population: str, as_of: date) -> None:
        """Record that the sources gate refused a night."""

    @abstractmethod
    def lose_a_row(self, scores: T, run: ScoreRun) -> None:
        """Take customer C1 out of the scores of *run*."""

    @abstractmethod
    def change_a_row(self, scores: T, run: ScoreRun) -> None:
        """Give customer C1 another probability in the scores of *run*."""

    def test_at_first_there_is_nothing(self, scores: T) -> None:
        """No run, no list, and the refusal names the command that stages one."""
        assert [] == scores.runs(POPULATION)
        assert scores.published(POPULATION, NIGHT) is None
        with pytest.raises(NothingStaged, match="no run of subscribers is staged") as refused:
            scores.staged(POPULATION, NIGHT)
        assert "churn score --population subscribers --as-of 2026-03-01" == refused.value.next_step

        nobody = scores.probabilities(POPULATION, NIGHT)
        assert (0, ["customer_id", "churn_probability"]) == (nobody.num_rows, nobody.column_names)

    def test_a_staged_run_waits_unseen(self, scores: T) -> None:
        """It is returned as it is kept, and no list is there yet."""
        run = stage(scores, batch({"C1": 0.1, "C2": 0.2}), batch({}), batch({"C3": 0.3}), version=4)

        assert ("staged", POPULATION, NIGHT, 3) == (run.status, run.population, run.as_of, run.rows)
        assert ("churn-subscribers", 4, "abcdef012345") == (
            run.model_name,
            run.model_version,
            run.contract_fingerprint,
        )
        assert (None, None) == (run.reason, run.published_at)
        assert run.created_at.tzinfo is not None
        assert run == scores.staged(POPULATION, NIGHT)
        assert [run] == scores.runs(POPULATION)
        assert ["C1", "C2", "C3"] == self.customers(scores, run)
        assert scores.published(POPULATION, NIGHT) is None
        assert 0 == scores.probabilities(POPULATION, NIGHT).num_rows

    def test_equal_lists_have_equal_hashes(self, scores: T) -> None:
        """
        However they were cut into batches; a probability or a reason makes another list.

        Numbers stored with it do not: a list of before they were stored is the same list.
        """
        first = stage(scores, batch({"C1": 0.1, "C2": 0.2}))
        same = stage(scores, batch({"C2": 0.2}), batch({"C1": 0.1}))
        stored = stage(scores, batch({"C1": 0.1, "C2": 0.2}, stored='{"base": -2.0}'))
        others = [
            stage(scores, batch({"C1": 0.1, "C2": 0.21})),
            stage(scores, batch({"C1": 0.1, "C2": 0.2}, "Tickets: 4")),
            stage(scores, batch({"C1": 0.1})),
        ]

        assert first.scores_hash == same.scores_hash == stored.scores_hash
        assert 4 == len({run.scores_hash for run in (first, *others)})

    def test_a_list_of_nobody_can_be_staged(self, scores: T) -> None:
        """Refusing it is for the gate."""
        assert 0 == stage(scores).rows

    def test_a_later_attempt_replaces_the_one_that_waits(self, scores: T) -> None:
        """The earlier is rejected with the reason; other nights and populations still wait."""
        first = stage_two(scores, 0.1)
        other_night = stage_two(scores, 0.1, NEXT_NIGHT)
        other_population = stage(scores, batch({"C1": 0.1}), population="trial")
        second = stage_two(scores, 0.2)

        assert second == scores.staged(POPULATION, NIGHT)
        assert ("rejected", "replaced by a later attempt") == status_of(scores, first)
        assert other_night == scores.staged(POPULATION, NEXT_NIGHT)
        assert other_population == scores.staged("trial", NIGHT)
        assert [first.run_id, other_night.run_id, second.run_id] == [
            run.run_id for run in scores.runs(POPULATION)
        ]

    def test_an_attempt_that_fails_leaves_the_one_before_waiting(self, scores: T) -> None:
        """Its error passes through; it stays behind as `staging` until another one succeeds."""

        def failing() -> Iterator[pa.RecordBatch]:
            yield batch({"C1": 0.5})
            raise ValueError("of the model")

        before = stage_two(scores, 0.1)
        with pytest.raises(ValueError, match="of the model"):
            scores.stage(
                population=POPULATION,
                as_of=NIGHT,
                model_name="churn-subscribers",
                model_version=1,
                contract_fingerprint="abcdef012345",
                batches=failing(),
            )
        _, failed = scores.runs(POPULATION)

        assert before == scores.staged(POPULATION, NIGHT)
        assert ("staging", None) == (failed.status, failed.rows)
        assert [] == self.customers(scores, failed)
        stage_two(scores, 0.2)
        assert "rejected" == status_of(scores, failed)[0]

    def test_what_is_published_is_the_list_of_its_night(self, scores: T) -> None:
        """By customer id, capitals first; nothing waits any more."""
        run = stage(scores, batch({"b": 0.2, "C": 0.3, "é": 0.4}), batch({"a1": 0.1}))
        scores.publish(run)
        published = scores.published(POPULATION, NIGHT)

        assert published is not None
        assert published.published_at is not None
        assert replace(run, status="published", published_at=published.published_at) == published
        assert {
            "customer_id": ["C", "a1", "b", "é"],
            "churn_probability": [0.3, 0.1, 0.2, 0.4],
        } == scores.probabilities(POPULATION, NIGHT).to_pydict()
        with pytest.raises(NothingStaged):
            scores.staged(POPULATION, NIGHT)
        assert scores.published(POPULATION, NEXT_NIGHT) is None
        assert scores.published("trial", NIGHT) is None

    def test_another_list_supersedes_the_one_before(self, scores: T) -> None:
        """Of that night only; the superseded run names its successor and keeps its scores."""
        first = stage_two(scores, 0.1)
        scores.publish(first)
        scores.publish(stage_two(scores, 0.1, NEXT_NIGHT))
        second = stage_two(scores, 0.2)
        scores.publish(second)

        assert ("superseded", f"superseded by run {second.run_id}") == status_of(scores, first)
        assert [0.2, 0.2] == _probabilities(scores, NIGHT)
        assert [0.1, 0.1] == _probabilities(scores, NEXT_NIGHT)
        assert ["C1", "C2"] == self.customers(scores, first)

    def test_the_list_before_is_the_latest_of_an_earlier_date(self, scores: T) -> None:
        """Whenever it was published, and never one that only waits."""
        assert scores.published_before(POPULATION, NEXT_NIGHT) is None
        later, earlier = (stage_two(scores, 0.1, as_of) for as_of in (NEXT_NIGHT, NIGHT))
        for run in (later, earlier):
            scores.publish(run)
        stage_two(scores, 0.2, NIGHT)

        for as_of, expected in [
            (NIGHT, None),
            (NEXT_NIGHT, earlier.run_id),
            (NEXT_NIGHT + timedelta(days=40), later.run_id),
        ]:
            found = scores.published_before(POPULATION, as_of)
            assert expected == (found and found.run_id)
        assert scores.published_before("others", NEXT_NIGHT) is None

    def test_the_tiers_of_a_list_are_told_of_who_is_in_it(self, scores: T) -> None:
        """Published or not; whoever it does not have is left out, and so are hostile names."""
        run = stage(scores, batch({"C1": 0.1, "C2": 0.2, "O'Hara; --": 0.3}))
        asked = pa.array(["C1", "O'Hara; --", "{C2}", ""])

        assert {"C1": "low", "O'Hara; --": "low"} == scores.tiers_of(run, asked)
        assert {} == scores.tiers_of(run, pa.array([], pa.string()))

    def test_where_tiers_begin_is_kept_with_the_run(self, scores: T) -> None:
        """To the last digit; a run of before has none."""
        bounds = {"names": ["low", "high"], "new": [[0.1 + 0.2, "ab"]], "before_run_id": None}
        run = stage(scores, batch({"C1": 0.1}), tier_bounds=bounds)

        assert bounds == run.tier_bounds == scores.staged(POPULATION, NIGHT).tier_bounds
        assert stage_two(scores, 0.1).tier_bounds is None

    def test_a_list_that_is_not_whole_is_not_published(self, scores: T) -> None:
        """One that lost a row, or all, or never had one is refused, waits, and the list stays."""
        shown = stage_two(scores, 0.1)
        scores.publish(shown)
        for left, ids in (("1 of its 2", ["C1", "C2"]), ("0 of its 1", ["C1"])):
            run = stage(scores, batch(dict.fromkeys(ids, 0.2)))
            self.lose_a_row(scores, run)
            with pytest.raises(NothingStaged, match=f"{left} scores") as refused:
                scores.publish(run)
            assert "churn score" in refused.value.next_step
        nobody = stage(scores, batch({}))
        with pytest.raises(NothingStaged, match="0 of its 0 scores"):
            scores.publish(nobody)

        assert "staged" == status_of(scores, nobody)[0]
        assert ("published", None) == status_of(scores, shown)
        assert [0.1, 0.1] == _probabilities(scores, NIGHT)

    def test_what_somebody_did_to_a_list_is_known(self, scores: T) -> None:
        """A row that is gone, or says something else; the run still says what it was given."""
        for fault in (self.lose_a_row, self.change_a_row):
            run = stage(scores, batch({"C1": 0.1, "C2": 0.2}))
            assert scores.is_intact(run)
            fault(scores, run)
            assert not scores.is_intact(run)
            assert 2 == scores.staged(POPULATION, NIGHT).rows

    def test_what_does_not_wait_is_not_published(self, scores: T) -> None:
        """A run that was rejected or published meanwhile is refused, and the list stays."""
        shown = stage_two(scores, 0.1)
        scores.publish(shown)
        rejected = stage_two(scores, 0.2)
        scores.reject(rejected.run_id, "mean moved")
        unknown = replace(rejected, run_id=rejected.run_id + 1)

        for run in (shown, rejected, unknown):
            with pytest.raises(NothingStaged, match=f"run {run.run_id} is no longer staged"):
                scores.publish(run)
        assert ("published", None) == status_of(scores, shown)
        assert ("rejected", "mean moved") == status_of(scores, rejected)
        assert [0.1, 0.1] == _probabilities(scores, NIGHT)

    def test_only_what_waits_is_rejected(self, scores: T) -> None:
        """A published run, and one that is rejected already, stay as they are."""
        shown = stage_two(scores, 0.1)
        scores.publish(shown)
        rejected = stage_two(scores, 0.2)
        scores.reject(rejected.run_id, "mean moved")
        for run_id in (shown.run_id, rejected.run_id, rejected.run_id + 1):
            scores.reject(run_id, "again")

        assert ("published", None) == status_of(scores, shown)
        assert ("rejected", "mean moved") == status_of(scores, rejected)
        assert ["C1", "C2"] == self.customers(scores, rejected)

    def test_only_what_waits_is_discarded(self, scores: T) -> None:
        """It is rejected and its scores are gone; a published list loses nothing."""
        shown = stage_two(scores, 0.1)
        scores.publish(shown)
        staged = stage_two(scores, 0.2)
        for run in (staged, shown):
            scores.discard(run.run_id, "equal to run 1")

        assert ("rejected", "equal to run 1") == status_of(scores, staged)
        assert [] == self.customers(scores, staged)
        assert ("published", None) == status_of(scores, shown)
        assert [0.1, 0.1] == _probabilities(scores, NIGHT)

    def test_a_run_passes_its_gate_once_the_gate_has_looked(self, scores: T) -> None:
        """A gate that never looked, looked at another run or refused has let nothing pass."""
        first = stage_two(scores, 0.1)
        self.scores_gate_looked(scores, first, is_passed=True)
        second = stage_two(scores, 0.2)
        assert [True, False] == [scores.passed_gate(run.run_id) for run in (first, second)]

        self.scores_gate_looked(scores, second, is_passed=False)
        assert not scores.passed_gate(second.run_id)

    def test_what_was_scored_from_refused_sources_is_unfit(self, scores: T) -> None:
        """Reason and command say so; nothing speaks against a run of another night."""
        run, other = stage_two(scores, 0.1), stage_two(scores, 0.1, NEXT_NIGHT)
        assert scores.unfit(run) is None

        self.sources_gate_refused(scores, POPULATION, NIGHT)
        expected = Unfit("the sources gate refused subscribers 2026-03-01", "gate sources")
        assert [expected, None] == [scores.unfit(run), scores.unfit(other)]


def _probabilities(scores: Scores, as_of: date) -> list[float]:
    """Return what the published list of *as_of* says."""
    found: list[float] = scores.probabilities(POPULATION, as_of)["churn_probability"].to_pylist()

    return found
