"""Where the servers of an installation are: their ports, and how people reach them."""

import json
from pathlib import Path

from pipelines.adapters.local import mlflow_login, mlflow_server, processes, service_server
from pipelines.adapters.local.pages import app as pages_app
from pipelines.adapters.local.pages import server as pages_server

PORTS = "ports.json"
# Which process listens at the port of each interface.
OWNERS = {
    "airflow": "api-server",
    "mlflow": "mlflow",
    "pages": pages_server.NAME,
    "service": service_server.NAME,
}


def running_at(home: Path) -> dict[str, str]:
    """Return the address of each interface of *home* that runs, by its name; none with a login."""
    run = home / "run"
    alive = processes.running(run)
    if not alive or not (run / PORTS).exists():
        return {}
    found: dict[str, int] = json.loads((run / PORTS).read_text())

    return {name: url_of(found[name]) for name, owner in OWNERS.items() if owner in alive}


def mlflow_address(home: Path) -> str | None:
    """Say how to reach the MLflow server of *home*, or None while it does not run."""
    address = running_at(home).get("mlflow")
    if address is None:
        return None

    return f"{address}, user {mlflow_login.USER}, password in {mlflow_server.password_file(home)}"


def pages_address(home: Path) -> str | None:
    """Say how to reach the pages of *home*, or None while they are not served."""
    address = running_at(home).get(pages_server.NAME)
    if address is None:
        return None

    return f"{address}, user {pages_app.USER}, password in {pages_server.password_file(home)}"


def page_address(home: Path, population: str) -> str | None:
    """Return the address of the newest page of a population, or None while it is not served."""
    url = running_at(home).get(pages_server.NAME)

    return pages_server.address(url, population) if url else None


def service_address(home: Path) -> str | None:
    """Say how to reach the service of *home*, or None while it does not run."""
    address = running_at(home).get(service_server.NAME)

    return address and f"{address}, by a key of `churn keys create`"


def url_of(port: int) -> str:
    """Return the address of a port of ours."""
    return f"http://127.0.0.1:{port}"


def ports(run: Path) -> dict[str, int]:
    """Return a port per interface: the one it has or had, where nobody else took it."""
    path = run / PORTS
    before: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    alive = processes.running(run)
    found = {
        name: before[name]
        if owner in alive and name in before
        else processes.free_port(before.get(name))
        for name, owner in OWNERS.items()
    }
    path.write_text(json.dumps(found))

    return found
