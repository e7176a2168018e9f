"""Wires who looks for lists that are not there."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from pipelines.errors import ConfigError, ListMissing
from pipelines.wiring.installation import Installation
from pipelines.wiring.night import notify


def watch(
    installation: Installation, populations: Sequence[str], as_of: date | None, now: datetime
) -> Iterator[str]:
    """
    Tell about lists that are not there by their deadline, or are there by now.

    Args:
        installation: The installation.
        populations: Their names in churn.toml; each has a deadline.
        as_of: The date whose list is due; None is the latest whose deadline has passed at *now*.
        now: With a time zone.

    Yields:
        What there is, in words.

    Raises:
        ListMissing: Once every population was looked at, if one has no list.
    """
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.domain.nights.deadline import last_due
    from pipelines.steps.night.watch import watch

    missing = []
    for population in populations:
        deadline = installation.settings.population(population).deadline
        if deadline is None:
            raise ConfigError(
                f"{population} has no deadline in churn.toml",
                next_step=f'add deadline = "06:00" to [populations.{population}]',
            )
        due = as_of or last_due(deadline, now)
        try:
            yield watch(
                population=population,
                as_of=due,
                deadline=deadline,
                scores=installation.scores,
                outbox=WarehouseOutbox(installation.warehouse),
            )
        except ListMissing as error:
            missing.append(error)
        finally:
            notify(installation, population, due)
    if missing:
        raise ListMissing(
            "; ".join(error.message for error in missing), next_step=missing[0].next_step
        )
