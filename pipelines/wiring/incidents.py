"""Around every task of the night: a failure is recorded with its reason, a success ends it."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

import contextlib
from collections.abc import Iterator
from datetime import date

from pipelines.domain.alerts.incident import incident, kinds
from pipelines.errors import ChurnError, Stopped
from pipelines.wiring.installation import Installation


@contextlib.contextmanager
def recording_incident(
    installation: Installation, task: str, population: str, as_of: date
) -> Iterator[None]:
    """
    Record how the block ended in churn.alerts, and let its error go on.

    Args:
        installation: The installation.
        task: Name of the task, such as `gate_scores`.
        population: Its name in churn.toml.
        as_of: The date of the night.

    Raises:
        ConfigError: There is no such population; that is recorded nowhere.
    """
    from pipelines.adapters.tables.outbox import WarehouseOutbox

    installation.settings.population(population)
    outbox = WarehouseOutbox(installation.warehouse)
    try:
        yield
    except (Exception, Stopped) as error:
        alert = incident(task, population, as_of, error)
        if alert is not None:
            try:
                outbox.add(alert)
            except ChurnError as unrecorded:
                import structlog

                log = structlog.get_logger(__name__)
                log.error("failure_not_recorded", task=task, reason=unrecorded.message)
        raise
    outbox.resolve(population, as_of, kinds(task))
