"""An installation whose Airflow runs the `churn` command, or a double of it where it is told to."""

import contextlib
import http.server
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from pipelines.adapters.local import postgres, servers
from pipelines.adapters.local.airflow_api import Airflow, Task
from pipelines.adapters.local.processes import free_port
from pipelines.settings import ROOT
from tests.e2e.churn_home import CHURN, ChurnHome

# The double records how it was called, and ends with the code it is told to for a command and day,
# or sleeps. Once CHURN_HOME has a file `real`, it stands in for what it has orders for and no more.
DOUBLE = f"""#!/bin/sh
name=$1; day=$5; population=$3
[ "$1" = gate ] && {{ name="$1 $2"; day=$6; population=$4; }}
orders="$CHURN_HOME/orders/$name $day"
if [ -f "$CHURN_HOME/real" ] && [ ! -f "$orders" ]; then exec {CHURN} "$@"; fi
echo "$name|$population|$day" >> "$CHURN_HOME/calls"
if [ -f "$orders" ]; then . "$orders"; fi
if [ "$name" = drift ]; then echo "${{verdict:-no training requested}}"; fi
exit "${{code:-0}}"
"""
# A population without nights of its own, as lines of churn.toml; the double knows no other.
OTHER = "trial"
OTHER_SETTINGS = """\
[populations.trial]
feature_model = "fct_trial_features"
label_model = "fct_trial_labels"
sources = []
nightly = false

"""


@dataclass(frozen=True)
class AirflowHome:
    """
    Everything running, on a PostgreSQL and in a state folder of its own.

    Attributes:
        churn_home: Its command.
        addresses: Of Airflow and MLflow.
        began_at: When Airflow was first started.
    """

    churn_home: ChurnHome
    addresses: servers.Addresses
    began_at: datetime

    @property
    def home(self) -> Path:
        """CHURN_HOME."""
        return self.churn_home.home

    @property
    def api(self) -> Airflow:
        """A client that logs in like a person."""
        found = self.addresses

        return Airflow(found.airflow_url, found.user, found.password)

    def up(self) -> list[str]:
        """Start again with the environment of the command as it is; return what is told."""
        return up(self.churn_home)[1]

    def order(self, command: str, as_of: str, script: str) -> None:
        """Tell the double what to do when it is called with *command* for that day."""
        (self.home / "orders").mkdir(exist_ok=True)
        (self.home / "orders" / f"{command} {as_of}").write_text(script)

    def calls(self, as_of: str, population: str = "subscribers") -> list[str]:
        """Return the commands the double was called with for a day and population, in order."""
        lines = [line.split("|") for line in (self.home / "calls").read_text().splitlines()]

        return [command for command, *asked in lines if asked == [population, as_of]]

    def run(self, dag_id: str, as_of: str | None) -> tuple[str, str, dict[str, Task]]:
        """
        Start a run by hand and wait; return its id, its state and its tasks by name.

        One without a day is of another population: a real 03:00 may come while the tests run.
        """
        conf = {"as_of": as_of} if as_of else {"population": OTHER}
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


def up(churn_home: ChurnHome) -> tuple[servers.Addresses, list[str]]:
    """Start Airflow and MLflow with the double; return their addresses and what is told."""
    commands = churn_home.home / "commands"
    commands.mkdir(exist_ok=True)
    (commands / "churn").write_text(DOUBLE)
    (commands / "churn").chmod(0o755)
    (churn_home.home / "calls").touch()
    told: list[str] = []
    addresses = servers.up(
        root=ROOT,
        home=churn_home.home,
        server_url=postgres.start(churn_home.home),
        environ={**os.environ, **churn_home.environ},
        progress=told.append,
        commands=commands,
    )

    return addresses, told


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
    """
    Where alerts arrive.

    Attributes:
        subjects: Of the e-mails, in order.
        posts: Texts a webhook was given, in order.
        environ: What makes a command send alerts there.
    """

    subjects: list[str]
    posts: list[str]
    environ: Mapping[str, str]


@contextlib.contextmanager
def listening(mark: str) -> Iterator[Told]:
    """Run a mail server and a webhook that remember; *mark* is in the address of both."""
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
    threading.Thread(target=web.serve_forever, daemon=True).start()
    environ = {
        "CHURN_SMTP_URL": f"smtp://{mark}:{mark}@127.0.0.1:{mail.port}",
        "CHURN_SLACK_WEBHOOK_URL": f"http://127.0.0.1:{web.server_port}/hook/{mark}",
    }
    yield Told(inbox.subjects, posts, environ)
    web.shutdown()
    web.server_close()
    mail.stop()
