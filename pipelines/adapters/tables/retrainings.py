"""The table churn.retraining_decisions: what followed from the evidence of each night."""

from dataclasses import dataclass
from datetime import date

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.retraining.decision import RetrainingDecision

RECORD = """
insert into churn.retraining_decisions (population, as_of, model_version, action, causes, reason)
values (:population, :as_of, :model_version, :action, :causes, :reason)
on conflict (population, as_of) do update set
  model_version = excluded.model_version,
  action = excluded.action,
  causes = excluded.causes,
  reason = excluded.reason,
  decided_at = excluded.decided_at
"""

DECISIONS = """
select population, as_of, model_version, action, causes, reason
from churn.retraining_decisions
where population = :population and as_of {comparison} :as_of
order by as_of
"""


@dataclass(frozen=True)
class WarehouseRetrainings:
    """
    The decisions, one a population and night.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def record(self, decision: RetrainingDecision) -> None:
        """Keep the decision of a night; that of an earlier run of it is replaced."""
        self.warehouse.execute(
            RECORD,
            {
                "population": decision.population,
                "as_of": decision.as_of,
                "model_version": decision.model_version,
                "action": decision.action,
                "causes": [*decision.causes],
                "reason": decision.reason,
            },
        )

    def before(self, population: str, as_of: date) -> list[RetrainingDecision]:
        """Return the decisions of the nights before *as_of*, oldest first."""
        return self._decisions("<", population, as_of)

    def of_night(self, population: str, as_of: date) -> RetrainingDecision | None:
        """Return the decision of one night, or None."""
        return next(iter(self._decisions("=", population, as_of)), None)

    def _decisions(self, comparison: str, population: str, as_of: date) -> list[RetrainingDecision]:
        """Return the decisions of dates that compare so with *as_of*."""
        rows = self.warehouse.rows(
            DECISIONS.format(comparison=comparison), {"population": population, "as_of": as_of}
        )

        return [RetrainingDecision(**{**row._mapping, "causes": tuple(row.causes)}) for row in rows]
