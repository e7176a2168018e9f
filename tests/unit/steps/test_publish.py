"""Which staged list becomes the one people see, and which is refused."""

from collections.abc import Callable

import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.scoring.publishable import Unfit
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import NothingStaged, RunLocked
from pipelines.steps.night.publish import publish
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import ID_PREFIX, NIGHT, POPULATION, before, stage

LIST, OTHER_LIST = [0.1, 0.9], [0.1, 0.8]


def statuses(scores: MemoryScores) -> dict[int, str]:
    """Return the status of every run."""
    return {run.run_id: run.status for run in scores.known.values()}


def published(scores: MemoryScores, locks: MemoryLocks | None = None) -> ScoreRun:
    """Publish the night of the one population."""
    locks = MemoryLocks() if locks is None else locks

    return publish(population=POPULATION, as_of=NIGHT, scores=scores, locks=locks)


def passed(scores: MemoryScores, probabilities: list[float], version: int = 1) -> ScoreRun:
    """Stage a list that the scores gate lets pass."""
    run = stage(scores, probabilities, version=version)
    scores.passed.add(run.run_id)

    return run


def test_a_list_that_passed_its_gate_is_published() -> None:
    """The staged run is the one people see, and nobody else writes meanwhile."""
    scores, journal = MemoryScores(), Journal()
    run = passed(scores, LIST)
    shown = published(journal.watch(scores), journal.locks)

    assert run.run_id == shown.run_id
    assert {1: "published"} == statuses(scores)
    assert [{"writer of subscribers"}] == [call.held for call in journal.of("publish")]
    assert set() == journal.locks.held


def test_another_list_supersedes_the_one_before() -> None:
    """Both are kept, and the later one is seen."""
    scores = MemoryScores()
    passed(scores, LIST)
    published(scores)
    passed(scores, OTHER_LIST)

    assert 2 == published(scores).run_id
    assert {1: "superseded", 2: "published"} == statuses(scores)


def test_an_equal_list_changes_nothing() -> None:
    """A re-run is dropped with its scores, and the published run is returned."""
    scores = MemoryScores()
    passed(scores, LIST)
    first = published(scores)
    at = scores.known[1].published_at
    passed(scores, LIST)
    again = published(scores)

    assert first.run_id == again.run_id == 1
    assert {1: "published", 2: "rejected"} == statuses(scores)
    assert "equal to published run 1" == scores.known[2].reason
    assert (2, 0) == (len(scores.lists[1]), len(scores.lists[2]))
    assert at == again.published_at


@pytest.mark.parametrize(
    "by_hand",
    [lambda rows: rows.slice(0, 1), lambda rows: pa.concat_tables([rows.slice(0, 1)] * 2)],
)
def test_an_equal_list_replaces_one_that_was_changed(
    by_hand: Callable[[pa.Table], pa.Table],
) -> None:
    """Somebody deleted a customer from the list, or changed one: the re-run mends it."""
    scores = MemoryScores()
    passed(scores, LIST)
    published(scores)
    scores.lists[1] = by_hand(scores.lists[1])
    passed(scores, LIST)

    assert 2 == published(scores).run_id
    assert {1: "superseded", 2: "published"} == statuses(scores)
    assert 2 == len(scores.lists[2])


def test_the_same_list_of_another_model_is_another_list() -> None:
    """People can see which version scored them."""
    scores = MemoryScores()
    passed(scores, LIST)
    published(scores)
    passed(scores, LIST, version=2)

    assert 2 == published(scores).run_id
    assert {1: "superseded", 2: "published"} == statuses(scores)


def test_published_before_and_nothing_staged_since() -> None:
    """The work was done: the same run is returned and nothing is written."""
    scores, journal = MemoryScores(), Journal()
    passed(scores, LIST)
    published(scores)
    again = published(journal.watch(scores), journal.locks)

    assert (1, "published") == (again.run_id, again.status)
    assert ["published", "staged"] == journal.order()


def test_nothing_staged_and_nothing_published() -> None:
    """Lists of other nights and populations are not tonight's."""
    scores = MemoryScores()
    stage(scores, LIST, as_of=before(1))
    stage(scores, LIST, population="trial")
    with pytest.raises(NothingStaged) as refused:
        published(scores)

    assert "no run of subscribers is staged for 2026-06-30" == refused.value.message
    assert "churn score --population subscribers --as-of 2026-06-30" == refused.value.next_step
    assert {1: "staged", 2: "staged"} == statuses(scores)


def test_a_list_scored_from_what_is_not_fit_is_refused() -> None:
    """The reason and the command that mends it are named, whatever the scores gate said."""
    scores = MemoryScores()
    passed(scores, LIST)
    published(scores)
    run = passed(scores, OTHER_LIST)
    scores.faults[run.run_id] = Unfit("the features were built again after it was scored", "score")
    with pytest.raises(NothingStaged) as refused:
        published(scores)

    assert (
        "run 2 of subscribers 2026-06-30 was scored from what is not fit to use: the features "
        "were built again after it was scored"
    ) == refused.value.message
    assert (
        "mend it, then churn score --population subscribers --as-of 2026-06-30 and what follows it"
    ) == refused.value.next_step
    assert {1: "published", 2: "staged"} == statuses(scores)


@pytest.mark.parametrize("probabilities", [LIST, OTHER_LIST])
def test_a_list_no_gate_let_pass_is_refused(probabilities: list[float]) -> None:
    """Whether or not it equals the published one; it stays staged for the gate to look at."""
    scores = MemoryScores()
    passed(scores, LIST)
    published(scores)
    stage(scores, probabilities)
    with pytest.raises(NothingStaged) as refused:
        published(scores)

    assert "run 2 of subscribers 2026-06-30 has not passed the scores gate" == refused.value.message
    assert (
        "churn gate scores --population subscribers --as-of 2026-06-30" == refused.value.next_step
    )
    assert {1: "published", 2: "staged"} == statuses(scores)


def test_one_writer_at_a_time() -> None:
    """While another writer is at work nothing is even looked up."""
    scores, journal = MemoryScores(), Journal()
    passed(scores, LIST)
    journal.locks.held.add("writer of subscribers")
    with pytest.raises(RunLocked, match="writer of subscribers"):
        published(journal.watch(scores), journal.locks)

    assert [] == journal.order()
    assert {1: "staged"} == statuses(scores)


def test_a_writer_of_another_population_is_no_hindrance() -> None:
    """Each population has a lock of its own."""
    scores = MemoryScores()
    passed(scores, LIST)

    assert 1 == published(scores, MemoryLocks({"writer of trial"})).run_id


def test_the_log_names_the_run_and_nobody_in_it() -> None:
    """What was published is logged by number and size."""
    scores = MemoryScores()
    with structlog.testing.capture_logs() as logs:
        for probabilities in (LIST, LIST, OTHER_LIST):
            passed(scores, probabilities)
            published(scores)
        published(scores)

    assert [
        ("published", 1),
        ("list_unchanged", 1),
        ("published", 3),
        ("already_published", 3),
    ] == [(entry["event"], entry["run_id"]) for entry in logs]
    assert 2 == logs[0]["rows"]
    assert ID_PREFIX not in str(logs)
