"""The table churn.alerts: written with what it reports, delivered afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.alerts.alert import Alert, ChannelName, RecordedAlert

INSERT = """
insert into churn.alerts (population, as_of, kind, severity, title, body, owner)
values (:population, :as_of, :kind, :severity, :title, :body, :owner)
on conflict (population, as_of, kind) do update set
  severity = excluded.severity, title = excluded.title, body = excluded.body,
  owner = excluded.owner, created_at = now(), resolved_at = null,
  emailed_at = null, slacked_at = null, delivery_error = null
where alerts.resolved_at is not null
"""

DELIVERED: dict[ChannelName, str] = {
    "email": "update churn.alerts set emailed_at = now() where alert_id = :alert_id",
    "slack": "update churn.alerts set slacked_at = now() where alert_id = :alert_id",
}


def record(connection: sa.Connection, alert: Alert) -> None:
    """
    Add *alert* in the transaction of *connection*.

    The first of a kind and night stays while it lasts; after it was resolved, it is a new one.
    """
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

    def add(self, alert: Alert) -> None:
        """Add *alert* in a transaction of its own."""
        with self.warehouse.begin() as connection:
            record(connection, alert)

    def resolve(self, population: str, as_of: date, kinds: Sequence[str]) -> None:
        """Remember that what some kinds of alert told about a night is over."""
        self.warehouse.execute(
            "update churn.alerts set resolved_at = now() "
            "where population = :population and as_of = :as_of and kind = any(:kinds) "
            "and resolved_at is null",
            {"population": population, "as_of": as_of, "kinds": list(kinds)},
        )

    def recorded(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return what is not resolved of the nights from *since* to *until*, oldest first."""
        rows = self.warehouse.rows(
            "select alert_id, population, as_of, kind, severity, title, body, owner, "
            "emailed_at is not null as is_emailed, slacked_at is not null as is_slacked "
            "from churn.alerts "
            "where population = :population and as_of between :since and :until "
            "and resolved_at is null "
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
