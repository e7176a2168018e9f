"""Airflow dies in the middle of a night: its worker, then its scheduler; the night ends once."""

import contextlib
import json
import re
import time
from collections.abc import Iterator

import psutil
import pytest

from pipelines.adapters.local.airflow_api import Airflow, as_conf
from tests.e2e.at_rest import UNTIL
from tests.e2e.churn_home import CHURN, UNWATCHED
from tests.faults.business import NO_SCORES_WRITTEN, POPULATION, Business, no_flip
from tests.faults.checker import Checker
from tests.faults.conftest import Tell

DAG = "churn_nightly"
ALIVE = ("queued", "running")
SESSION = (
    "select application_name from pg_stat_activity "
    "where application_name like %s and wait_event_type = 'Lock'"
)
STAGED = "select 1 from churn.score_runs where as_of = %s and status = 'staged'"
# A task whose worker is gone is given up after 120 s without a sign of life, and tried again.
NIGHT_SECONDS = 900


def started(business: Business) -> Airflow:
    """Start what does not run of Airflow, and log in."""
    said = business.churn_home.churn("up")
    found = re.search(r"(http://\S+)  \(login (\S+) / (\S+)\)", said)
    assert found is not None

    return Airflow(*found.groups())


@pytest.fixture
def airflow(business: Business) -> Iterator[Airflow]:
    """Airflow, which runs until the test is over; nobody watches for the list of today."""
    business.churn_home.configure(UNWATCHED)
    yield started(business)
    business.churn_home.churn("down")


def held_up(business: Business, command: str, airflow: Airflow, run: str) -> psutil.Process:
    """Return the process of a task's command that waits for what we hold."""
    while not (waiting := business.rows(SESSION, f"churn {command} %")):
        assert airflow.state(DAG, run) in ALIVE, airflow.tasks(DAG, run)
        time.sleep(0.2)
    found = re.search(r"process (\d+) on", waiting[0][0])
    assert found is not None

    return psutil.Process(int(found[1]))


def scheduler(business: Business) -> psutil.Process:
    """Return Airflow's scheduler."""
    record = json.loads((business.churn_home.home / "run/scheduler.pid.json").read_text())

    return psutil.Process(record["pid"])


def killed(processes: list[psutil.Process]) -> None:
    """End processes as a power cut would."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=60)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_worker_and_scheduler_die_in_one_night(
    business: Business, airflow: Airflow, tell: Tell
) -> None:
    """
    Score dies with its task, publish with the scheduler: one list, as if nothing had been.

    What a task handed over ends with whoever handed it over.
    """
    checker = Checker(business, UNTIL, None, None)
    run = airflow.trigger(DAG, conf=as_conf(as_of=UNTIL, population=POPULATION))

    with business.held(NO_SCORES_WRITTEN):
        command = held_up(business, "score", airflow, run)
        (handing,) = (
            each
            for each in scheduler(business).children(recursive=True)
            if {"score", str(CHURN)} <= {*each.cmdline()}
        )
        task = handing.parent()
        assert task is not None
        assert "airflow" in " ".join(task.cmdline())
        killed([handing, task])
        gone, _ = psutil.wait_procs([command], timeout=20)
        assert [command] == gone
        checker.check(None)

    while not business.rows(STAGED, UNTIL):
        assert airflow.state(DAG, run) in ALIVE, airflow.tasks(DAG, run)
        time.sleep(0.02)
    with business.held(no_flip(UNTIL)):
        held_up(business, "publish", airflow, run)
        dying = scheduler(business)
        killed([dying, *dying.children(recursive=True)])
        checker.check(None)
    started(business)

    state = airflow.wait(DAG, run, progress=lambda _: None, timeout_seconds=NIGHT_SECONDS)
    assert state == "success"
    tries = {task.task_id: task.try_number for task in airflow.tasks(DAG, run)}
    assert (2, 2) == (tries["score"], tries["publish"])
    raised = [kind for kind, _, _ in checker.raised()]
    assert len(raised) <= 1
    published = "select run_id from churn.score_runs where as_of = %s and status = 'published'"
    before, shown = business.rows(published, UNTIL), business.seen(UNTIL)[2]
    assert len(before) == 1
    business.stage(UNTIL)
    business.work("publish", as_of=UNTIL)
    assert before == business.rows(published, UNTIL)
    checker.check_finished(shown, alerts=raised)
    tell("Airflow: worker, then scheduler kill -9", "tried again; one list, published once")
