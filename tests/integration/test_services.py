"""Airflow and MLflow as `make up` starts them, with a double of the `churn` command."""

import contextlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import requests

from pipelines.adapters.local import postgres
from pipelines.adapters.local import servers as services
from pipelines.adapters.local.airflow_api import Airflow, Task, as_conf
from pipelines.errors import ServiceFailed
from pipelines.settings import ROOT

NIGHT = [
    "gate sources",
    "features",
    "gate features",
    "score",
    "gate scores",
    "publish",
    "outcomes",
    "drift",
]

# Records how it was called, ends with the code it is told to for a command and day, or sleeps.
CHURN = """#!/bin/sh
name=$1; [ "$1" = gate ] && { name="$1 $2"; shift; }
echo "$name|$3|$5" >> "$CHURN_HOME/calls"
orders="$CHURN_HOME/orders/$name $5"
if [ -f "$orders" ]; then . "$orders"; fi
if [ "$name" = drift ]; then echo "${verdict:-no training requested}"; fi
exit "${code:-0}"
"""


@dataclass(frozen=True)
class Installation:
    """Everything running, on a PostgreSQL and in a state folder of its own."""

    home: Path
    server_url: str
    commands: Path
    addresses: services.Addresses
    began_at: datetime

    @property
    def api(self) -> Airflow:
        """A client that logs in like a person."""
        found = self.addresses

        return Airflow(found.airflow_url, found.user, found.password)

    def up(self, environ: dict[str, str] | None = None) -> list[str]:
        """Start again; return the lines of progress."""
        told: list[str] = []
        services.up(
            root=ROOT,
            home=self.home,
            server_url=self.server_url,
            environ={**os.environ, **(environ or {})},
            progress=told.append,
            commands=self.commands,
        )

        return told

    def order(self, command: str, as_of: str, script: str) -> None:
        """Tell the double what to do when it is called with *command* for that day."""
        (self.home / "orders").mkdir(exist_ok=True)
        (self.home / "orders" / f"{command} {as_of}").write_text(script)

    def calls(self, as_of: str, population: str = "subscribers") -> list[str]:
        """Return the commands that were called for a day and population, in order."""
        lines = [line.split("|") for line in (self.home / "calls").read_text().splitlines()]

        return [command for command, *asked in lines if asked == [population, as_of]]

    def run(self, dag_id: str, as_of: str | None) -> tuple[str, str, dict[str, Task]]:
        """
        Start a run by hand and wait; return its id, its state and its tasks by name.

        One without a day is of another population: a real 03:00 may come while the tests run.
        """
        conf = {"as_of": as_of} if as_of else {"population": "retail"}
        run_id = self.api.trigger(dag_id, conf=conf)
        state = self.api.wait(dag_id, run_id, progress=lambda _: None, timeout_seconds=120)

        return run_id, state, {task.task_id: task for task in self.api.tasks(dag_id, run_id)}

    def pids(self) -> dict[str, int]:
        """Return the pid of each service."""
        records = [json.loads(path.read_text()) for path in (self.home / "run").glob("*.pid.json")]

        return {record["name"]: record["pid"] for record in records}

    def family(self) -> list[psutil.Process]:
        """Return the services and everything that descends from them."""
        roots = [psutil.Process(pid) for pid in self.pids().values()]

        return [*roots, *(child for root in roots for child in root.children(recursive=True))]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Airflow and MLflow, started once."""
    with tempfile.TemporaryDirectory(prefix="churn-services-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        commands = home / "commands"
        commands.mkdir()
        (commands / "churn").write_text(CHURN)
        (commands / "churn").chmod(0o755)
        (home / "calls").touch()
        began_at = datetime.now(UTC)
        try:
            server_url = postgres.start(home)
            addresses = services.up(
                root=ROOT,
                home=home,
                server_url=server_url,
                environ=os.environ,
                progress=lambda _: None,
                commands=commands,
            )
            yield Installation(home, server_url, commands, addresses, began_at)
        finally:
            services.down(home=home)
            postgres.stop(home)


def test_both_interfaces_answer(installation: Installation) -> None:
    """Airflow's and MLflow's pages are served at the addresses that `up` returns."""
    for url in (installation.addresses.airflow_url, installation.addresses.mlflow_url):
        assert requests.get(url, timeout=30, proxies={"http": ""}).status_code == 200


def test_secrets_are_their_owners(installation: Installation) -> None:
    """Keys and passwords are readable by nobody else, and on no command line."""
    secret = [installation.home / "airflow" / name for name in ("keys.json", "passwords.json")]
    password = installation.server_url.split(":")[2].split("@")[0]

    assert [stat.S_IMODE(path.stat().st_mode) for path in secret] == [0o600, 0o600]
    running = [process for process in installation.family() if _is_running(process)]
    lines = [" ".join(process.cmdline()) for process in running]
    assert len(lines) >= 4
    assert not [line for line in lines if password in line]
    assert installation.addresses.password not in repr(installation.addresses)


def test_nothing_runs_that_nobody_asked_for(installation: Installation) -> None:
    """DAGs are on from the start, and still no night of the past is run."""
    runs = installation.api.runs("churn_nightly") + installation.api.runs("churn_train")

    scheduled = [run for run in runs if run["run_type"] == "scheduled"]
    earliest = installation.began_at - timedelta(minutes=5)
    assert [run for run in scheduled if datetime.fromisoformat(run["run_after"]) < earliest] == []


def test_night_by_hand_without_a_date_is_todays(installation: Installation) -> None:
    """Pressing the button runs every command once, in order, for today's date in UTC."""
    before = datetime.now(UTC).date().isoformat()

    _, state, tasks = installation.run("churn_nightly", None)

    after = datetime.now(UTC).date().isoformat()
    calls = installation.calls(before, "retail") or installation.calls(after, "retail")
    assert state == "success"
    assert calls[:8] == NIGHT
    assert sorted(calls[8:]) == ["notify", "report"]
    assert tasks["train"].state == "skipped"


def test_night_by_hand_for_a_day(installation: Installation) -> None:
    """A named day goes to every command."""
    _, state, _ = installation.run("churn_nightly", "2026-01-31")

    assert state == "success"
    assert len(installation.calls("2026-01-31")) == 10


def test_backfill_runs_each_of_its_days(installation: Installation) -> None:
    """Three past days are three runs, each for its own day."""
    days = ["2026-02-26", "2026-02-27", "2026-02-28"]

    installation.api.backfill("churn_nightly", date(2026, 2, 26), date(2026, 2, 28))

    _until(lambda: all(len(installation.calls(day)) == 10 for day in days), seconds=120)


def test_failed_gate_fails_the_run_and_still_notifies(installation: Installation) -> None:
    """After the gate only notify runs, the gate is tried once, and its reason can be read."""
    installation.order("gate features", "2026-03-01", "echo 'refused: 12 rows too many'; code=21")

    run_id, state, tasks = installation.run("churn_nightly", "2026-03-01")

    assert state == "failed"
    assert installation.calls("2026-03-01") == [*NIGHT[:3], "notify"]
    assert (tasks["gate_features"].state, tasks["gate_features"].try_number) == ("failed", 1)
    assert (tasks["publish"].state, tasks["notify"].state) == ("upstream_failed", "success")
    log = installation.api.log_tail("churn_nightly", run_id, tasks["gate_features"], lines=100)
    assert "refused: 12 rows too many" in log


def test_failed_report_is_not_hidden(installation: Installation) -> None:
    """A leaf that fails fails the run, though notify succeeds."""
    installation.order("report", "2026-03-02", "code=32")

    _, state, tasks = installation.run("churn_nightly", "2026-03-02")

    assert (state, tasks["report"].state, tasks["notify"].state) == ("failed", "failed", "success")


def test_passing_fault_is_tried_again(installation: Installation) -> None:
    """A command that fails once and then works costs a retry, not the night."""
    mark = "$CHURN_HOME/failed-once"
    installation.order("score", "2026-03-03", f'[ -f "{mark}" ] || {{ touch "{mark}"; code=1; }}')

    _, state, tasks = installation.run("churn_nightly", "2026-03-03")

    assert (state, tasks["score"].try_number) == ("success", 2)


def test_unclear_verdict_is_a_failure(installation: Installation) -> None:
    """A last line of drift that says neither yes nor no is not taken for no."""
    installation.order("drift", "2026-03-04", "verdict='Segmentation fault'")

    _, state, tasks = installation.run("churn_nightly", "2026-03-04")

    assert (state, tasks["train"].state) == ("failed", "upstream_failed")


def test_drift_starts_one_training(installation: Installation) -> None:
    """A request for a training starts churn_train for that day, and a repeated night none more."""
    installation.order("drift", "2026-03-05", "verdict='training requested'")

    states = [installation.run("churn_nightly", "2026-03-05")[1] for _ in range(2)]
    _until(lambda: installation.calls("2026-03-05").count("promote") == 1, seconds=60)

    trainings = [
        run for run in installation.api.runs("churn_train") if run["run_type"] != "scheduled"
    ]
    assert states == ["success", "success"]
    assert [run["conf"] for run in trainings] == [
        {"as_of": "2026-03-05", "population": "subscribers"}
    ]
    assert installation.calls("2026-03-05").count("train") == 1


@pytest.mark.parametrize("as_of", ["2026-02-30", "2026-03-01; id", "yesterday"])
def test_day_that_is_none_is_refused(installation: Installation, as_of: str) -> None:
    """A wrong date starts no run."""
    before = len(installation.api.runs("churn_nightly"))

    with pytest.raises(ServiceFailed, match="answered 4"):
        installation.api.trigger("churn_nightly", conf={"as_of": as_of})

    assert len(installation.api.runs("churn_nightly")) == before


def test_up_again_keeps_what_runs(installation: Installation) -> None:
    """A second `up` is quick and starts no process."""
    before = installation.pids()
    began = time.monotonic()

    told = installation.up()

    assert installation.pids() == before
    assert told[-1].startswith("running already")
    assert time.monotonic() - began < 10


def test_changed_environment_restarts(installation: Installation) -> None:
    """`up` with another Slack address gives the tasks that address, at the same ports."""
    before = installation.pids()

    told = installation.up({"CHURN_SLACK_WEBHOOK_URL": "http://127.0.0.1:1/hook"})

    assert told[-1].startswith("started")
    assert set(installation.pids()) == set(before)
    assert installation.pids()["scheduler"] != before["scheduler"]
    assert installation.api.answers()


def test_down_leaves_no_process(installation: Installation) -> None:
    """`down` ends servers, workers, and a running command with what that started."""
    script = 'sleep 600 & echo $! > "$CHURN_HOME/sleeper"; sleep 600'
    installation.order("score", "2026-03-06", script)
    conf = as_conf(as_of=date(2026, 3, 6), population="subscribers")
    installation.api.trigger("churn_nightly", conf=conf)
    _until((installation.home / "sleeper").exists, seconds=60)
    family = installation.family()
    sleeper = psutil.Process(int((installation.home / "sleeper").read_text()))
    assert len(family) >= 10
    assert sleeper.is_running()

    ended = services.down(home=installation.home)

    assert ended == ["api-server", "dag-processor", "mlflow", "scheduler"]
    assert [process for process in [*family, sleeper] if _is_running(process)] == []
    assert services.down(home=installation.home) == []


def _is_running(process: psutil.Process) -> bool:
    """Tell whether a process is there and not merely unreaped."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)

    return False


def _until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Wait for *condition*, and fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
