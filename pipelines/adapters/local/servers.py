"""`make up` and `make down`: Airflow and MLflow on one PostgreSQL, the pages and the service."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from pipelines.adapters.local import (
    addresses,
    airflow_server,
    mlflow_login,
    mlflow_server,
    processes,
    resident_process,
    service_server,
)
from pipelines.adapters.local.airflow_api import Airflow
from pipelines.adapters.local.pages import app as pages_app
from pipelines.adapters.local.pages import server as pages_server
from pipelines.adapters.local.processes import Service
from pipelines.errors import ServiceFailed

Progress = Callable[[str], None]
START_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where people and programs find the interfaces."""

    airflow_url: str
    user: str
    password: str = field(repr=False)
    mlflow_url: str
    mlflow_user: str
    mlflow_password: str = field(repr=False)
    pages_url: str
    pages_user: str
    pages_password: str = field(repr=False)
    service_url: str | None


@dataclass(slots=True)
class Watch:
    """
    Starts processes, and tells when each part answers and how long that took.

    Attributes:
        run: Records of the processes.
        logs: What they print.
        progress: Called with a line of text per stage.
    """

    run: Path
    logs: Path
    progress: Progress
    _began: float = field(default_factory=time.monotonic)
    _started: int = 0

    def tell(self, what: str) -> None:
        """Report *what* with the seconds it took."""
        self.progress(f"{what} ({time.monotonic() - self._began:.1f} s)")

    def start(self, service: Service) -> None:
        """Start *service* unless it runs."""
        self._started += processes.start(service, self.run, self.logs)

    def wait(self, services: list[Service], signs: dict[str, Callable[[], bool]]) -> None:
        """
        Wait for every sign of life while every service lives.

        Raises:
            ServiceFailed: A service ended, or a sign did not come within four minutes.
        """
        waiting = dict(signs)
        while waiting:
            for service in services:
                processes.check(service, self.run, self.logs)
            for name, is_ready in signs.items():
                if name in waiting and is_ready():
                    del waiting[name]
                    self.tell(f"{name} ready")
            if time.monotonic() - self._began > START_SECONDS:
                raise ServiceFailed(
                    f"not ready after {START_SECONDS} s: {', '.join(waiting)}",
                    next_step=f"read the logs in {self.logs}",
                )
            time.sleep(0.25)
        self.tell("started" if self._started else "running already")


def up(
    *,
    root: Path,
    home: Path,
    server_url: str,
    environ: Mapping[str, str],
    progress: Progress,
    has_service: bool = True,
    commands: Path | None = None,
) -> Addresses:
    """
    Start what does not run, and wait until all of it answers. What runs as asked is kept.

    Args:
        root: The checkout, with `dags` and `.venv-airflow`.
        home: State of the installation; run, logs, airflow and mlflow are below it.
        server_url: `postgresql://…` without a database; `airflow` and `mlflow` exist there.
        environ: Handed on to the processes, and by them to every task.
        progress: Called with a line of text per stage.
        has_service: Start the service too, which needs a migrated warehouse.
        commands: Folder whose commands win over those beside the running Python.

    Raises:
        ServiceFailed: A process ended, or did not answer within four minutes.
    """
    watch = Watch(home / "run", home / "logs", progress)
    with processes.exclusive(watch.run):
        port_of = addresses.ports(watch.run)
        environment = _environment(environ, home, [root / ".venv-airflow" / "bin", commands])
        mlflow = _start_mlflow(watch, home, server_url, port_of["mlflow"], environment)
        pages = pages_server.service(home=home, port=port_of["pages"], environment=environment)
        served = [pages]
        if has_service:
            served.append(service_server.service(port=port_of["service"], environment=environment))
        for each in served:
            watch.start(each)

        handing = resident_process.environment(watch.run, environment)
        resident = resident_process.service(handing)
        if resident is not None:
            served.append(resident)
            watch.start(resident)

        database = f"{server_url}/airflow"
        airflow = airflow_server.services(
            root=root,
            home=home,
            database_url=database,
            port=port_of["airflow"],
            environment=handing,
        )
        if airflow_server.migrate(service=airflow[0], home=home, database_url=database):
            watch.tell("airflow database migrated")
        for service in airflow:
            watch.start(service)

        url = f"http://127.0.0.1:{port_of['airflow']}"
        password = airflow_server.password(home)
        found = Addresses(
            url,
            airflow_server.USER,
            password,
            addresses.url_of(port_of["mlflow"]),
            mlflow_login.USER,
            mlflow_server.password(home),
            addresses.url_of(port_of["pages"]),
            pages_app.USER,
            pages_server.password(home),
            addresses.url_of(port_of["service"]) if has_service else None,
        )
        signs = _signs_of_life(found)
        if resident is not None:
            signs[resident.name] = lambda: resident_process.answers(handing)
        watch.wait([*airflow, mlflow, *served], signs)

    return found


def up_mlflow(
    *, home: Path, server_url: str, environ: Mapping[str, str], progress: Progress
) -> tuple[str, str, str]:
    """
    Start the MLflow server alone; return its address, user and password.

    Raises:
        ServiceFailed: It ended, or did not answer within four minutes.
    """
    watch = Watch(home / "run", home / "logs", progress)
    with processes.exclusive(watch.run):
        port = addresses.ports(watch.run)["mlflow"]
        environment = _environment(environ, home, [])
        mlflow = _start_mlflow(watch, home, server_url, port, environment)
        watch.wait([mlflow], {"mlflow": lambda: _answers(f"{addresses.url_of(port)}/health")})

    return addresses.url_of(port), mlflow_login.USER, mlflow_server.password(home)


def down(*, home: Path) -> list[str]:
    """End every process of *home* with all it started; return the names of those that ran."""
    with processes.exclusive(home / "run"):
        return processes.stop(home / "run")


def _start_mlflow(
    watch: Watch, home: Path, server_url: str, port: int, environment: dict[str, str]
) -> Service:
    """Start the MLflow server, its tables brought up to date before."""
    database = f"{server_url}/mlflow"
    service = mlflow_server.service(
        home=home, database_url=database, port=port, environment=environment
    )
    if mlflow_server.migrate(service=service, home=home, database_url=database):
        watch.tell("mlflow database migrated")
    watch.start(service)

    return service


def _signs_of_life(found: Addresses) -> dict[str, Callable[[], bool]]:
    """Return, for each part, how to tell that it is ready."""
    api = Airflow(found.airflow_url, found.user, found.password)
    ready = f"{found.service_url}{service_server.READY}"
    service = {service_server.NAME: lambda: _answers(ready)} if found.service_url else {}

    return {
        **service,
        "mlflow": lambda: _answers(f"{found.mlflow_url}/health"),
        "pages": lambda: _answers(f"{found.pages_url}{mlflow_login.ALIVE}"),
        "api-server": api.answers,
        # The server builds what tasks talk to at the first request to it: now, not in a task.
        "task api": lambda: _answers(f"{found.airflow_url}/execution/health"),
        "scheduler": lambda: api.is_healthy("scheduler"),
        "dag-processor": lambda: api.is_healthy("dag_processor"),
        "dags": lambda: api.dags() >= {"churn_nightly", "churn_train"},
    }


def _environment(
    environ: Mapping[str, str], home: Path, folders: list[Path | None]
) -> dict[str, str]:
    """Return what every process inherits: the caller's world without another Airflow's settings."""
    inherited = {key: value for key, value in environ.items() if not key.startswith("AIRFLOW")}
    own = [str(folder) for folder in [*folders, Path(sys.executable).parent] if folder]
    local = ["127.0.0.1", "localhost", *filter(None, [inherited.get("NO_PROXY", "")])]

    return {
        **inherited,
        "CHURN_HOME": str(home),
        "PATH": os.pathsep.join([*own, inherited.get("PATH", os.defpath)]),
        "NO_PROXY": ",".join(local),
        "no_proxy": ",".join(local),
    }


def _answers(url: str) -> bool:
    """Tell whether a server answers *url* with success."""
    with requests.Session() as session:
        session.trust_env = False  # a proxy has no business between us and ourselves
        try:
            return session.get(url, timeout=60).ok
        except requests.RequestException:
            return False
