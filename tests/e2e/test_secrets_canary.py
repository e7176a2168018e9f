"""Every command, well and failing, with secrets that would be recognised anywhere."""

import base64
import contextlib
import http.server
import os
import re
import secrets
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import quote

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from psycopg.sql import SQL, Identifier, Literal

from pipelines.adapters.local import mlflow_login, mlflow_server, postgres
from pipelines.adapters.local.processes import free_port
from tests.e2e.canaries import Canaries, CommandLines
from tests.e2e.churn_home import SMALL, ChurnHome

# Some fifty commands: nine minutes where seven processes share two cores.
pytestmark = [pytest.mark.story, pytest.mark.timeout(1800)]

NIGHT = date(2026, 10, 1)
DAY = ("--as-of", NIGHT)
USER = "night@shift"
COMMANDS = (
    *(("gate", "sources"), ("features",), ("gate", "features"), ("score",), ("gate", "scores")),
    *(("publish",), ("outcomes",), ("drift",), ("report",), ("promote",), ("rollback-scores",)),
)
# Started as people do: one that imports Great Expectations, one that starts dbt, one that imports
# MLflow. The others are forks: no secret is an argument of a command, and whatever a fork prints,
# writes, stores and starts is seen as well.
ANEW = {"gate sources", "features", "score"}


def awkward(mark: str) -> str:
    """Return a secret of every character that splits a URL, *mark* in each of its parts."""
    return "".join(f"{mark}{split}" for split in "@:/?#&'\"% +") + mark


@dataclass
class Scene:
    """
    What was done, and what came of it.

    Attributes:
        churn_home: Where.
        canaries: The secrets in use.
        marks: Of each secret that is set by address.
        server: Of the embedded PostgreSQL, with its own password.
        lines: The command lines seen while it was done.
        ended: Command to exit code, in order.
        outputs: Command to all it printed.
    """

    churn_home: ChurnHome
    canaries: Canaries
    marks: dict[str, str]
    server: str
    lines: CommandLines
    ended: list[tuple[str, int]] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)

    def run(self, title: str, *arguments: object, **environ: str) -> None:
        """Run one command, with other settings where given."""
        there = replace(
            self.churn_home,
            environ={**self.churn_home.environ, **environ},
            is_started_anew=title in ANEW,
        )
        done = there.run(*arguments)
        self.ended.append((title, done.returncode))
        self.outputs.append((title, done.stdout + done.stderr))


class Webhook(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, but below /broken nothing."""

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500 if self.path.startswith("/broken") else 200)
        self.end_headers()
        self.wfile.write(self.path.encode())  # a server that repeats what it was asked

    def do_GET(self) -> None:
        """Refuse, as a server that wants another login does."""
        self.send_response(401)
        self.end_headers()
        self.wfile.write(f"{self.path} {self.headers['Authorization']}".encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextlib.contextmanager
def web() -> Iterator[int]:
    """Run a webhook on a free port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def mail(password: str) -> Iterator[int]:
    """Run a mail server that wants a login."""

    def login(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == password.encode(), handled=False)

    controller = Controller(
        Sink(), hostname="127.0.0.1", port=free_port(), authenticator=login,
        auth_required=True, auth_require_tls=False,
    )  # fmt: skip
    controller.start()
    yield controller.port
    controller.stop()


@pytest.fixture(scope="module")
def scene(churn_home: ChurnHome) -> Iterator[Scene]:
    """A business, a champion and a night, by a user, services and failures full of secrets."""
    marks = {name: f"kNrY{name}{secrets.token_hex(6)}" for name in ("db", "mail", "hook", "flow")}
    passwords = {name: awkward(mark) for name, mark in marks.items()}
    state = postgres.state_folder(churn_home.home)
    embedded = (state / "password").read_text()
    login = f"{mlflow_login.USER}:{passwords['flow']}".encode()
    mail_login = f"\0{USER}:{passwords['mail']}".encode()
    canaries = Canaries(
        {
            **marks,
            "embedded": embedded,
            "owner": postgres.owner_password(state).read_text(),
            "basic login": base64.b64encode(login).decode(),
            "mail login": base64.b64encode(mail_login.replace(b":", b"\0", 1)).decode(),
        }
    )
    port, server = (state / "port").read_text(), postgres.superuser_url(churn_home.home)
    with psycopg.connect(f"{server}/churn", autocommit=True) as connection:
        connection.execute(
            SQL("create role {} superuser login password {}").format(
                Identifier(USER), Literal(passwords["db"])
            )
        )
    quoted = {
        name: f"{quote(USER)}:{quote(password, safe='')}" for name, password in passwords.items()
    }
    quoted["flow"] = f"{mlflow_login.USER}:{quote(passwords['flow'], safe='')}"
    kept = mlflow_server.password_file(churn_home.home)
    kept.parent.mkdir()
    kept.touch(mode=0o600)
    kept.write_text(passwords["flow"])
    churn_home.configure({**SMALL, "email_to = []": 'email_to = ["oncall@example.com"]'})
    with CommandLines(canaries) as lines, mail(passwords["mail"]) as smtp, web() as hook:
        path = quote(passwords["hook"], safe="")
        named = f"postgresql://{quoted['db']}@127.0.0.1:{port}/churn"
        churn_home.environ["CHURN_DATABASE_URL"] = named
        flow = re.search(r"http://\S+", churn_home.churn("up", "--only", "mlflow"))
        assert flow is not None
        churn_home.environ |= {
            "CHURN_MLFLOW_URI": flow[0].replace("://", f"://{quoted['flow']}@"),
            "CHURN_SMTP_URL": f"smtp://{quoted['mail']}@127.0.0.1:{smtp}",
            "CHURN_SLACK_WEBHOOK_URL": f"http://127.0.0.1:{hook}/services/{path}",
        }
        made = Scene(churn_home, canaries, marks, server, lines)
        well(made)
        fail(made, port=port, hook=hook, path=path, smtp=smtp, quoted=quoted)
        yield made


def well(scene: Scene) -> None:
    """Load a business, train a champion, and do the night command by command."""
    scene.run("load-demo", "load-demo", "--customers", 1500, "--months", 10, *DAY)
    latest = NIGHT - timedelta(days=30)
    first = latest - timedelta(days=120)
    scene.run("backfill", *("backfill", "--from", first, "--to", latest, "--every", 30), *DAY)
    scene.run("train", "train", *DAY)
    for command in COMMANDS:
        scene.run(" ".join(command), *command, *DAY)
    for command in (("runs",), ("status",), ("contract",), ("sql", "select * from churn.alerts")):
        scene.run(command[0], *command)


def fail(
    scene: Scene, *, port: str, hook: int, path: str, smtp: int, quoted: dict[str, str]
) -> None:
    """Meet every server that is down, refuses or repeats what it was told."""
    closed = free_port()
    database, flow = quoted["db"], quoted["flow"]
    wrong = f"{database}{scene.marks['db']}"
    everything = (("migrate",), ("score", *DAY), ("sql", "select 1"), ("up", "--only", "mlflow"))
    unquoted = f"{USER}:{awkward(scene.marks['db'])}"
    for title, address, commands in (
        ("password", f"{wrong}@127.0.0.1:{port}/churn", everything),
        ("server", f"{database}@127.0.0.1:{closed}/churn", everything[1:2]),
        ("database", f"{database}@127.0.0.1:{port}/nowhere", everything[1:2]),
        ("unquoted", f"{unquoted}@127.0.0.1:{port}/churn", everything[1:2]),
    ):
        for command in commands:
            named = f"postgresql://{address}"
            scene.run(f"{title}: {command[0]}", *command, CHURN_DATABASE_URL=named)
    for title, address in (
        ("closed", f"http://{flow}@127.0.0.1:{closed}"),
        ("refusing", f"http://{flow}@127.0.0.1:{hook}"),
        ("no TLS", f"https://{flow}@127.0.0.1:{hook}"),
        ("unquoted", f"http://{USER}:{awkward(scene.marks['flow'])}@127.0.0.1:{hook}"),
    ):
        scene.run(f"{title}: score", "score", *DAY, CHURN_MLFLOW_URI=address)

    rename = "alter table raw.support_tickets rename column {} to {}"
    with psycopg.connect(f"{scene.server}/churn", autocommit=True) as connection:
        connection.execute(rename.format("opened_at", "gone_at"))  # type: ignore[arg-type]
        scene.run("dbt: features", "features", *DAY)
        connection.execute(rename.format("gone_at", "opened_at"))  # type: ignore[arg-type]

    for title, address in (
        ("500", f"http://127.0.0.1:{hook}/broken/{path}"),
        ("closed", f"http://127.0.0.1:{closed}/{path}"),
        ("no TLS", f"https://127.0.0.1:{hook}/{path}"),
    ):
        environ = {
            "CHURN_SMTP_URL": f"smtp://{quoted['mail']}x@127.0.0.1:{smtp}",
            "CHURN_SLACK_WEBHOOK_URL": address,
        }
        scene.run(f"{title}: notify", "notify", *DAY, **environ)
        kept = "select * from churn.alert_deliveries where error is not null"
        scene.run(f"{title}: kept", "sql", kept)
    scene.run("notify", "notify", *DAY)


def test_everything_ended_as_it_should(scene: Scene) -> None:
    """Well is 0; failing is the kind of the failure and never a bug, so the search is of both."""
    expected = {"rollback-scores": 32, "dbt: features": 14, "unquoted: score": 10}
    expected |= {f"{title}: notify": 13 for title in ("closed", "500", "no TLS")}
    expected |= {f"{title}: score": 12 for title in ("closed", "refusing", "no TLS")}
    expected |= {f"password: {command}": 11 for command in ("migrate", "score", "sql", "up")}
    expected |= {"server: score": 11, "database: score": 11}
    told = dict(scene.outputs)

    assert [] == [
        (title, code, told[title][-600:])
        for title, code in scene.ended
        if code != expected.get(title, 0)
    ]
    assert [] == [title for title, text in scene.outputs if "Traceback" in text]


def test_no_command_prints_a_secret(scene: Scene) -> None:
    """Neither on standard output nor on standard error, well or failing."""
    assert len(scene.outputs) > 30
    assert [] == [
        hit for title, text in scene.outputs for hit in scene.canaries.in_text(title, text)
    ]


def test_no_file_holds_a_secret_but_the_one_it_is_for(scene: Scene) -> None:
    """Logs, dbt's folder, artefacts, reports and the database's own files; 0600 is the password."""
    home = scene.churn_home.home
    state = postgres.state_folder(home)
    found = scene.canaries.in_files(home)

    assert any((home / "dbt" / "logs").iterdir())
    mlflow = mlflow_server.password_file(home)
    owner = postgres.owner_password(state)
    kept = [("flow", mlflow), ("embedded", state / "password"), ("owner", owner)]
    assert sorted(f"{name} in {path.relative_to(home)}" for name, path in kept) == sorted(found)
    assert [0o600] * 3 == [stat.S_IMODE(path.stat().st_mode) for _, path in kept]


def test_no_table_holds_a_secret(scene: Scene) -> None:
    """Every row of every table, alerts that did not go out and MLflow's among them."""
    with psycopg.connect(f"{scene.server}/churn") as connection:
        told = connection.execute(
            "select count(distinct alert_id), count(*) filter (where channel = 'email'), "
            "count(*) filter (where channel = 'slack') from churn.alert_deliveries "
            "where error is null and stage = 'began'"
        ).fetchone()
        alerts = connection.execute("select count(*) from churn.alerts").fetchone()
        assert told is not None
        assert alerts is not None
        assert alerts[0] > 0
        assert (*alerts, *alerts, *alerts) == told
    assert [] == [
        hit
        for name in ("churn", "mlflow")
        for hit in scene.canaries.in_database(f"{scene.server}/{name}")
    ]


def test_no_command_line_shows_a_secret(scene: Scene) -> None:
    """What `ps` shows to everybody on the machine, MLflow's server and dbt included."""
    assert {c for c in ANEW if any(f"/churn {c} " in line for line in scene.lines.seen)} == ANEW
    assert any("mlflow" in line for line in scene.lines.seen)
    assert any("dbt/command_line.py" in line for line in scene.lines.seen)
    assert [] == sorted(scene.lines.found)


def test_the_search_finds_what_is_planted(scene: Scene) -> None:
    """In a text, a file, a table and a command line."""
    mark = scene.marks["db"]
    planted = scene.churn_home.home / "logs" / "planted.log"
    planted.write_bytes(b"\0" + mark.encode())
    with psycopg.connect(f"{scene.server}/mlflow", autocommit=True) as connection:
        connection.execute("create table planted (held jsonb)")
        connection.execute("insert into planted values (%s)", [f'{{"a": "{mark}"}}'])
        in_database = scene.canaries.in_database(f"{scene.server}/mlflow")
        connection.execute("drop table planted")
    in_files = scene.canaries.in_files(planted.parent)
    planted.unlink()
    with CommandLines(scene.canaries) as lines:
        code = "import time; time.sleep(0.5)"
        subprocess.run([sys.executable, "-c", code, mark], env=dict(os.environ), check=True)

    assert ["db in out"] == scene.canaries.in_text("out", f"x{mark}y")
    assert ["db in planted.log"] == in_files
    assert ["db in public.planted"] == in_database
    assert 1 == len(lines.found)
