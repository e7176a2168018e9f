"""Whatever is killed when, people see the whole old list or the whole new one."""

import random
import time
from collections import Counter

import pytest

from pipelines.wiring import data, night
from tests.e2e.at_rest import NIGHT
from tests.faults.business import POPULATION, Business, wait
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

SEED = 20261001
UNFINISHED = (
    "select status from churn.score_runs where as_of = %s and status in ('staging', 'staged')"
)
DBT = "select pid from pg_stat_activity where application_name = 'dbt'"


@pytest.mark.parametrize(
    "times", [pytest.param(3, marks=pytest.mark.story), pytest.param(21, marks=pytest.mark.slow)]
)
def test_publish_killed_at_a_random_moment(business: Business, tell: Tell, times: int) -> None:
    """However far it got, the list is the old or the new one, and a re-run gives the new one."""
    dice = random.Random(f"{SEED} {times}")
    polls, landed = 0, Counter(before=0, after=0)
    for _ in range(times):
        checker = Checker(business, NIGHT, *business.turn())
        business.stage()
        with checker.watched():
            process = business.start("publish")
            business.wait_for_writer_lock(is_held=True)
            time.sleep(dice.uniform(0, 0.04))
            business.kill(process)
            business.wait_until_noticed()
            shown = business.seen(NIGHT)[2]
            assert shown in {checker.old, checker.new}
            checker.check(shown)
            landed["after" if shown == checker.new else "before"] += 1
            night.publish(business.wired, POPULATION, NIGHT)
        checker.check_finished(checker.new)
        polls += checker.polls
    outcome = "{before} before, {after} after the commit; a re-run gives the new list"
    tell("publish: kill -9 at a random moment", outcome, polls, times, **landed)


@pytest.mark.slow
def test_score_killed_at_a_random_moment(business: Business, tell: Tell) -> None:
    """What it left is never published, and the next attempt says why."""
    dice = random.Random(SEED)
    polls, times, left = 0, 20, Counter(nothing=0, staging=0, staged=0)
    for number in range(times):
        checker = Checker(business, NIGHT, *business.turn())
        with checker.watched():
            process = business.start("score")
            business.wait_for_writer_lock(is_held=True)
            if number % 2:  # from the lock on it mostly loads the model; the rows take 0.1 s
                wait("a run", lambda: business.rows(UNFINISHED, NIGHT))
            time.sleep(dice.uniform(0, 0.1 if number % 2 else 1))
            business.kill(process)
            business.wait_until_noticed()
            checker.check(checker.old)
            unfinished = business.rows(UNFINISHED, NIGHT)
            left[unfinished[0][0] if unfinished else "nothing"] += 1
            business.finish()
        checker.check_finished(checker.new)
        polls += checker.polls
    assert left["staging"] > 0
    outcome = "old list; {nothing} left nothing, {staging} half a run, {staged} a whole one"
    tell("score: kill -9 at a random moment", outcome, polls, times, **left)


@pytest.mark.slow
def test_features_killed_at_a_random_moment(business: Business, tell: Tell) -> None:
    """Models and their tests are cut anywhere; the list stays and the build is repeated whole."""
    dice = random.Random(SEED)
    polls, times = 0, 8
    for _ in range(times):
        old = business.seen(NIGHT)[2] or ""
        checker = Checker(business, NIGHT, old, old)
        with checker.watched():
            process = business.start("features")
            wait("a session of dbt", lambda: business.rows(DBT))
            time.sleep(dice.uniform(0, 3))
            business.kill(process)
            business.wait_until_noticed()
            checker.check(old)
            data.build_features(business.wired, POPULATION, [NIGHT], NIGHT)
            assert business.has_features(0)
            business.put_features(business.lists.index(old))
            business.finish()
        checker.check_finished(old)
        polls += checker.polls
    outcome = "old list; a re-run builds the same features"
    tell("features: kill -9 at a random moment", outcome, polls, times)
