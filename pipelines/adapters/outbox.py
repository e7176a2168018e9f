"""The table churn.alerts: written with what it reports, delivered afterwards."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.adapters.warehouse import Warehouse
from pipelines.domain.alerts import Alert, ChannelName, RecordedAlert

INSERT = """
insert into churn.alerts (population, as_of, kind, severity, title, body, owner)
values (:population, :as_of, :kind, :severity, :title, :body, :owner)
on conflict (population, as_of, kind) do nothing
"""

DELIVERED: dict[ChannelName, str] = {
    "email": "update churn.alerts set emailed_at = now() where alert_id = :alert_id",
    "slack": "update churn.alerts set slacked_at = now() where alert_id = :alert_id",
}


def record(connection: sa.Connection, alert: Alert) -> None:
    """Add *alert* in the transaction of *connection*; the first of a kind and night stays."""
    connection.execute(
        sa.text(INSERT),
        {
            "population": alert.population,
            "as_of": alert.as_of,
            "kind": alert.kind,
            "severity": alert.severity,
            "title": alert.title,
            "body": alert.body,
            "owner": alert.owner,
        },
    )


@dataclass(frozen=True)
class WarehouseOutbox:
    """
    Alerts on their way to people.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def recorded(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of the nights from *since* to *until*, both included, oldest first."""
        rows = self.warehouse.rows(
            "select alert_id, population, as_of, kind, severity, title, body, owner, "
            "emailed_at is not null as is_emailed, slacked_at is not null as is_slacked "
            "from churn.alerts "
            "where population = :population and as_of between :since and :until "
            "order by as_of, alert_id",
            {"population": population, "since": since, "until": until},
        )

        return [
            RecordedAlert(
                row.alert_id,
                Alert(
                    population=row.population,
                    as_of=row.as_of,
                    kind=row.kind,
                    severity=row.severity,
                    title=row.title,
                    body=row.body,
                    owner=row.owner,
                ),
                _channels(is_emailed=row.is_emailed, is_slacked=row.is_slacked),
            )
            for row in rows
        ]

    def delivered(self, alert_id: int, channel: ChannelName) -> None:
        """Remember that an alert went out on one channel."""
        self.warehouse.execute(DELIVERED[channel], {"alert_id": alert_id})

    def settled(self, alert_id: int, error: str | None) -> None:
        """Remember why an alert did not go out everywhere, or that it did."""
        self.warehouse.execute(
            "update churn.alerts set delivery_error = :error "
            "where alert_id = :alert_id and delivery_error is distinct from cast(:error as text)",
            {"alert_id": alert_id, "error": error},
        )


def _channels(*, is_emailed: bool, is_slacked: bool) -> frozenset[ChannelName]:
    """Return the channels an alert went out on."""
    sent: set[ChannelName] = set()
    if is_emailed:
        sent.add("email")
    if is_slacked:
        sent.add("slack")

    return frozenset(sent)
