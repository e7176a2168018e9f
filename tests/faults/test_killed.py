"""Whatever is killed when, people see the whole old list or the whole new one."""

import random
import time
from dataclasses import dataclass

import pytest

from pipelines.wiring import data, night
from tests.faults.business import (
    NIGHT,
    NO_FLIP,
    NO_SCORES_WRITTEN,
    POPULATION,
    Business,
    wait,
)
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

SEED = 20261001
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
    Stage(("publish",), NO_FLIP),
    Stage(("outcomes",), "lock table churn.outcomes in access exclusive mode"),
    Stage(("drift",), "lock table churn.drift_checks in access exclusive mode"),
    Stage(("report",), "lock table churn.alerts in access exclusive mode"),
    Stage(("notify",), "lock table churn.alerts in access exclusive mode"),
]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: " ".join(stage.command))
def test_killed_in_the_middle_of(business: Business, tell: Tell, stage: Stage) -> None:
    """A task that dies half way leaves the old list, and is simply run again."""
    old, new = business.turn()
    if stage.command == ("features",):
        new = old
    if stage.command == ("drift",):
        night.drift(business.wired, POPULATION, NIGHT)
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
            business.put_features(business.lists.index(old))
        business.finish()
        checker.check_finished(checker.new)
    tell(f"{' '.join(stage.command)}: kill -9 half way", "old list; re-run works", checker.polls)


@pytest.mark.parametrize(
    ("command", "times", "longest"),
    [
        ("publish", 3, 0.04),
        ("score", 3, 1.5),
        pytest.param("publish", 27, 0.04, marks=pytest.mark.slow),
        pytest.param("score", 17, 1.5, marks=pytest.mark.slow),
    ],
)
def test_killed_at_a_random_moment(
    business: Business, tell: Tell, command: str, times: int, longest: float
) -> None:
    """However far it got, the list is the old or the new one, and a re-run works."""
    dice = random.Random(f"{SEED} {command} {times}")
    polls, landed = 0, {"before": 0, "after": 0}
    for _ in range(times):
        checker = Checker(business, NIGHT, *business.turn())
        if command == "publish":
            business.stage()
        with checker.watched():
            process = business.start(command)
            if command == "publish":
                business.wait_for_writer_lock(is_held=True)
            else:
                business.wait_until_connected(command)
            time.sleep(dice.uniform(0, longest))
            business.kill(process)
            business.wait_until_noticed()
            after = business.seen(NIGHT)[2]
            checker.check(after)
            landed["after" if after == checker.new else "before"] += 1
            if command == "publish":
                assert business.run("publish").returncode == 0
            else:
                assert after == checker.old
                business.finish()
        checker.check_finished(checker.new)
        polls += checker.polls
    fault = f"{command}: kill -9 at a random moment"
    if command == "publish":
        tell(fault, "{before} before, {after} after the commit", polls, times, **landed)
    else:
        tell(fault, "old list; re-run works", polls, times)


@pytest.mark.slow
def test_features_killed_at_a_random_moment(business: Business, tell: Tell) -> None:
    """Models and their tests are cut anywhere; the list stays and the build is repeated whole."""
    dice = random.Random(SEED)
    polls, times = 0, 8
    for _ in range(times):
        old = business.seen(NIGHT)[2]
        checker = Checker(business, NIGHT, old, old)
        with checker.watched():
            process = business.start("features")
            business.wait_until_connected("features")
            time.sleep(dice.uniform(0, 5))
            business.kill(process)
            business.wait_until_noticed()
            checker.check(old)
            data.build_features(business.wired, POPULATION, [NIGHT], NIGHT)
            business.put_features(business.lists.index(old or ""))
            business.finish()
        checker.check_finished(old)
        polls += checker.polls
    tell("features: kill -9 at a random moment", "old list; re-run builds it whole", polls, times)


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
