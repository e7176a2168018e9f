"""
The embedded PostgreSQL: the server of the wheel, started in the project's own state folder.

PostgreSQL refuses to run as root. Then it runs as the system's `nobody`, who owns the data and no
more: what lies beside it, the password among it, is root's, and root writes nothing where `nobody`
may. Where that user cannot reach the state folder (a clone below a folder only its owner may
enter), data and programs live below /var/lib/churn instead.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

import psycopg

from pipelines.adapters.local import (
    foreign_files,
    log_files,
    private_files,
)
from pipelines.adapters.local.postgresql import owner, postmaster, programs
from pipelines.adapters.local.postgresql.programs import NOBODY
from pipelines.adapters.local.processes import free_port
from pipelines.errors import DatabaseUnavailable

SUPERUSER = "churn"  # as clusters were created from the first
DATABASES = ("churn", "airflow", "mlflow")
# A port found free may be taken by another server before ours listens.
START_ATTEMPTS = 3
OWN_FILES = ("lock", "password", "owner_password", "port", "databases", "reader_password")
RM, MV = Path("/bin/rm"), Path("/bin/mv")  # run as the server's user, who owns the folder

# fsync stays on: a published day must survive a power cut. JIT costs more than it gives on our
# wide, short queries.
CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
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
        `postgresql://churn_owner:…@127.0.0.1:port` without a database; those named in DATABASES
        exist and belong to that user.

    Raises:
        DatabaseUnavailable: The server could not be created or did not start, or a part of its
            folder is gone.
    """
    if not home.exists():
        home.mkdir(parents=True)
        if os.geteuid() == 0:
            home.chmod(0o711)  # the server's user goes through, and sees nothing
    state = state_folder(home)
    _make_reachable(state)

    with private_files.locked(state / "lock"):
        binaries = programs.folder(state)
        data = state / "data"
        _require_whole(state)
        if not (data / "PG_VERSION").exists():
            _initialise(binaries, state)
        if postmaster.pid_of(data) is None:
            _start(binaries, state, {} if is_durable else NOT_DURABLE)

        if not (state / "databases").exists():
            _create_databases(superuser_url(home))
            private_files.write(state / "databases", "\n".join(DATABASES))
        if not owner_password(state).exists():
            password = secrets.token_urlsafe(24)
            owner.ensure(superuser_url(home), DATABASES, password)
            private_files.write(owner_password(state), password)

        return _url(state, owner.NAME, owner_password(state))


def superuser_url(home: Path) -> str:
    """Return the running server's URL for its superuser, for set-up alone; without a database."""
    state = state_folder(home)

    return _url(state, SUPERUSER, state / "password")


def owner_password(state: Path) -> Path:
    """Return the file of the owner's password."""
    return state / "owner_password"


def stop(home: Path) -> bool:
    """End the server of *home*; return whether one was running."""
    state = state_folder(home)
    if postmaster.pid_of(state / "data") is None:
        return False

    with private_files.locked(state / "lock"):
        ended = programs.run(
            programs.folder(state) / "pg_ctl",
            "stop",
            "-D",
            state / "data",
            "-m",
            "fast",
            check=False,
        )

    return ended.returncode == 0


def connection(home: Path, user: str, password: Path) -> str | None:
    """
    Say how *user* connects to the warehouse of *home*, or None while its server does not run.

    Args:
        home: State folder of the installation.
        user: Who.
        password: File their password is in.
    """
    state = state_folder(home)
    # While the cluster is being created it has a postmaster.pid and no port yet.
    if postmaster.pid_of(state / "data") is None or not (state / "port").exists():
        return None

    return (
        f"postgresql://{user}@127.0.0.1:{(state / 'port').read_text()}/churn, "
        f"password in {password}"
    )


def remove(home: Path) -> None:
    """Delete the data of a server that is not running."""
    shutil.rmtree(state_folder(home), ignore_errors=True)


def state_folder(home: Path) -> Path:
    """Return where the server of *home* keeps its data: below it, if its user can get there."""
    if os.geteuid() != 0 or programs.is_reachable(home):
        return home / "postgres"

    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]

    return Path("/var/lib/churn") / digest


def _make_reachable(state: Path) -> None:
    """Create *state*, our own, which the server's user may pass through; take over an older one."""
    if not state.exists():
        if not state.parent.exists():
            state.parent.mkdir(parents=True)
            state.parent.chmod(0o755)
        state.mkdir()
        state.chmod(0o700 if os.geteuid() != 0 else 0o711)
    elif os.geteuid() == 0 and state.lstat().st_uid != 0:
        foreign_files.take_over(state, OWN_FILES)


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
    data, told = state / "data", state / "told"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    private_files.write(state / "password", secrets.token_urlsafe(24))
    private_files.write(told, (state / "password").read_text())
    if os.geteuid() == 0:
        for path in (data, told):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    settings = [f"--set={key}={value}" for key, value in CONFIGURATION.items()]
    programs.run(
        binaries / "initdb",
        *("-D", data, "-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8"),
        *("--locale=C.UTF-8", "--no-instructions", f"--pwfile={told}", *settings),
    )
    told.unlink()


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
    programs.run(RM, "-f", postmaster.pid_file(state / "data"))
    _rotate(state / "data" / "server.log")
    port_file = state / "port"
    port = int(port_file.read_text()) if port_file.exists() else 0
    for attempt in range(1, START_ATTEMPTS + 1):
        port = free_port(port)
        private_files.write(port_file, str(port))
        try:
            programs.run(
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


def _rotate(log: Path) -> None:
    """Let the server begin another log where its last is large; it is in the server's folder."""
    if not log_files.is_large(log):
        return
    older = [log.with_name(f"{log.name}.{number + 1}") for number in range(log_files.GENERATIONS)]
    steps = [*zip([log, *older[:-1]], older, strict=True)]
    for path, moved in reversed(steps):
        if os.path.lexists(path):
            programs.run(MV, "-f", path, moved)


def _url(state: Path, user: str, password: Path) -> str:
    """Return the server's URL for *user*, without a database."""
    return f"postgresql://{user}:{password.read_text()}@127.0.0.1:{(state / 'port').read_text()}"


def _create_databases(url: str) -> None:
    """Create the databases that are not there."""
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        rows = connection.execute("select datname from pg_database").fetchall()
        for name in DATABASES:
            if (name,) not in rows:
                connection.execute(
                    psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name))
                )
