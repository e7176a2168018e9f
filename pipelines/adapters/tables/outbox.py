"""The tables of alerts: written with what they report, delivered afterwards, channel by channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.alerts.alert import Alert, RecordedAlert
from pipelines.domain.alerts.thread import Delivery, Incident, Night, Stage, incident_of

# Further nights of what lasts name the alert of its first, unless they are more urgent than all of
# it: then they are news. Of an alert that comes back, or gets more urgent, nothing counts as
# delivered. One that was not there has no deliveries.
RECORD = """
with standing as (
  select coalesce(incident_id, alert_id) as incident_id
  from churn.alerts
  where
    population = :population and kind = :kind and resolved_at is null and as_of <> :as_of
    and array_position(array['info', 'warning', 'critical'], severity)
    >= array_position(array['info', 'warning', 'critical'], :severity)
  order by alert_id
  limit 1
),

told as (
  insert into churn.alerts (population, as_of, kind, severity, title, body, owner, incident_id)
  values (
    :population, :as_of, :kind, :severity, :title, :body, :owner,
    (select incident_id from standing)
  )
  on conflict (population, as_of, kind) do update set
    severity = excluded.severity, title = excluded.title, body = excluded.body,
    owner = excluded.owner, created_at = now(), resolved_at = null, resolved_as_of = null,
    incident_id = nullif(excluded.incident_id, alerts.alert_id)
  where
    alerts.resolved_at is not null
    or array_position(array['info', 'warning', 'critical'], excluded.severity)
    > array_position(array['info', 'warning', 'critical'], alerts.severity)
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
    where
      delivery.alert_id = coalesce(alert.incident_id, alert.alert_id)
      and delivery.stage = 'began' and delivery.error is null
  ) as delivered
from churn.alerts as alert
where
  population = :population and as_of between :since and :until
  and resolved_at is null
order by as_of, alert_id
"""

# What lasts, what is over and was told so on no channel that knows of it, and what could not be
# told while it lasted.
INCIDENTS = """
with pending as (
  select distinct coalesce(alert.incident_id, alert.alert_id) as incident_id
  from churn.alerts as alert
  where
    alert.population = :population and alert.as_of <= :until
    and (
      alert.resolved_at is null
      or exists (
        select from churn.alert_deliveries as began
        where
          began.alert_id = coalesce(alert.incident_id, alert.alert_id)
          and began.stage = 'began'
          and (alert.severity <> 'info' or began.error is not null)
          and not exists (
            select from churn.alert_deliveries as ended
            where
              ended.alert_id = began.alert_id and ended.channel = began.channel
              and ended.stage = 'over' and ended.error is null
          )
      )
    )
)

select
  pending.incident_id, alert.population, alert.as_of, alert.kind, alert.severity, alert.title,
  alert.body, alert.owner, alert.resolved_at is not null as is_over, alert.resolved_as_of
from pending
inner join churn.alerts as alert
  on pending.incident_id = coalesce(alert.incident_id, alert.alert_id)
where alert.as_of <= :until
order by pending.incident_id, alert.as_of, alert.alert_id
"""

DELIVERIES = """
select alert_id, channel, stage, as_of, error, message
from churn.alert_deliveries
where alert_id = any(:incidents)
"""

WAS_TOLD = """
select 1
from churn.alert_deliveries as delivery
inner join churn.alerts as alert on delivery.alert_id = alert.alert_id
where
  alert.population = :population and delivery.channel = :channel and delivery.as_of = :as_of
  and delivery.error is null and delivery.message is not null
limit 1
"""

ATTEMPTED = """
insert into churn.alert_deliveries (alert_id, channel, stage, as_of, error, message)
values (:incident_id, :channel, :stage, :as_of, :error, :message)
on conflict (alert_id, channel, stage) do update set
  attempted_at = excluded.attempted_at, as_of = excluded.as_of, error = excluded.error,
  message = excluded.message
"""


def record(connection: sa.Connection, alert: Alert) -> None:
    """
    Add *alert* in the transaction of *connection*.

    The first of a kind and night stays while it lasts; after it was resolved, it is a new one. On a
    further night of what lasts it belongs to the same incident.
    """
    connection.execute(
        sa.text(RECORD),
        {
            "population": alert.population,
            "as_of": alert.as_of,
            "kind": alert.kind,
            "severity": alert.severity,
            "title": _storable(alert.title),
            "body": _storable(alert.body),
            "owner": _storable(alert.owner),
        },
    )


def _storable(text: str) -> str:
    """Return *text* without what no column holds: NUL, and halves of surrogate pairs."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


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
        """Remember that what some kinds of alert told about a night, or one before it, is over."""
        self.warehouse.execute(
            "update churn.alerts set resolved_at = now(), resolved_as_of = :as_of "
            "where population = :population and as_of <= :as_of and kind = any(:kinds) "
            "and resolved_at is null",
            {"population": population, "as_of": as_of, "kinds": list(kinds)},
        )

    def unresolved(self, population: str, since: date, until: date) -> list[RecordedAlert]:
        """Return the alerts of the nights *since* to *until*, oldest first."""
        rows = self.warehouse.rows(
            UNRESOLVED, {"population": population, "since": since, "until": until}
        )

        return [RecordedAlert(row.alert_id, _alert(row), frozenset(row.delivered)) for row in rows]

    def incidents(self, population: str, until: date) -> list[Incident]:
        """Return what lasts, and what is over and not everybody knows, oldest first."""
        rows = self.warehouse.rows(INCIDENTS, {"population": population, "until": until})
        numbers = sorted({row.incident_id for row in rows})
        known: dict[int, dict[tuple[str, Stage], Delivery]] = {number: {} for number in numbers}
        for told in self.warehouse.rows(DELIVERIES, {"incidents": numbers}):
            found = Delivery(told.as_of, told.error, told.message)
            known[told.alert_id][told.channel, told.stage] = found

        return sorted(
            (
                incident_of(
                    number,
                    [
                        Night(_alert(row), row.is_over, row.resolved_as_of)
                        for row in rows
                        if row.incident_id == number
                    ],
                    known[number],
                )
                for number in numbers
            ),
            key=lambda incident: (incident.alert.as_of, incident.incident_id),
        )

    def was_told(self, population: str, channel: str, as_of: date) -> bool:
        """Tell whether a message of the night went out on a channel."""
        night = {"population": population, "channel": channel, "as_of": as_of}

        return bool(self.warehouse.rows(WAS_TOLD, night))

    def attempted(self, incident_id: int, channel: str, stage: Stage, delivery: Delivery) -> None:
        """Keep the latest attempt to tell a stage on a channel, in a transaction of its own."""
        self.warehouse.execute(
            ATTEMPTED,
            {
                "incident_id": incident_id,
                "channel": channel,
                "stage": stage,
                "as_of": delivery.as_of,
                "error": delivery.error,
                "message": delivery.message,
            },
        )


def _alert(row: sa.Row[Any]) -> Alert:
    """Return the alert of a row."""
    return Alert(
        population=row.population,
        as_of=row.as_of,
        kind=row.kind,
        severity=row.severity,
        title=row.title,
        body=row.body,
        owner=row.owner,
    )
