"""Killed where it hurts most, a task leaves the whole old list or the whole new one."""

from dataclasses import dataclass

import pytest

from pipelines.wiring import evidence
from tests.e2e.at_rest import NIGHT
from tests.faults.business import NO_SCORES_WRITTEN, POPULATION, Business, no_flip, wait
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

PUBLISHED = "select run_id from churn.score_runs where as_of = %s and status = 'published'"


@dataclass(frozen=True)
class Stage:
    """
    A task of the night, and what holds it where it has begun and not ended.

    Attributes:
        command: Its command.
        hold: Locks something the task needs, not what readers need.
        leaves: Status of the run it leaves behind, if it leaves one.
    """

    command: tuple[str, ...]
    hold: str
    leaves: str | None = None


STAGES = [
    Stage(("gate", "sources"), "lock table churn.gate_results in share mode"),
    Stage(("features",), "lock table analytics.fct_customer_features in share mode"),
    Stage(("gate", "features"), "lock table churn.gate_results in share mode"),
    Stage(("score",), NO_SCORES_WRITTEN, "staging"),
    Stage(("gate", "scores"), "lock table churn.gate_results in share mode"),
    Stage(("publish",), no_flip(NIGHT)),
    Stage(("outcomes",), "lock table churn.outcomes in access exclusive mode"),
    Stage(("drift",), "lock table churn.drift_checks in access exclusive mode"),
    Stage(("report",), "lock table churn.alerts in access exclusive mode"),
    Stage(("notify",), "lock table churn.alerts in access exclusive mode"),
]
# Of every run, and of `make stories`; the others are of `make faults`.
MARKS = {("score",): (), ("publish",): pytest.mark.story}


@pytest.mark.parametrize(
    "stage",
    [
        pytest.param(
            stage,
            id=" ".join(stage.command),
            marks=MARKS.get(stage.command, pytest.mark.slow),
        )
        for stage in STAGES
    ],
)
def test_killed_in_the_middle_of(business: Business, tell: Tell, stage: Stage) -> None:
    """A task that dies half way leaves the old list, and is simply run again."""
    old, new = business.turn()
    if stage.command == ("features",):
        new = old
    if stage.command == ("drift",):
        evidence.drift(business.wired, POPULATION, NIGHT)
    checker = Checker(business, NIGHT, old, new)
    if stage.command in {("gate", "scores"), ("publish",)}:
        business.stage()
    with checker.watched():
        with business.held(stage.hold):
            process = business.start(*stage.command)
            business.wait_until_blocked()
            code = business.kill(process)
        business.wait_until_noticed()
        assert code == -9
        checker.check(checker.old)
        if stage.leaves:
            left = business.rows(
                "select status from churn.score_runs where as_of = %s order by run_id", NIGHT
            )
            assert (stage.leaves,) == left[-1]
        again = business.run(*stage.command)
        assert again.returncode == 0, again.stderr
        if stage.command == ("features",):
            assert business.has_features(0)
            business.put_features(business.lists.index(old))
        business.finish()
        checker.check_finished(checker.new)
    tell(f"{' '.join(stage.command)}: kill -9 half way", "old list; re-run works", checker.polls)


@pytest.mark.story
def test_killed_after_its_commit(business: Business, tell: Tell) -> None:
    """A publish that died after its commit has published; doing it again changes nothing."""
    checker = Checker(business, NIGHT, *business.turn())
    business.stage()
    before = business.rows(PUBLISHED, NIGHT)
    with checker.watched(), business.connect() as connection:
        process = business.start("publish")
        wait("the commit", lambda: connection.execute(PUBLISHED, [NIGHT]).fetchall() != before)
        business.kill(process)
        business.wait_until_noticed()
        checker.check(checker.new)
        published = business.rows(PUBLISHED, NIGHT)
        assert business.run("publish").returncode == 0
    checker.check_finished(checker.new)
    assert published == business.rows(PUBLISHED, NIGHT)
    tell("publish: kill -9 after its commit", "new list; re-run changes nothing", checker.polls)


@pytest.mark.story
def test_a_partial_write_is_written_again(business: Business, tell: Tell) -> None:
    """Half the rows of a run that died are never mixed with those of the next."""
    checker = Checker(business, NIGHT, *business.turn())
    (left,) = business.rows(
        "insert into churn.score_runs (population, as_of, status, model_name, model_version, "
        "contract_fingerprint) select population, as_of, 'staging', model_name, model_version, "
        "contract_fingerprint from churn.score_runs where as_of = %s and status = 'published' "
        "returning run_id",
        NIGHT,
    )
    half = business.execute(
        "insert into churn.scores select score_date, "
        f"{left[0]}, customer_id, 0.5, 'medium', recommended_action "
        f"from churn.scores_published where score_date = '{NIGHT}' order by customer_id limit 300"
    )
    assert half == 300
    with checker.watched():
        checker.check(checker.old)
        business.work()
    checker.check_finished(checker.new)
    tell("score: retry after a partial write", "new list, none of the half", checker.polls)
