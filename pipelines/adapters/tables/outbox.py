"""The tables of alerts: written with what they report, delivered afterwards, channel by channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.alerts.alert import Alert, RecordedAlert

# Of an alert that comes back nothing counts as delivered. One that was not there has no deliveries.
RECORD = """
with told as (
  insert into churn.alerts (population, as_of, kind, severity, title, body, owner)
  values (:population, :as_of, :kind, :severity, :title, :body, :owner)
  on conflict (population, as_of, kind) do update set
    severity = excluded.severity, title = excluded.title, body = excluded.body,
    owner = excluded.owner, created_at = now(), resolved_at = null
  where alerts.resolved_at is not null
  returning alert_id
)

delete from churn.alert_deliveries as delivery
using told
where delivery.alert_id = told.alert_id
"""

UNRESOLVED = """
select
  alert_id, population, as_of, kind, severity, title, body, owner,
  array(
    select delivery.channel
    from churn.alert_deliveries as delivery
    where delivery.alert_id = alert.alert_id and delivery.error is null
  ) as delivered
from churn.alerts as alert
where
  population = :population and as_of between :since and :until
  and resolved_at is null
order by as_of, alert_id
"""

ATTEMPTED = """
insert into churn.alert_deliveries (alert_id, channel, error)
values (:alert_id, :channel, :error)
on conflict (alert_id, channel) do update set
  attempted_at = excluded.attempted_at, error = excluded.error
"""


def record(connection: sa.Connection, alert: Alert) -> None:
    """
    Add *alert* in the transaction of *connection*.

    The first of a kind and night stays while it lasts; after it was resolved, it is a new one.
    """
    connection.execute(
        sa.text(RECORD),
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

    def unresolved(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of the nights *since* to *until*, oldest first."""
        rows = self.warehouse.rows(
            UNRESOLVED, {"population": population, "since": since, "until": until}
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
                frozenset(row.delivered),
            )
            for row in rows
        ]

    def attempted(self, alert_id: int, channel: str, error: str | None) -> None:
        """Keep the latest attempt at an alert on a channel, in a transaction of its own."""
        self.warehouse.execute(
            ATTEMPTED, {"alert_id": alert_id, "channel": channel, "error": error}
        )
