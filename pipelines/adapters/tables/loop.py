"""The table churn.loop_decisions, and the verdicts on drift it follows from."""

import json
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.adapters.tables import outbox
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.loop.decision import Decision

DECISIONS = """
select population, as_of, champion_version, action, cause, reason, evidence
from churn.loop_decisions
where population = :population and as_of between :since and :until
order by as_of
"""

UPSERT = """
insert into churn.loop_decisions
  (population, as_of, champion_version, action, cause, reason, evidence)
values
  (:population, :as_of, :champion_version, :action, :cause, :reason, cast(:evidence as jsonb))
on conflict (population, as_of) do update set
  champion_version = excluded.champion_version, action = excluded.action,
  cause = excluded.cause, reason = excluded.reason, evidence = excluded.evidence,
  decided_at = case
    when loop_decisions.action = excluded.action then loop_decisions.decided_at else now()
  end
"""


@dataclass(frozen=True)
class WarehouseLoop:
    """
    What was decided about the evidence of nights.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def verdict(self, population: str, as_of: date) -> str | None:
        """Return the verdict on drift of a night; None where it was not judged."""
        rows = self.warehouse.rows(
            "select verdict from churn.drift_verdicts "
            "where population = :population and as_of = :as_of",
            {"population": population, "as_of": as_of},
        )

        return rows[0].verdict if rows else None

    def decisions(self, population: str, before: date) -> list[Decision]:
        """Return what was decided on the nights before *before*, oldest first."""
        return [
            found for found in self._between(population, date.min, before) if found.as_of < before
        ]

    def decision(self, population: str, as_of: date) -> Decision | None:
        """Return what was decided on a night, or None."""
        return next(iter(self._between(population, as_of, as_of)), None)

    def record(self, decision: Decision) -> None:
        """Replace the decision of a night and add its alert, in one transaction."""
        with self.warehouse.begin() as connection:
            connection.execute(
                sa.text(UPSERT),
                {
                    "population": decision.population,
                    "as_of": decision.as_of,
                    "champion_version": decision.champion_version,
                    "action": decision.action,
                    "cause": decision.cause,
                    "reason": decision.reason,
                    "evidence": json.dumps(decision.evidence),
                },
            )
            if decision.alert is not None:
                outbox.record(connection, decision.alert)

    def _between(self, population: str, since: date, until: date) -> list[Decision]:
        """Return the decisions of some nights."""
        rows = self.warehouse.rows(
            DECISIONS, {"population": population, "since": since, "until": until}
        )

        return [Decision(**{**row._mapping, "evidence": tuple(row.evidence)}) for row in rows]
