"""Which list people see after going back."""

import pytest
import structlog.testing

from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.errors import NothingStaged, RunLocked
from pipelines.steps.night.score_history import rollback_scores
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.scores import MemoryScoreHistory, MemoryScores
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import ID_PREFIX, NIGHT, POPULATION, before, stage


def lists(*probabilities: float) -> MemoryScores:
    """Return lists of one customer, published one after the other."""
    scores = MemoryScores()
    for probability in probabilities:
        scores.publish(stage(scores, [probability]))

    return scores


def back(scores: MemoryScores, locks: MemoryLocks | None = None) -> int:
    """Go back one list."""
    return rollback_scores(
        population=POPULATION,
        as_of=NIGHT,
        history=MemoryScoreHistory(scores),
        locks=MemoryLocks() if locks is None else locks,
    )


def seen(scores: MemoryScores) -> int | None:
    """Return the run people see."""
    run = scores.published(POPULATION, NIGHT)

    return run.run_id if run else None


def test_the_list_before_is_seen_again() -> None:
    """Of three lists the second, and the third stays."""
    scores = lists(0.1, 0.2, 0.3)

    assert 2 == back(scores) == seen(scores)
    assert "superseded" == scores.known[3].status
    assert [1, 1, 1] == [len(table) for table in scores.lists.values()]


def test_twice_returns_to_where_one_was() -> None:
    """Going back is undone by going back."""
    scores = lists(0.1, 0.2)

    assert [1, 2, 1] == [back(scores), back(scores), back(scores)]
    assert 1 == seen(scores)


@pytest.mark.parametrize("probabilities", [(), (0.1,)])
def test_without_an_earlier_list_nothing_changes(probabilities: tuple[float, ...]) -> None:
    """No list, or only one, is no past to return to; those of other nights are not meant."""
    scores = lists(*probabilities)
    scores.publish(stage(scores, [0.4], as_of=before(1)))
    with pytest.raises(NothingStaged) as refused:
        back(scores)

    assert "subscribers has no earlier list of 2026-06-30 to return to" == refused.value.message
    assert "churn runs --population subscribers" == refused.value.next_step
    assert {"published"} == {run.status for run in scores.known.values()}


def test_a_list_that_was_forgotten_is_not_returned_to() -> None:
    """Its scores are gone, so the one before it is shown."""
    scores = lists(0.1, 0.2, 0.3)
    scores.lists[2] = SCHEMA.empty_table()

    assert 1 == back(scores)


def test_nobody_else_writes_meanwhile() -> None:
    """The writer's lock is held while lists change, and asked for before."""
    scores, journal = lists(0.1, 0.2), Journal()
    rollback_scores(
        population=POPULATION,
        as_of=NIGHT,
        history=journal.watch(MemoryScoreHistory(scores)),
        locks=journal.locks,
    )
    assert [{"writer of subscribers"}] == [call.held for call in journal.calls]

    with pytest.raises(RunLocked, match="writer of subscribers"):
        back(scores, MemoryLocks({"writer of subscribers"}))
    assert 1 == seen(scores)


def test_the_log_names_both_runs_and_nobody_in_them() -> None:
    """From which run to which."""
    with structlog.testing.capture_logs() as logs:
        back(lists(0.1, 0.2))

    assert {"as_of": "2026-06-30", "run_id": 2, "to_run_id": 1}.items() <= logs[0].items()
    assert ID_PREFIX not in str(logs)
