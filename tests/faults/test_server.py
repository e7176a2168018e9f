"""The database restarts, or its disk is full: a sentence, the old list, and a night that works."""

import os
import signal
import subprocess

import pytest

from tests.e2e.at_rest import NIGHT
from tests.faults import disk
from tests.faults.business import NO_SCORES_WRITTEN, WAIT_SECONDS, Business
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

NO_FEATURES_READ = "lock table analytics.fct_customer_features in access exclusive mode"
SLOW = pytest.mark.slow
STORY = pytest.mark.story


@pytest.mark.parametrize(
    ("mode", "moment", "hold"),
    [
        pytest.param("immediate", "write", NO_SCORES_WRITTEN, id="immediate-write", marks=STORY),
        pytest.param("immediate", "read", NO_FEATURES_READ, id="immediate-read", marks=SLOW),
        pytest.param("fast", "write", NO_SCORES_WRITTEN, id="fast-write", marks=SLOW),
        pytest.param("fast", "read", NO_FEATURES_READ, id="fast-read", marks=SLOW),
    ],
)
def test_a_restart(business: Business, tell: Tell, mode: str, moment: str, hold: str) -> None:
    """The score in progress ends with 11 and a sentence; the next command starts the server."""
    checker = Checker(business, NIGHT, *business.turn())
    with checker.watched():
        with business.held(hold):
            process = business.start("score")
            business.wait_until_blocked()
            business.stop_server(mode)
            require_sentence(process)
        business.work()
    assert checker.outages > 0
    checker.check_finished(checker.new)
    tell(f"database: {mode} stop in mid-{moment}", "score exit 11; re-run works", checker.polls)


@pytest.mark.story
def test_the_writers_process_is_killed(business: Business, tell: Tell) -> None:
    """As by the kernel when memory runs out: the server restarts all its sessions, and goes on."""
    checker = Checker(business, NIGHT, *business.turn())
    with checker.watched():
        with business.held(NO_SCORES_WRITTEN):
            process = business.start("score")
            business.wait_until_blocked()
            ((pid,),) = business.rows("select pid from pg_locks where not granted")
            os.kill(pid, signal.SIGKILL)
            said = require_sentence(process)
        business.wait_until_answering()
        business.work()
    assert checker.outages > 0
    healed = [] if "failure_not_recorded" in said else ["failed_score"]
    checker.check_finished(checker.new, healed=healed)
    tell("database: its writer OOM-killed", "score exit 11; re-run works", checker.polls)


def test_a_full_disk(business: Business, tell: Tell) -> None:
    """No byte is free when score writes: it says so, and works when there is room again."""
    fault = "database: disk full (tmpfs) in mid-write"
    if not disk.can_be_mounted():
        tell(fault, "not tried, mounting takes root: the limit on files stands in", times=0)
        return
    checker = Checker(business, NIGHT, *business.turn())
    with disk.small(business) as data, checker.watched():
        with business.held(NO_SCORES_WRITTEN):
            process = business.start("score")
            business.wait_until_blocked()
            disk.fill(data)
        said = require_sentence(process)
        assert "No space left on device" in said
        disk.empty(data)
        healed = [] if "failure_not_recorded" in said else ["failed_score"]
        checker.check(checker.old, alerts=healed)
        business.work()
    checker.check_finished(checker.new, healed=healed)
    tell(fault, "score exit 11; re-run works", checker.polls)


@pytest.mark.slow
def test_files_that_cannot_grow(business: Business, tell: Tell) -> None:
    """The server may write no file beyond 8 kB: its log of changes fails it, and it ends."""
    checker = Checker(business, NIGHT, *business.turn())
    with checker.watched():
        with business.held(NO_SCORES_WRITTEN):
            process = business.start("score")
            business.wait_until_blocked()
            limited = disk.limit(business)
        try:
            require_sentence(process)
        finally:
            disk.free(limited)
        business.wait_until_answering()
        checker.check(checker.old)
        business.work()
    checker.check_finished(checker.new)
    tell("database: no file can grow in mid-write", "score exit 11; re-run works", checker.polls)


def require_sentence(process: subprocess.Popen[str]) -> str:
    """Require that a process ends with 11 and without a traceback; return what it said."""
    _, said = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 11, said
    assert "error: the warehouse failed" in said
    assert "Traceback" not in said, said

    return said
