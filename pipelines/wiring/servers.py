"""Servers on this machine."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import os
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from pipelines.errors import ServiceFailed
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.adapters.local.servers import Addresses

Say = Callable[[str], None]


def up(installation: Installation, say: Say) -> "Addresses":
    """Start what does not run, and wait until it answers."""
    from pipelines.adapters.local import servers

    return servers.up(
        root=installation.settings.root,
        home=installation.settings.home,
        server_url=installation.server_url,
        environ=os.environ,
        progress=say,
        has_service=_is_migrated(installation, say),
    )


def up_mlflow(installation: Installation, say: Say) -> tuple[str, str, str]:
    """Start the MLflow server alone; return its address, user and password."""
    from pipelines.adapters.local import servers

    return servers.up_mlflow(
        home=installation.settings.home,
        server_url=installation.server_url,
        environ=os.environ,
        progress=say,
    )


def down(installation: Installation, *, is_removed: bool = False) -> list[str]:
    """End every process of this installation; with *is_removed* delete the database too."""
    from pipelines.adapters.local import postgres, servers

    ended = servers.down(home=installation.settings.home)
    if postgres.stop(installation.settings.home):
        ended.append("postgresql")
    if is_removed:
        postgres.remove(installation.settings.home)

    return ended


def running(installation: Installation) -> list[str]:
    """Return the names of the servers that run, besides PostgreSQL."""
    from pipelines.adapters.local import processes

    return processes.running(installation.settings.home / "run")


def connection(installation: Installation, *, is_owner: bool = False) -> str | None:
    """Say how to connect to the embedded warehouse, to read or as its owner; None if it is down."""
    from pipelines.adapters.local import postgres
    from pipelines.adapters.local.postgresql import owner
    from pipelines.adapters.warehouse import reader_login

    home = installation.settings.home
    state = postgres.state_folder(home)
    if is_owner:
        return postgres.connection(home, owner.NAME, postgres.owner_password(state))

    return postgres.connection(home, reader_login.NAME, reader_login.password_file(state))


def mlflow_address(installation: Installation) -> str | None:
    """Say how to reach the MLflow server; None while it is not running."""
    from pipelines.adapters.local import addresses

    return addresses.mlflow_address(installation.settings.home)


def pages_address(installation: Installation) -> str | None:
    """Say how to reach the pages of nights; None while they are not served."""
    from pipelines.adapters.local import addresses
    from pipelines.adapters.local.pages import server

    known_as = installation.settings.pages_url
    if known_as is not None:
        return server.shown(known_as.get_secret_value())

    return addresses.pages_address(installation.settings.home)


def service_address(installation: Installation) -> str | None:
    """Say how to reach the service; None while it does not run."""
    from pipelines.adapters.local import addresses

    return addresses.service_address(installation.settings.home)


def page_address(installation: Installation, population: str) -> str | None:
    """Return the address of the newest page of a population; None while it is not served."""
    from pipelines.adapters.local import addresses
    from pipelines.adapters.local.pages import server

    settings = installation.settings
    if settings.pages_url is not None:
        return server.address(server.shown(settings.pages_url.get_secret_value()), population)

    return addresses.page_address(settings.home, population)


def _is_migrated(installation: Installation, say: Say) -> bool:
    """Tell whether the service can be started, and what is missing where it cannot."""
    from pipelines.adapters.warehouse import migrations

    folder = installation.settings.root / "sql" / "migrations"
    missing, unknown = migrations.differences(installation.warehouse, folder)
    if missing or unknown:
        say("the service is left out: its tables are not ready; churn migrate, then churn up again")

    return not (missing or unknown)


def run_in_airflow(addresses: "Addresses", population: str, as_of: date, say: Say) -> None:
    """
    Run one night through the scheduler, and wait for it.

    Raises:
        ServiceFailed: A task failed; the message ends with what it wrote last.
    """
    from pipelines.adapters.local.airflow_api import Airflow, Task, as_conf

    airflow = Airflow(addresses.airflow_url, addresses.user, addresses.password)

    def show(task: Task) -> None:
        """Show the end of one task."""
        say(f"{as_of} {task.task_id:<15} {task.state or '?':<8} {task.seconds or 0:5.1f} s")

    conf = as_conf(as_of=as_of, population=population)
    run_id = airflow.trigger("churn_nightly", conf=conf)
    if airflow.wait("churn_nightly", run_id, progress=show) == "success":
        return

    failed = [task for task in airflow.tasks("churn_nightly", run_id) if task.state == "failed"]
    log = airflow.log_tail("churn_nightly", run_id, failed[0]) if failed else ""
    raise ServiceFailed(
        f"the night of {as_of} failed in {', '.join(task.task_id for task in failed)}:\n{log}",
        next_step=f"look at {addresses.airflow_url}, mend it and run this again",
    )
