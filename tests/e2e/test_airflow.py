"""A real scheduler, mail server and webhook, on customers who begin to behave anew."""

import http.server
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from pipelines.adapters.local import postgres
from pipelines.adapters.local.airflow_api import Airflow, as_conf
from pipelines.adapters.local.processes import free_port
from tests.e2e.canaries import Canaries, CommandLines
from tests.e2e.churn_home import ChurnHome

MARK = "kNrYairflow7c1e"  # in the address of the mail server and of the webhook
ANSWERS = (
    *("config", "connections", "variables", "dags", "dags/churn_nightly/details", "eventLogs"),
    *("dagSources/churn_nightly", "dags/~/dagRuns/~/taskInstances", "dags/~/dagRuns", "plugins"),
    "dags/churn_nightly/dagRuns/~/taskInstances/~/xcomEntries",
)


@dataclass
class Inbox:
    """What a mail server took: the subjects."""

    subjects: list[str] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a message."""
        self.subjects.append(str(message_from_bytes(envelope.content or b"")["Subject"]))

        return "250 OK"


@dataclass
class Told:
    """Where alerts arrive."""

    inbox: Inbox
    smtp_url: str
    posts: list[str]
    webhook_url: str


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """A mail server and a webhook that remember."""
    inbox = Inbox()
    mail = Controller(
        inbox, hostname="127.0.0.1", port=free_port(), auth_require_tls=False,
        authenticator=lambda *_: AuthResult(success=True),
    )  # fmt: skip
    mail.start()
    posts: list[str] = []

    class Webhook(http.server.BaseHTTPRequestHandler):
        """Takes what is posted."""

        def do_POST(self) -> None:
            """Remember the text."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield Told(
        inbox,
        f"smtp://{MARK}:{MARK}@127.0.0.1:{mail.port}",
        posts,
        f"http://127.0.0.1:{web.server_port}/hook/{MARK}",
    )
    web.shutdown()
    mail.stop()


@pytest.fixture(scope="module")
def airflow(churn_home: ChurnHome, told: Told, today: date) -> Airflow:
    """Airflow over 4,000 customers whose behaviour changed three days ago, and a champion."""
    churn_home.configure({"email_to = []": 'email_to = ["oncall@example.com"]'})
    churn_home.environ |= {
        "CHURN_SMTP_URL": told.smtp_url,
        "CHURN_SLACK_WEBHOOK_URL": told.webhook_url,
    }
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

    found = re.search(r"(http://\S+)  \(login (\S+) / (\S+)\)", churn_home.churn("up"))
    assert found is not None

    return Airflow(*found.groups())


def test_a_night_before_the_change_is_quiet(
    airflow: Airflow, churn_home: ChurnHome, told: Told, today: date
) -> None:
    """Triggered by hand with a date: that date is published, nobody is told, nothing is trained."""
    quiet = today - timedelta(days=4)
    run = airflow.trigger("churn_nightly", conf=as_conf(as_of=quiet, population="subscribers"))

    assert "success" == airflow.wait("churn_nightly", run, progress=lambda _: None)
    assert [[str(quiet), "quiet", "False"]] == churn_home.rows(
        "select as_of, verdict, is_training_requested from churn.drift_verdicts"
    )
    assert ([], []) == (told.inbox.subjects, told.posts)
    assert [] == airflow.runs("churn_train")


def test_after_the_change_people_are_told_once_and_a_challenger_is_trained_and_judged(
    airflow: Airflow, churn_home: ChurnHome, told: Told
) -> None:
    """Triggered by hand without a date: today is scored, an alert goes out, one training runs."""
    run = airflow.trigger("churn_nightly")
    assert "success" == airflow.wait("churn_nightly", run, progress=lambda _: None)
    day = datetime.now(UTC).date()

    assert [[str(day)]] == churn_home.rows("select max(score_date) from churn.scores_current")
    assert [["drifted", "True"]] == churn_home.rows(
        f"select verdict, is_training_requested from churn.drift_verdicts where as_of = '{day}'"
    )
    assert [["drift", "email", "True"], ["drift", "slack", "True"]] == churn_home.rows(
        "select alert.kind, delivery.channel, delivery.error is null from churn.alerts as alert "
        "left join churn.alert_deliveries as delivery using (alert_id) order by 1, 2"
    )
    assert len(told.inbox.subjects) == len(told.posts) == 1

    deadline = time.monotonic() + 60
    while not airflow.runs("churn_train") and time.monotonic() < deadline:
        time.sleep(0.5)
    (training,) = airflow.runs("churn_train")
    assert "success" == airflow.wait("churn_train", training["dag_run_id"], progress=lambda _: None)
    assert [["2", "1"]] == churn_home.rows(
        "select challenger_version, champion_version from churn.model_promotions "
        "where champion_version is not null"
    )

    again = airflow.trigger("churn_nightly", conf=as_conf(as_of=day, population="subscribers"))
    assert "success" == airflow.wait("churn_nightly", again, progress=lambda _: None)
    assert 1 == len(airflow.runs("churn_train"))
    assert len(told.inbox.subjects) == len(told.posts) == 1


def test_no_secret_is_anywhere_but_in_its_own_file(airflow: Airflow, churn_home: ChurnHome) -> None:
    """Not in logs, databases, command lines or what Airflow answers; its files are 0600."""
    home = churn_home.home
    own = [home / "airflow" / "keys.json", home / "airflow" / "passwords.json"]
    held = {key: value for path in own for key, value in json.loads(path.read_text()).items()}
    state = postgres.state_folder(home)
    held["embedded"] = (state / "password").read_text()
    canaries = Canaries({**held, "address": MARK})
    expected = [f"{key} in {path.relative_to(home)}" for path in own
                for key in json.loads(path.read_text())]  # fmt: skip
    expected.append(f"embedded in {(state / 'password').relative_to(home)}")
    with CommandLines(canaries) as lines:
        time.sleep(1)
    server = f"postgresql://churn:{held['embedded']}@127.0.0.1:{(state / 'port').read_text()}"
    answers = {path: airflow._send("GET", f"api/v2/{path}") for path in ANSWERS}

    assert len(held) == 5
    assert {0o600} == {path.stat().st_mode & 0o777 for path in [*own, state / "password"]}
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


def test_down_leaves_nothing(airflow: Airflow, churn_home: ChurnHome) -> None:
    """After `churn down` no server answers and none is listed."""
    assert airflow.answers()

    assert "api-server" in churn_home.churn("down")
    assert not airflow.answers()
    assert "nothing is running" in churn_home.churn("status")
