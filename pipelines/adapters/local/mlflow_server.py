"""The MLflow server: the interface and REST API over the `mlflow` database."""

import secrets
import subprocess
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from pipelines.adapters.local import mlflow_login, private_files
from pipelines.adapters.local.processes import Service
from pipelines.adapters.warehouse.faults import connected
from pipelines.errors import ServiceFailed

COMMAND = ("mlflow", "server", "--app-name", "churn-login")

# What holds wherever the server runs; docker-compose.yaml repeats it, and a test compares.
ENVIRONMENT = {
    "MLFLOW_WORKERS": "1",
    "MLFLOW_SERVE_ARTIFACTS": "false",  # artefacts lie where both sides can read them
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}


def service(*, home: Path, database_url: str, port: int, environment: dict[str, str]) -> Service:
    """Return the server as a process; addresses and secrets are in its environment."""
    return Service(
        name="mlflow",
        command=COMMAND,
        environment={
            **environment,
            **ENVIRONMENT,
            "MLFLOW_BACKEND_STORE_URI": _driver_url(database_url),
            "MLFLOW_DEFAULT_ARTIFACT_ROOT": artefacts(home).as_uri(),
            "MLFLOW_HOST": "127.0.0.1",
            "MLFLOW_PORT": str(port),
            mlflow_login.PASSWORD: password(home),
            "MLFLOW_SERVER_ALLOWED_HOSTS": f"127.0.0.1:{port},localhost:{port}",
        },
    )


def password(home: Path) -> str:
    """Return the password of the server of *home*, made when it is first asked for."""
    path = password_file(home)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        private_files.write(path, secrets.token_urlsafe(24))

    return path.read_text("utf-8")


def password_file(home: Path) -> Path:
    """Return where the password is kept, for its owner alone."""
    return home / "mlflow" / "password"


def artefacts(home: Path) -> Path:
    """Return the folder of what runs and models consist of."""
    return home / "mlflow" / "artifacts"


def migrate(*, service: Service, home: Path, database_url: str) -> bool:
    """
    Bring the tables of an earlier MLflow up to this one; return whether that was needed.

    An empty database is left to the server, which fills it as it starts.

    Args:
        service: The server; its environment is the migration's.
        home: Where is recorded what the last migration left.
        database_url: URL of MLflow's database.

    Raises:
        ServiceFailed: `mlflow db upgrade` failed.
    """
    artefacts(home).mkdir(parents=True, exist_ok=True)
    mark = home / "mlflow" / "version"
    installed = version("mlflow")
    with connected(database_url) as connection:
        found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    is_needed = found != (None,) and (not mark.exists() or mark.read_text() != installed)

    if is_needed:
        _upgrade(service, database_url)
    mark.write_text(installed)

    return is_needed


def _upgrade(service: Service, database_url: str) -> None:
    """Run `mlflow db upgrade`, the password in the environment and not in the list of processes."""
    url = sa.make_url(_driver_url(database_url))
    public = sa.URL.create(
        url.drivername, url.username, None, url.host, url.port, url.database, url.query
    )
    done = subprocess.run(
        ["mlflow", "db", "upgrade", public.render_as_string()],
        env={**service.environment, "PGPASSWORD": url.password or ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServiceFailed(
            f"mlflow db upgrade ended with exit code {done.returncode}: {done.stderr[-2000:]}",
            next_step="restore the mlflow database, or read MLflow's notes on its migrations",
        )


def _driver_url(database_url: str) -> str:
    """Name the driver: psycopg 3."""
    url = sa.make_url(database_url).set(drivername="postgresql+psycopg")

    return url.render_as_string(hide_password=False)
