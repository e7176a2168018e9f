"""One Airflow: first with a double of the `churn` command, then with customers who change."""

import base64
import contextlib
import json
import re
import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import psutil
import pytest
import requests

from pipelines.adapters.local import mlflow_server, postgres, servers
from pipelines.adapters.local.airflow_api import DONE, Task, as_conf
from pipelines.errors import ServiceFailed
from tests.e2e import airflow_home
from tests.e2e.airflow_home import AirflowHome, Told
from tests.e2e.canaries import Canaries, CommandLines
from tests.e2e.churn_home import SMALL, UNWATCHED, ChurnHome

TO_THE_LIST = [
    *("pull", "gate sources", "features", "gate features", "score", "gate scores", "publish"),
]
NIGHT = [*TO_THE_LIST, "outcomes", "drift"]
ASKING = "2026-01-31"  # the night on which the double of drift asks for a training
AUTOMATIC = 'policy = "automatic"'
OF_A_PERSON_READING = 5.0  # seconds
MARK = "kNrYairflow7c1e"  # in the address of the mail server and of the webhook
ANSWERS = (
    *("config", "connections", "variables", "dags", "dags/churn_nightly/details", "eventLogs"),
    *("dagSources/churn_nightly", "dags/~/dagRuns/~/taskInstances", "dags/~/dagRuns", "plugins"),
    "dags/churn_nightly/dagRuns/~/taskInstances/~/xcomEntries",
)

Ended = tuple[str, dict[str, Task], list[str]]  # state, tasks by name, calls of the double


@pytest.fixture(scope="module")
def installation(churn_home: ChurnHome) -> Iterator[AirflowHome]:
    """Airflow and MLflow, started once; whatever calls `churn` there calls the double."""
    mail = {"email_to = []": 'email_to = ["oncall@example.com"]'}
    other = {"[training]": f"{airflow_home.OTHER_SETTINGS}[training]"}
    churn_home.configure({**SMALL, **UNWATCHED, **mail, **other})
    began_at = datetime.now(UTC)
    try:
        yield AirflowHome(churn_home, airflow_home.up(churn_home)[0], began_at)
    finally:
        servers.down(home=churn_home.home)


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """A mail server and a webhook that remember."""
    with airflow_home.listening(MARK) as found:
        yield found


@pytest.fixture(scope="module")
def real(installation: AirflowHome, told: Told, today: date) -> AirflowHome:
    """The same with the command itself: 4,000 customers who changed three days ago, a champion."""
    churn_home = installation.churn_home
    churn_home.environ |= told.environ
    changed = today - timedelta(days=3)
    before = changed - timedelta(days=1)
    churn_home.churn(
        *("load-demo", "--customers", 4000, "--months", 14, "--as-of", today),
        *("--drift-from", changed),
    )
    latest = before - timedelta(days=30)
    churn_home.churn(
        *("backfill", "--from", latest - timedelta(days=240), "--to", latest),
        *("--every", 30, "--as-of", before),
    )
    churn_home.churn("train", "--as-of", before)
    # After a backfill Airflow takes today's night for due, and runs it by itself: with the double.
    nights = installation.api.runs
    _until(lambda: {run["state"] for run in nights("churn_nightly")} <= DONE, seconds=60)
    (installation.home / "real").touch()
    installation.up()

    return installation


def test_every_interface_answers(installation: AirflowHome) -> None:
    """Airflow, MLflow and the pages of nights are served at the addresses that `up` returns."""
    found = installation.addresses
    login = (found.mlflow_user, found.mlflow_password)
    for url, auth, status in (
        (found.airflow_url, None, 200),
        (found.mlflow_url, login, 200),
        (found.mlflow_url, None, 401),
        (f"{found.pages_url}/health", None, 200),
        (f"{found.pages_url}/reports/", None, 401),
        (f"{found.pages_url}/reports/", (found.pages_user, found.pages_password), 404),
    ):
        answer = requests.get(url, auth=auth, timeout=30, proxies={"http": ""})
        assert answer.status_code == status


# A token of the user admin that says it needs no signature (RFC 7519, 6).
UNSIGNED = (
    ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "none"}, {"sub": "admin"})
    )
    + "."
)


@pytest.mark.parametrize("token", [None, "", "x.y.z", UNSIGNED])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "dags"),
        ("GET", "variables"),
        ("GET", "connections"),
        ("GET", "config"),
        ("GET", "dags/churn_nightly/dagRuns"),
        ("POST", "dags/churn_nightly/dagRuns"),
        ("PATCH", "dags/churn_nightly"),
        ("POST", "variables"),
    ],
)
def test_airflow_answers_nobody_without_a_token(
    installation: AirflowHome, method: str, path: str, token: str | None
) -> None:
    """Nothing is read, started, paused or written, nor with a token nobody has signed."""
    answer = requests.request(
        method,
        f"{installation.addresses.airflow_url}/api/v2/{path}",
        headers={} if token is None else {"Authorization": f"Bearer {token}"},
        json=None if method == "GET" else {"logical_date": None, "key": "x", "value": "x"},
        timeout=30,
        proxies={"http": ""},
    )

    assert answer.status_code in {401, 403}, answer.text


def test_no_login_is_guessed(installation: AirflowHome) -> None:
    """The users and passwords that Airflow's documentation names open nothing."""
    url = f"{installation.addresses.airflow_url}/auth/token"
    for password in ("admin", "airflow", "", "password"):
        answer = requests.post(
            url,
            json={"username": "admin", "password": password},
            timeout=30,
            proxies={"http": ""},
        )
        assert answer.status_code in {400, 401, 422}, answer.text


def test_secrets_are_their_owners(installation: AirflowHome) -> None:
    """Keys and passwords are readable by nobody else, and on no command line."""
    secret = [installation.home / "airflow" / name for name in ("keys.json", "passwords.json")]
    password = (postgres.state_folder(installation.home) / "password").read_text()

    assert [stat.S_IMODE(path.stat().st_mode) for path in secret] == [0o600, 0o600]
    running = [process for process in installation.family() if _is_running(process)]
    lines = [" ".join(process.cmdline()) for process in running]
    assert len(lines) >= 4
    assert not [line for line in lines if password in line]
    assert installation.addresses.password not in repr(installation.addresses)


def test_nothing_runs_that_nobody_asked_for(installation: AirflowHome) -> None:
    """DAGs are on from the start, and still no night of the past is run."""
    runs = installation.api.runs("churn_nightly") + installation.api.runs("churn_train")

    scheduled = [run for run in runs if run["run_type"] == "scheduled"]
    earliest = installation.began_at - timedelta(minutes=5)
    assert [run for run in scheduled if datetime.fromisoformat(run["run_after"]) < earliest] == []


@pytest.mark.story
def test_backfill_runs_each_of_its_days(installation: AirflowHome) -> None:
    """Three past days are three runs, each for its own day."""
    days = ["2026-02-26", "2026-02-27", "2026-02-28"]

    installation.api.backfill("churn_nightly", date(2026, 2, 26), date(2026, 2, 28))

    every = len(NIGHT) + len(["report", "notify"])
    _until(lambda: all(len(installation.calls(day)) == every for day in days), seconds=120)


@pytest.mark.story
def test_night_by_hand_without_a_date_is_todays(installation: AirflowHome) -> None:
    """Pressing the button runs every command once, in order, for today's date in UTC."""
    before = datetime.now(UTC).date().isoformat()

    _, state, tasks = installation.run("churn_nightly", None)

    after = datetime.now(UTC).date().isoformat()
    other = airflow_home.OTHER
    calls = installation.calls(before, other) or installation.calls(after, other)
    assert state == "success"
    assert calls[: len(NIGHT)] == NIGHT
    assert sorted(calls[len(NIGHT) :]) == ["notify", "report"]
    assert tasks["train"].state == "skipped"


@pytest.fixture(scope="module")
def asking(installation: AirflowHome) -> Ended:
    """How the night of ASKING ended, by hand: score fails once, drift asks for a training."""
    mark = "$CHURN_HOME/failed-once"
    installation.order("score", ASKING, f'[ -f "{mark}" ] || {{ touch "{mark}"; code=1; }}')
    installation.order("drift", ASKING, "verdict='training requested'")
    _, state, tasks = installation.run("churn_nightly", ASKING)

    return state, tasks, installation.calls(ASKING)


def test_night_by_hand_for_a_day(asking: Ended) -> None:
    """A named day goes to every command."""
    state, _, calls = asking
    night = [command for command in calls if command not in {"train", "promote"}]

    assert state == "success"
    assert sorted([*NIGHT, "score", "notify", "report"]) == sorted(night)


def test_passing_fault_is_tried_again(asking: Ended) -> None:
    """A command that fails once and then works costs a retry, not the night."""
    state, tasks, calls = asking

    assert (state, tasks["score"].try_number) == ("success", 2)
    until = NIGHT.index("score") + 1
    assert [*NIGHT[:until], *NIGHT[until - 1 :]] == calls[: len(NIGHT) + 1]


def test_failed_gate_fails_the_run_and_still_notifies(installation: AirflowHome) -> None:
    """After the gate only report and notify run; it is tried once, and its reason can be read."""
    installation.order("gate features", "2026-03-01", "echo 'refused: 12 rows too many'; code=21")

    run_id, state, tasks = installation.run("churn_nightly", "2026-03-01")

    assert state == "failed"
    until, after = NIGHT[: NIGHT.index("score")], installation.calls("2026-03-01")
    assert until == after[: len(until)]
    assert ["notify", "report"] == sorted(after[len(until) :])
    assert (tasks["gate_features"].state, tasks["gate_features"].try_number) == ("failed", 1)
    assert (tasks["publish"].state, tasks["notify"].state) == ("upstream_failed", "success")
    log = installation.api.log_tail("churn_nightly", run_id, tasks["gate_features"], lines=100)
    assert "refused: 12 rows too many" in log


@pytest.mark.story
def test_failed_report_is_not_hidden(installation: AirflowHome) -> None:
    """A leaf that fails fails the run, though notify succeeds."""
    installation.order("report", "2026-03-02", "code=32")

    _, state, tasks = installation.run("churn_nightly", "2026-03-02")

    assert (state, tasks["report"].state, tasks["notify"].state) == ("failed", "failed", "success")


@pytest.mark.story
def test_unclear_verdict_is_a_failure(installation: AirflowHome) -> None:
    """A last line of drift that says neither yes nor no is not taken for no."""
    installation.order("drift", "2026-03-04", "verdict='Segmentation fault'")

    _, state, tasks = installation.run("churn_nightly", "2026-03-04")

    assert (state, tasks["train"].state) == ("failed", "upstream_failed")


@pytest.mark.story
def test_drift_starts_one_training(installation: AirflowHome, asking: Ended) -> None:
    """A request for a training starts churn_train for that day, and a repeated night none more."""
    states = [asking[0], installation.run("churn_nightly", ASKING)[1]]
    _until(lambda: installation.calls(ASKING).count("promote") == 1, seconds=60)

    trainings = [
        run for run in installation.api.runs("churn_train") if run["run_type"] != "scheduled"
    ]
    assert states == ["success", "success"]
    assert [run["conf"] for run in trainings] == [{"as_of": ASKING, "population": "subscribers"}]
    assert installation.calls(ASKING).count("train") == 1


@pytest.fixture
def approving(installation: AirflowHome) -> Iterator[None]:
    """The policy that asks a person, once Airflow has read it; and the usual one again after."""
    path = installation.home / "churn.toml"
    usual = path.read_text()
    assert usual.count(AUTOMATIC) == 1
    try:
        path.write_text(usual.replace(AUTOMATIC, 'policy = "approval"'))
        _until(lambda: "ask" in _tasks_of_training(installation), seconds=120)
        yield
    finally:
        path.write_text(usual)
        _until(lambda: "ask" not in _tasks_of_training(installation), seconds=120)


@pytest.mark.story
@pytest.mark.usefixtures("approving")
@pytest.mark.parametrize(
    ("day", "answer", "option"),
    [("2026-03-05", "Approve", "--approved-by"), ("2026-03-06", "Reject", "--rejected-by")],
)
def test_a_person_is_asked_and_named(
    installation: AirflowHome, day: str, answer: str, option: str
) -> None:
    """The run waits without a triggerer; who answers is told to the command that promotes."""
    installation.order(
        "promote", day, '[ $# -gt 5 ] || code=34; echo "$6 $7" > "$CHURN_HOME/answer"'
    )
    conf = {"as_of": day, "population": "subscribers"}
    run_id = installation.api.trigger("churn_train", conf=conf)
    run = f"dags/churn_train/dagRuns/{run_id}"

    def state(task_id: str) -> str | None:
        return {each.task_id: each.state for each in installation.api.tasks("churn_train", run_id)}[
            task_id
        ]

    _until(lambda: state("ask") == "awaiting_input", seconds=120)
    # Airflow 3.3 takes an answer within the second in which the asking worker ends for a task that
    # was killed: its worker's "success" meets a task that is queued again.
    time.sleep(OF_A_PERSON_READING)
    assert "triggerer" not in installation.pids()
    assert ("running", ["train", "promote"]) == (
        installation.api.state("churn_train", run_id),
        installation.calls(day),
    )
    installation.api._call(
        "PATCH", f"{run}/taskInstances/ask/-1/hitlDetails", json={"chosen_options": [answer]}
    )

    ended = installation.api.wait(
        "churn_train", run_id, progress=lambda _: None, timeout_seconds=120
    )
    assert ended == "success", installation.api.tasks("churn_train", run_id)
    assert ["train", "promote", "promote"] == installation.calls(day)
    told = (installation.home / "answer").read_text()
    assert f"{option} {installation.addresses.user}\n" == told


def _tasks_of_training(installation: AirflowHome) -> set[str]:
    """Return the tasks churn_train has by now."""
    found = installation.api._call("GET", "dags/churn_train/tasks")["tasks"]

    return {task["task_id"] for task in found}


@pytest.mark.parametrize("as_of", ["2026-02-30", "2026-03-01; id", "yesterday"])
def test_day_that_is_none_is_refused(installation: AirflowHome, as_of: str) -> None:
    """A wrong date starts no run."""
    before = len(installation.api.runs("churn_nightly"))

    with pytest.raises(ServiceFailed, match="answered 4"):
        installation.api.trigger("churn_nightly", conf={"as_of": as_of})

    assert len(installation.api.runs("churn_nightly")) == before


def test_up_again_keeps_what_runs(installation: AirflowHome) -> None:
    """A second `up` is quick and starts no process."""
    before = installation.pids()
    began = time.monotonic()

    told = installation.up()

    assert installation.pids() == before
    assert told[-1].startswith("running already")
    assert time.monotonic() - began < 10


@pytest.mark.story
def test_changed_environment_restarts(
    installation: AirflowHome, churn_home: ChurnHome, told: Told
) -> None:
    """`up` with another Slack address gives the tasks that address, at the same ports."""
    before = installation.pids()

    churn_home.environ |= told.environ
    lines = installation.up()

    assert lines[-1].startswith("started")
    assert set(installation.pids()) == set(before)
    assert installation.pids()["scheduler"] != before["scheduler"]
    assert installation.api.answers()


@pytest.mark.story
def test_the_command_keeps_what_runs_and_says_where_it_is(
    real: AirflowHome, churn_home: ChurnHome
) -> None:
    """`churn up` starts nothing anew, and prints the addresses and the login."""
    before = real.pids()
    found = re.search(r"(http://\S+)  \(login (\S+) / (\S+)\)", churn_home.churn("up"))

    assert found is not None
    assert (real.addresses.airflow_url, real.addresses.user, real.addresses.password) == (
        found.groups()
    )
    assert before == real.pids()


def trainings(installation: AirflowHome) -> list[str]:
    """Return the runs of churn_train that nobody scheduled."""
    runs = installation.api.runs("churn_train")

    return [run["dag_run_id"] for run in runs if run["run_type"] != "scheduled"]


def keep_the_list(installation: AirflowHome, as_of: date) -> None:
    """Let the double stand in for what publishes a list that is out: the rest stays the command."""
    for command in TO_THE_LIST:
        installation.order(command, str(as_of), "")


@pytest.mark.story
def test_a_night_before_the_change_is_quiet(
    real: AirflowHome, churn_home: ChurnHome, told: Told, today: date
) -> None:
    """Triggered by hand with a date: that date is judged, nobody is told, nothing is trained."""
    before = trainings(real)
    quiet = today - timedelta(days=4)
    for command in TO_THE_LIST:
        churn_home.churn(*command.split(), "--as-of", quiet)
    keep_the_list(real, quiet)
    run = real.api.trigger("churn_nightly", conf=as_conf(as_of=quiet, population="subscribers"))

    assert "success" == real.api.wait("churn_nightly", run, progress=lambda _: None)
    assert TO_THE_LIST == real.calls(str(quiet))
    assert [[str(quiet), "quiet", "False"]] == churn_home.rows(
        "select as_of, verdict, is_training_requested from churn.drift_verdicts"
    )
    assert ([], []) == (told.subjects, told.posts)
    assert before == trainings(real)
    handed = (real.home / "logs" / "resident.log").read_text("utf-8")
    assert {"outcomes", "drift", "report", "notify"} <= {
        *re.findall(r"(?m)^.{20}(\w+) ended with 0 after", handed)
    }


@pytest.mark.story
def test_the_morning_is_watched_apart_from_the_night(real: AirflowHome) -> None:
    """By a DAG of its own, for what has a deadline; here nothing has."""
    run = real.api.trigger("churn_watch", conf={})

    assert "success" == real.api.wait("churn_watch", run, progress=lambda _: None)


@pytest.mark.story
def test_after_the_change_people_are_told_once_and_a_challenger_is_trained_and_judged(
    real: AirflowHome, churn_home: ChurnHome, told: Told
) -> None:
    """Triggered by hand without a date: today is scored, an alert goes out, one training runs."""
    airflow, before = real.api, {*trainings(real)}
    # Drift is what lasts: of the night before nobody was told yet.
    churn_home.churn("run", "--as-of", datetime.now(UTC).date() - timedelta(days=1))
    assert ([], []) == (told.subjects, told.posts)
    run = airflow.trigger("churn_nightly")
    assert "success" == airflow.wait("churn_nightly", run, progress=lambda _: None)
    day = datetime.now(UTC).date()

    assert [[str(day)]] == churn_home.rows("select max(score_date) from churn.scores_current")
    assert [["drifted", "True"]] == churn_home.rows(
        f"select verdict, is_training_requested from churn.drift_verdicts where as_of = '{day}'"
    )
    told_by = [
        [kind, channel, "True"]
        for kind in ("drift", "retraining")
        for channel in ("email", "slack")
    ]
    assert told_by == churn_home.rows(
        "select alert.kind, delivery.channel, delivery.error is null from churn.alerts as alert "
        "left join churn.alert_deliveries as delivery using (alert_id) order by 1, 2"
    )
    assert len(told.subjects) == len(told.posts) == 1

    _until(lambda: {*trainings(real)} - before, seconds=60)
    (training,) = {*trainings(real)} - before
    assert "success" == airflow.wait("churn_train", training, progress=lambda _: None)
    assert [["2", "1"]] == churn_home.rows(
        "select challenger_version, champion_version from churn.model_promotions "
        "where champion_version is not null"
    )

    keep_the_list(real, day)
    again = airflow.trigger("churn_nightly", conf=as_conf(as_of=day, population="subscribers"))
    assert "success" == airflow.wait("churn_nightly", again, progress=lambda _: None)
    assert TO_THE_LIST == real.calls(str(day))[-len(TO_THE_LIST) :]
    assert {training} == {*trainings(real)} - before
    assert len(told.subjects) == len(told.posts) == 1


@pytest.mark.story
def test_no_secret_is_anywhere_but_in_its_own_file(
    real: AirflowHome, churn_home: ChurnHome
) -> None:
    """Not in logs, databases, command lines or what Airflow answers; its files are 0600."""
    home = churn_home.home
    own = [home / "airflow" / "keys.json", home / "airflow" / "passwords.json"]
    held = {key: value for path in own for key, value in json.loads(path.read_text()).items()}
    state = postgres.state_folder(home)
    files = {
        "embedded": state / "password",
        "owner": postgres.owner_password(state),
        "mlflow": mlflow_server.password_file(home),
    }
    held |= {name: path.read_text() for name, path in files.items()}
    canaries = Canaries({**held, "address": MARK})
    expected = [f"{key} in {path.relative_to(home)}" for path in own
                for key in json.loads(path.read_text())]  # fmt: skip
    expected += [f"{name} in {path.relative_to(home)}" for name, path in files.items()]
    with CommandLines(canaries) as lines:
        time.sleep(1)
    server = f"postgresql://churn:{held['embedded']}@127.0.0.1:{(state / 'port').read_text()}"
    airflow = real.api
    assert airflow.runs("churn_nightly")  # now it is logged in
    answers = {path: airflow._send("GET", f"api/v2/{path}") for path in ANSWERS}

    assert len(held) == 7
    assert {0o600} == {path.stat().st_mode & 0o777 for path in [*own, *files.values()]}
    assert sorted(expected) == sorted(canaries.in_files(home))
    assert [] == [
        hit
        for name in ("churn", "mlflow", "airflow")
        for hit in canaries.in_database(f"{server}/{name}")
    ]
    assert any("scheduler" in line for line in lines.seen)
    assert set() == lines.found
    assert {path for path in ANSWERS if path != "config"} == {
        path for path, answer in answers.items() if answer.ok
    }
    assert [] == [
        hit for path, answer in answers.items() for hit in canaries.in_text(path, answer.text)
    ]


@pytest.mark.story
def test_down_leaves_nothing(real: AirflowHome, churn_home: ChurnHome) -> None:
    """`churn down` ends servers, workers, and a running command with what that started."""
    script = 'sleep 600 & echo $! > "$CHURN_HOME/sleeper"; sleep 600'
    real.order("score", "2026-03-06", script)
    (real.home / "real").unlink()
    conf = as_conf(as_of=date(2026, 3, 6), population="subscribers")
    real.api.trigger("churn_nightly", conf=conf)
    _until((real.home / "sleeper").exists, seconds=60)
    family = real.family()
    sleeper = psutil.Process(int((real.home / "sleeper").read_text()))
    assert len(family) >= 10
    assert sleeper.is_running()
    assert real.api.answers()

    ended = churn_home.churn("down")

    assert (
        ended == "ended: api-server, dag-processor, mlflow, pages, resident, scheduler, service, "
        "postgresql\n"
    )
    assert [process for process in [*family, sleeper] if _is_running(process)] == []
    assert servers.down(home=real.home) == []
    assert not real.api.answers()
    assert "nothing is running" in churn_home.churn("status")


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
