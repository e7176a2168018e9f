"""What another user of the machine gets out of a running installation: nothing."""

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import psycopg
import pytest

from pipelines.adapters.local import postgres
from pipelines.adapters.local.postgresql import programs
from pipelines.settings import ROOT
from tests.e2e.churn_home import ChurnHome, fresh
from tests.security.neighbour import UID, as_neighbour, as_root

pytestmark = as_root

# An account every machine has as well, and nobody's.
ORDINARY = pwd.getpwnam("games").pw_uid
COMMANDS = (("status",), ("migrate",), ("up", "--only", "mlflow"), ("down",), ("runs",))


@pytest.fixture(
    scope="module", params=["root", pytest.param("ordinary user", marks=pytest.mark.story)]
)
def victim(request: pytest.FixtureRequest) -> Iterator[ChurnHome]:
    """An installation of root's, or of an ordinary user's, with database and MLflow running."""
    with fresh() if request.param == "root" else installed_by(ORDINARY) as made:
        made.churn("up", "--only", "mlflow")
        yield made


@contextlib.contextmanager
def installed_by(user: int) -> Iterator[ChurnHome]:
    """Have an empty, migrated installation of a user's; everything it started is ended."""
    with tempfile.TemporaryDirectory(prefix="churn-user-") as folder:
        home = Path(folder, "var")
        home.parent.chmod(0o711)
        home.mkdir()
        os.chown(home, user, user)
        # The settings of this run are in a folder of ours, and so is our home.
        environ = {"CHURN_CONFIG": str(ROOT / "churn.toml"), "HOME": str(home)}
        made = ChurnHome(home, environ, owner=user)
        try:
            made.run("--version")
        except PermissionError:
            pytest.skip("another user cannot run the Python of this checkout")
        try:
            made.churn("migrate")
            yield made
        finally:
            made.run("down", "--remove")


@pytest.fixture(scope="module")
def mlflow(victim: ChurnHome) -> str:
    """Address of MLflow's server, without a login."""
    found = re.search(r"mlflow: (http://\S+),", victim.churn("status"))
    assert found is not None

    return found[1]


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder of the neighbour's."""
    with tempfile.TemporaryDirectory(prefix="neighbour-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        os.chown(home, UID, UID)
        yield home


def folders_of(victim: ChurnHome) -> list[Path]:
    """Return where the installation keeps its state."""
    state = postgres.state_folder(victim.home)

    return [victim.home] if state.is_relative_to(victim.home) else [victim.home, state]


def test_no_file_is_read_and_no_folder_listed(victim: ChurnHome) -> None:
    """
    Not even where a name is known: passwords, keys, models, logs, data.

    What root copies out of a checkout that nobody else may enter, for the server to run it, is not
    among them: it is what PostgreSQL's package holds.
    """
    programs_of = postgres.state_folder(victim.home) / programs.COPIED
    paths = [
        path
        for folder in folders_of(victim)
        for path in folder.rglob("*")
        if not path.is_relative_to(programs_of)
    ]
    assert {"owner_password", "password", "port", "PG_VERSION"} < {path.name for path in paths}

    def opened() -> list[str]:
        found = []
        for path in paths:
            with contextlib.suppress(OSError):
                found.append(f"listed {path}: {[*path.iterdir()]}")
            with contextlib.suppress(OSError), path.open("rb"):
                found.append(f"opened {path}")
        return found

    assert [] == as_neighbour(opened)


def test_nothing_is_written_or_put_beside(victim: ChurnHome) -> None:
    """No file is changed, and no link or folder laid in the way."""
    paths = [path for folder in folders_of(victim) for path in [folder, *folder.rglob("*")]]

    def written() -> list[str]:
        found = []
        for path in paths:
            with contextlib.suppress(OSError), path.open("ab"):
                found.append(f"changed {path}")
            for name in ("password", "mlflow", "run", "x"):
                with contextlib.suppress(OSError):
                    (path / f"{name}.mine").symlink_to("/etc/passwd")
                    found.append(f"link in {path}")
            with contextlib.suppress(OSError):
                path.rename(path.with_name("moved"))
                found.append(f"moved {path}")
        return found

    assert [] == as_neighbour(written)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("ajax-api/2.0/mlflow/experiments/search?max_results=5", None),
        ("get-artifact?path=password&run_uuid=0123456789abcdef0123456789abcdef", None),
        ("ajax-api/2.0/mlflow-artifacts/artifacts", None),
        ("api/2.0/mlflow/experiments/create", {"name": "m", "artifact_location": "file:///etc"}),
        ("api/2.0/mlflow/registered-models/create", {"name": "churn-subscribers"}),
        (
            "api/2.0/mlflow/registered-models/alias",
            {"name": "churn-subscribers", "alias": "champion", "version": "1"},
        ),
        ("graphql", {"query": "{mlflowSearchRuns(input: {}) {runs {info {runId}}}}"}),
        ("", None),
        ("static-files/../../../../etc/passwd", None),
    ],
)
def test_mlflow_answers_nobody(mlflow: str, path: str, body: Mapping[str, str] | None) -> None:
    """Without a login nothing is read, made or moved; nor with a guess."""

    def asked() -> list[int]:
        codes = []
        for login in ({}, {"Authorization": "Basic Y2h1cm46Y2h1cm4="}):
            request = urllib.request.Request(
                f"{mlflow}/{path}",
                data=json.dumps(body).encode() if body else None,
                headers={"Content-Type": "application/json", **login},
            )
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    codes.append(answer.status)
            except urllib.error.HTTPError as error:
                codes.append(error.code)
        return codes

    assert {401} == {*as_neighbour(asked)}


@pytest.mark.parametrize("user", ["churn", "churn_owner", "churn_reader", "churn_pipeline"])
def test_the_database_lets_nobody_in(victim: ChurnHome, user: str) -> None:
    """Its port is open to this machine; without the password nobody is anybody."""
    port = (postgres.state_folder(victim.home) / "port").read_text()

    def connected() -> list[str]:
        found = []
        for password in ("", user, "postgres"):
            for database in postgres.DATABASES:
                try:
                    psycopg.connect(
                        host="127.0.0.1", port=port, user=user, dbname=database, password=password
                    ).close()
                    found.append(f"{database} with {password!r}")
                except psycopg.OperationalError:
                    continue
        return found

    assert [] == as_neighbour(connected)


def test_no_process_is_signalled_or_tells_a_secret(victim: ChurnHome) -> None:
    """The servers are not the neighbour's, and neither are environments and command lines."""
    state = postgres.state_folder(victim.home)
    secrets = [(state / name).read_text() for name in ("password", "owner_password")]
    pids = [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(
            str(folder) in " ".join(process.info["cmdline"] or ())
            for folder in (victim.home, state)
        )
    ]
    assert pids

    def found() -> list[str]:
        told = []
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGINT)
                told.append(f"signalled {pid}")
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/environ").read_bytes()
                told.append(f"environment of {pid}")
            line = Path(f"/proc/{pid}/cmdline").read_text()
            told += [f"secret of {pid}" for secret in secrets if secret in line]
        return told

    assert [] == as_neighbour(found)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_root_follows_nothing_in_a_folder_of_theirs(theirs: Path, command: tuple[str, ...]) -> None:
    """Asked to keep its state there, root refuses, and leaves what is there as it was."""
    target = theirs.parent / f"{theirs.name}-of-root"
    target.write_text("root's")
    state = theirs / "postgres"
    try:
        as_neighbour(lambda: [state.mkdir(), (state / "password").symlink_to(target)])
        done = ChurnHome(theirs).run(*command)

        assert 10 == done.returncode
        assert f"uid {UID}" in done.stderr
        assert ["postgres"] == [path.name for path in theirs.iterdir()]
        assert ("root's", 0) == (target.read_text(), target.stat().st_uid)
    finally:
        target.unlink()


def test_root_follows_no_link_of_theirs_to_a_folder_of_its_own(theirs: Path) -> None:
    """Which folder a link leads to is for its owner to say."""
    own = Path(tempfile.mkdtemp(prefix="churn-of-root-"))
    try:
        as_neighbour(lambda: (theirs / "var").symlink_to(own))
        done = ChurnHome(theirs / "var").run("migrate")

        assert 10 == done.returncode
        assert [] == [*own.iterdir()]
    finally:
        shutil.rmtree(own)
