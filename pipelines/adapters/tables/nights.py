"""The numbers of one night, added up by the warehouse."""

from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.adapters.gates.docs_folder import DataDocsFolder
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.performance import Measured
from pipelines.domain.nights.report import (
    AlertSummary,
    GateSummary,
    ListSummary,
    NightSummary,
    Performance,
)
from pipelines.domain.scoring.tiers import TierPolicy

LISTS = """
select run.run_id, run.as_of, run.model_name, run.model_version
from churn.score_runs as run
where run.population = :population and run.status = 'published' and run.as_of <= :as_of
order by run.as_of desc
limit 2
"""

TIERS = """
select risk_tier, count(*) as customers, sum(churn_probability) as probability
from churn.scores
where score_date = :score_date and run_id = :run_id
group by risk_tier
"""

# A tier that is not among :tiers, which ascend, has no rank: nobody rises or falls to or from it.
MOVED = """
select
  count(*) filter (where now_rank > before_rank) as risen,
  count(*) filter (where now_rank < before_rank) as fallen,
  count(*) filter (where now_rank > before_rank and risk_tier = any(:top)) as risen_to_top
from (
  select
    risk_tier,
    array_position(:tiers, risk_tier) as now_rank,
    array_position(:tiers, previous_tier) as before_rank
  from churn.tier_changes
  where population = :population and score_date = :as_of
) as ranked
"""

# Of what is measured, what a page has room for; each of it is about the whole list but precision.
PERFORMANCE = """
select score_date, model_version, metric, value, lower, upper, customers, churners
from churn.model_performance
where
  population = :population
  and score_date = (
    select max(score_date) from churn.model_performance
    where population = :population and measured_as_of <= :as_of
  )
  and metric in (
    'auc', 'brier', 'lift_10pct', 'log_loss', 'mean_predicted', 'observed_rate', 'pr_auc',
    'precision', 'precision_at_capacity'
  )
order by metric
"""

ALERTS = """
select
  as_of, severity, title, owner,
  exists (
    select from churn.alert_deliveries as delivery
    where
      delivery.alert_id = coalesce(alert.incident_id, alert.alert_id)
      and delivery.error is null
  ) as is_sent,
  resolved_at is not null as is_resolved
from churn.alerts as alert
where population = :population and as_of > :after and as_of <= :as_of
order by as_of desc, alert_id
"""
ALERT_DAYS = 7

# A gate that looked twice is shown as it looked last.
GATES = """
select
  result.gate,
  count(*) as checks,
  count(*) filter (where not is_passed and severity = 'fail') as failed,
  count(*) filter (where not is_passed and severity = 'warn') as warned
from churn.gate_results as result
inner join (
  select gate, max(checked_at) as checked_at
  from churn.gate_results
  where population = :population and as_of = :as_of
  group by gate
) as latest on result.gate = latest.gate and result.checked_at = latest.checked_at
where result.population = :population and result.as_of = :as_of
group by result.gate
order by array_position(array['sources', 'features', 'scores'], result.gate)
"""


@dataclass(frozen=True)
class WarehouseNights:
    """
    What one page says about a night.

    Attributes:
        warehouse: The database.
        docs: Where the pages of gates lie.
        tiers: The tiers there are, in their order.
    """

    warehouse: Warehouse
    docs: DataDocsFolder
    tiers: TierPolicy

    def summary(self, population: str, as_of: date) -> NightSummary:
        """Return the numbers of one night."""
        night = {"population": population, "as_of": as_of}
        lists = {
            row.as_of: ListSummary(
                row.as_of,
                row.model_name,
                row.model_version,
                *self._tiers(row.as_of, row.run_id),
            )
            for row in self.warehouse.rows(LISTS, night)
        }
        tonight = lists.pop(as_of, None)
        ranks = {"tiers": list(self.tiers.names), "top": list(self.tiers.top)}
        moved = self.warehouse.rows(MOVED, {**night, **ranks})[0]
        verdicts = self.warehouse.rows(
            "select verdict, reason from churn.drift_verdicts "
            "where population = :population and as_of = :as_of",
            night,
        )
        alerts = self.warehouse.rows(ALERTS, {**night, "after": as_of - timedelta(ALERT_DAYS)})

        return NightSummary(
            population=population,
            as_of=as_of,
            tiers=self.tiers,
            tonight=tonight,
            before=lists[max(lists)] if lists else None,
            risen=moved.risen,
            fallen=moved.fallen,
            risen_to_top=moved.risen_to_top,
            gates=[
                GateSummary(**row._mapping, docs=self.docs.page(population, as_of, row.gate))
                for row in self.warehouse.rows(GATES, night)
            ],
            drift=(verdicts[0].verdict, verdicts[0].reason) if verdicts else None,
            performance=self._performance(population, as_of),
            alerts=[AlertSummary(**row._mapping) for row in alerts],
        )

    def _tiers(self, score_date: date, run_id: int) -> tuple[dict[str, int], dict[str, float]]:
        """Return customers by tier, and the sum of their probabilities."""
        rows = self.warehouse.rows(TIERS, {"score_date": score_date, "run_id": run_id})
        customers = {row.risk_tier: row.customers for row in rows}

        return customers, {row.risk_tier: row.probability for row in rows}

    def _performance(self, population: str, as_of: date) -> Performance | None:
        """Return the list measured last."""
        rows = self.warehouse.rows(PERFORMANCE, {"population": population, "as_of": as_of})
        if not rows:
            return None

        return Performance(
            rows[0].score_date,
            rows[0].model_version,
            rows[0].customers,
            rows[0].churners,
            [Measured(row.metric, row.value, row.lower, row.upper) for row in rows],
        )
