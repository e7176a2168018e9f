"""Commands that are handed to a process which has imported them end as they would by themselves."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from pipelines.adapters.local import resident_process
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import ConfigError, NothingStaged, Stopped
from pipelines.resident import handing
from pipelines.resident.command import HANDED
from pipelines.settings import ROOT
from tests.integration.test_stopped import runs, until, waiting

AS_OF = "2026-03-01"
SCRIPT = "from pipelines.resident.command import main\nmain()\n"


@dataclass
class House:
    """
    A keeper, and those who hand commands to it.

    Attributes:
        folder: Of its socket and its log.
        environ: Of all of them.
    """

    folder: Path
    environ: Mapping[str, str]
    _begun: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def address(self) -> Path:
        """Its socket."""
        return self.folder / "resident.sock"

    @property
    def log(self) -> str:
        """What it wrote."""
        return (self.folder / "log").read_text("utf-8")

    def keep(self) -> subprocess.Popen[str]:
        """Start it, and wait until it listens."""
        with (self.folder / "log").open("a") as log:
            keeper = subprocess.Popen(
                resident_process.COMMAND,
                env=self.environ,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._begun.append(keeper)
        until("it listens", self.address.is_socket)

        return keeper

    def begin(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start a command."""
        script = self.folder / "churn"
        script.write_text(SCRIPT)
        begun = subprocess.Popen(
            [sys.executable, "-P", script, *words],
            env={**self.environ, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._begun.append(begun)

        return begun

    def told(self, *words: str, **more: str) -> tuple[int, str, str]:
        """Run a command; return its exit code and what it printed, without times."""
        command = self.begin(*words, **more)
        printed, errors = command.communicate(timeout=120)

        return command.returncode, printed, re.sub(r"\d\d:\d\d:\d\d", "", errors)

    def end(self) -> None:
        """End what was started."""
        for each in self._begun:
            each.kill()
            each.communicate()


@pytest.fixture
def house(warehouse: Warehouse, tmp_path: Path) -> Iterator[House]:
    """A folder for a keeper of a warehouse; it is not started."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "CHURN_HOME": str(tmp_path),
            "CHURN_DATABASE_URL": warehouse.url,
            handing.ADDRESS: str(Path(folder) / "resident.sock"),
        }
        found = House(Path(folder), environ)
        yield found
        found.end()


def test_who_types_churn_begins_here() -> None:
    """And both sides of the environment's name mean the same."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]

    assert {"churn": "pipelines.resident.command:main"} == scripts
    assert handing.ADDRESS == resident_process.ADDRESS


def test_a_command_ends_as_it_would_by_itself(house: House) -> None:
    """With its exit code and every line it prints, the first of a night and the next."""
    commands = [
        *(("publish", "--as-of", AS_OF), ("publish", "--as-of", AS_OF)),
        *(("gate", "scores", "--as-of", AS_OF), ("gate", "--oops")),
        *(("publish", "--as-of", AS_OF, "--population", "nobody"), ("report", "--as-of", "x")),
    ]
    alone = [house.told(*words) for words in commands]
    house.keep()

    assert alone == [house.told(*words) for words in commands]
    assert {NothingStaged.exit_code, ConfigError.exit_code, 2} <= {code for code, _, _ in alone}
    assert 3 == len(re.findall(r"publish ended with \d+ after", house.log))
    assert 2 == len(re.findall("(?m)gate(?: scores)? ended with", house.log))
    assert 1 == house.log.count("modules imported in")
    assert "nobody" not in house.log


def test_what_is_not_of_a_night_is_not_handed_over(house: House) -> None:
    """Nor what takes minutes."""
    house.keep()

    assert 0 == house.told("--version")[0]
    assert "ended with" not in house.log
    assert HANDED.isdisjoint({"train", "serve", "up", "sql", "backfill"})


@pytest.fixture
def features(house: House, warehouse: Warehouse) -> Iterator[subprocess.Popen[str]]:
    """A `churn features`, handed over, whose dbt waits for a table somebody else has locked."""
    with psycopg.connect(warehouse.url) as blocking:
        blocking.execute("lock table raw.customers in access exclusive mode")
        house.keep()
        command = house.begin("features", "--as-of", AS_OF)
        until("dbt waits", lambda: bool(waiting(warehouse)))
        assert not psutil.Process(command.pid).children()
        yield command


def test_a_signal_reaches_the_command(
    features: subprocess.Popen[str], house: House, warehouse: Warehouse
) -> None:
    """It unwinds as it would here, and says so."""
    features.send_signal(signal.SIGTERM)
    _, told = features.communicate(timeout=30)

    assert Stopped.exit_code == features.returncode
    assert "stopped: by SIGTERM" in told
    until("the session of dbt is gone", lambda: not waiting(warehouse), seconds=10)
    assert f"features ended with {Stopped.exit_code}" in house.log


def test_a_command_ends_with_whoever_waits_for_it(
    features: subprocess.Popen[str], house: House, warehouse: Warehouse
) -> None:
    """As a process that is killed; the next one finds its locks free."""
    features.kill()
    features.communicate()

    until("the session of dbt is gone", lambda: not waiting(warehouse), seconds=10)
    until("it is told", lambda: f"features ended with -{signal.SIGKILL.value}" in house.log)
    with warehouse.lock("dbt build"), warehouse.lock("writer of subscribers"):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot tell a child")
def test_a_command_ends_with_its_keeper(
    features: subprocess.Popen[str], house: House, warehouse: Warehouse
) -> None:
    """Whoever waits is told, with an exit code that lets a task try again."""
    keeper = psutil.Process(house._begun[0].pid)
    below = keeper.children(recursive=True)
    assert below
    keeper.kill()
    _, told = features.communicate(timeout=30)

    assert 1 == features.returncode
    assert "the resident process ended, and this command with it" in told
    until("what it ran is gone", lambda: not any(map(runs, below)), seconds=20)
    until("the session of dbt is gone", lambda: not waiting(warehouse), seconds=10)
    assert NothingStaged.exit_code == house.told("publish", "--as-of", AS_OF)[0]


def test_who_cannot_hand_over_runs_here(house: House, tmp_path: Path) -> None:
    """Where nobody listens, where what listens is no keeper, and with other settings."""
    (tmp_path / "other").mkdir()
    words = ("publish", "--as-of", AS_OF)

    assert NothingStaged.exit_code == house.told(*words)[0]
    house.keep()
    other = house.told(*words, CHURN_HOME=str(tmp_path / "other"))
    assert NothingStaged.exit_code == other[0]
    assert "not taken: it has other settings" in house.log
    house.address.unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as deaf:
        deaf.bind(str(house.address))
        assert NothingStaged.exit_code == house.told(*words)[0]
    assert "ended with" not in house.log


SAID = (
    *(b"", b"\0\0", b"\xff\xff\xff\xff", b"\0\0\0\4null", b"\0\0\0\2{}", b"GET / HTTP/1.1\r\n"),
    *(b"\0\0\0\5{\xff:1}", b"\0\1\0\0" + b"[" * 2**16, b"\0\0\0\x09"),
)


def test_whoever_says_something_else_is_not_heard(house: House) -> None:
    """With three open files or without; and the next command is taken all the same."""
    house.keep()
    for said in SAID:
        for descriptors in ([], [0, 1, 2]):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.connect(str(house.address))
                if said:
                    socket.send_fds(line, [said], descriptors)
                line.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionResetError):  # there was more than it read
                    assert b"" == line.recv(100)

    assert NothingStaged.exit_code == house.told("publish", "--as-of", AS_OF)[0]
    assert 2 * len(SAID) == house.log.count("not taken: ")
    assert "Traceback" not in house.log
    assert f"publish ended with {NothingStaged.exit_code}" in house.log


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_another_user_is_not_heard(house: House) -> None:
    """Even where the folder lets them in."""
    house.keep()
    house.folder.chmod(0o755)
    house.address.chmod(0o666)
    other = os.fork()
    if other == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.connect(str(house.address))
            os._exit(len(line.recv(1)))

    assert 0 == os.waitstatus_to_exitcode(os.waitpid(other, 0)[1])
    assert "not taken: another user" in house.log


def is_taken(house: House) -> bool:
    """Tell whether a command was taken, after trying one more."""
    house.told("publish", "--as-of", AS_OF)

    return "publish ended with" in house.log


def test_code_that_was_replaced_is_not_run(
    house: House, warehouse: Warehouse, tmp_path: Path
) -> None:
    """What runs goes on; then the keeper starts anew, as the same process, and takes commands."""
    code = tmp_path / "code"
    shutil.copytree(ROOT / "pipelines", code / "pipelines")
    for each in ("sql", "dbt_project", "expectations", "churn.toml"):
        (code / each).symlink_to(ROOT / each)
    old = House(house.folder, {**house.environ, "PYTHONPATH": str(code)})
    keeper = old.keep()
    try:
        with psycopg.connect(warehouse.url) as blocking:
            blocking.execute("lock table raw.customers in access exclusive mode")
            features = old.begin("features", "--as-of", AS_OF)
            until("dbt waits", lambda: bool(waiting(warehouse)))
            until("it has imported", lambda: "modules imported in" in old.log)
            (code / "pipelines" / "errors.py").touch()
            assert NothingStaged.exit_code == old.told("publish", "--as-of", AS_OF)[0]
            assert "not taken: our code is another" in old.log
            assert "starts anew" not in old.log
            assert features.poll() is None
            features.send_signal(signal.SIGTERM)
            assert Stopped.exit_code == features.wait(timeout=30)
        until("it starts anew", lambda: "starts anew: our code is another" in old.log)
        assert "publish ended" not in old.log
        until("it takes commands again", lambda: is_taken(old))
        assert keeper.poll() is None
    finally:
        old.end()
