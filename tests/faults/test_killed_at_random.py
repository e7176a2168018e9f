"""Whatever is killed when, people see the whole old list or the whole new one."""

import random
import time

import pytest

from pipelines.wiring import data
from tests.faults.business import NIGHT, POPULATION, Business
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

SEED = 20261001


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
