"""Airflow as three processes on the `airflow` database: API server, scheduler, DAG processor."""

import base64
import json
import os
import secrets
import subprocess
from pathlib import Path

import sqlalchemy as sa

from pipelines.adapters.local import private_files
from pipelines.adapters.local.processes import Service
from pipelines.adapters.warehouse.faults import connected
from pipelines.errors import ServiceFailed

USER = "admin"
MIGRATE = ("airflow", "db", "migrate")
COMMANDS = {
    "api-server": ("airflow", "api-server"),
    "scheduler": ("airflow", "scheduler", "--skip-serve-logs"),
    "dag-processor": ("airflow", "dag-processor"),
}

# What holds wherever Airflow runs; docker-compose.yaml repeats it, and a test compares.
ENVIRONMENT = {
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks a name server
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    # What its processor of DAGs says about three files that do not change was 12 MB of logs a day.
    "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "0",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
    "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "airflow.dag_processing=WARNING "
    "airflow.models.dag=WARNING airflow.serialization=WARNING",
    # A scheduler that was killed leaves tasks; the next one looks for them this often (else 300 s).
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",  # the default second passes per task
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
    # The first request to a new API server takes it 5 s, which is also the default limit.
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
    # A worker notices only at its next heartbeat that its task has ended: with the default of five
    # seconds, twelve short tasks take 24 s instead of 8. Thirty misses, not three, end a task.
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "30",
    "DO_NOT_TRACK": "true",
    "SCARF_NO_ANALYTICS": "true",
}


def services(
    *, root: Path, home: Path, database_url: str, port: int, environment: dict[str, str]
) -> list[Service]:
    """
    Return Airflow's processes; addresses and secrets are in their environment.

    Args:
        root: The checkout, with its `dags`.
        home: State of this installation.
        database_url: `postgresql://…` of Airflow's own database.
        port: Port of the API server, on 127.0.0.1.
        environment: What its tasks need: PATH with the `churn` command, CHURN_HOME and so on.
    """
    complete = {
        **environment,
        **ENVIRONMENT,
        **_connections(database_url),
        **_keys(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords(home)),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs" / "airflow"),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
    }

    return [Service(name, command, complete) for name, command in COMMANDS.items()]


def password(home: Path) -> str:
    """Return the password of USER."""
    return str(json.loads(_passwords(home).read_text())[USER])


def migrate(*, service: Service, home: Path, database_url: str) -> bool:
    """
    Bring Airflow's tables up to the Airflow that is installed; return whether that was needed.

    Args:
        service: Any of Airflow's; its environment is the migration's.
        home: Where is recorded what the last migration left.
        database_url: URL of Airflow's database.

    Raises:
        ServiceFailed: The migration failed.
    """
    mark = home / "airflow" / "schema.json"
    wanted = {"airflow": _installed(service), "revision": _revision(database_url)}
    if wanted["revision"] and mark.exists() and json.loads(mark.read_text()) == wanted:
        return False

    done = subprocess.run(
        MIGRATE, env=dict(service.environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ServiceFailed(
            f"airflow db migrate ended with exit code {done.returncode}: {done.stdout[-2000:]}",
            next_step="read the message above",
        )
    mark.write_text(json.dumps({**wanted, "revision": _revision(database_url)}))

    return True


def _installed(service: Service) -> str:
    """Return the version of the Airflow on the service's PATH, without the 3 s of asking it."""
    for folder in service.environment["PATH"].split(os.pathsep):
        if (Path(folder) / "airflow").exists():
            found = sorted(Path(folder).parent.glob("lib/python*/site-packages/apache_airflow-*"))
            return found[0].name if found else folder

    raise ServiceFailed(
        "there is no airflow command", next_step="run `make setup`, which builds .venv-airflow"
    )


def _revision(database_url: str) -> str | None:
    """Return the revision of Airflow's tables; None where there are none."""
    with connected(database_url) as connection:
        if connection.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()

    return str(row[0]) if row else None


def _connections(database_url: str) -> dict[str, str]:
    """Name psycopg 3 as the driver of both kinds of connection."""
    url = sa.make_url(database_url)
    plain = url.set(drivername="postgresql+psycopg")
    waiting = url.set(drivername="postgresql+psycopg_async")

    return {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": plain.render_as_string(hide_password=False),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": waiting.render_as_string(hide_password=False),
    }


def _keys(home: Path) -> dict[str, str]:
    """Return this installation's keys, made on first use."""
    path = home / "airflow" / "keys.json"
    if not path.exists():
        fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        keys = {
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
            "AIRFLOW__CORE__FERNET_KEY": fernet,
        }
        _write_secret(path, keys)

    return dict(json.loads(path.read_text()))


def _passwords(home: Path) -> Path:
    """Return the file of the interface's passwords, made on first use."""
    path = home / "airflow" / "passwords.json"
    if not path.exists():
        _write_secret(path, {USER: secrets.token_urlsafe(12)})

    return path


def _write_secret(path: Path, content: dict[str, str]) -> None:
    """Write *content* where only its owner can read it, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private_files.write(path, json.dumps(content))
