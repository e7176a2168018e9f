"""The tables churn.drift_checks and churn.drift_verdicts, and the alert that goes with them."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from pipelines.adapters.tables import outbox
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.drift.limits import EARLIER_DAYS, USUAL_DAYS
from pipelines.domain.drift.persistence import NIGHTS
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.drift.source_nulls import SourceNulls

INSERT_CHECK = """
insert into churn.drift_checks
  (population, as_of, feature, model_version, engine, statistic, p_value, effect_name, effect,
   missing_reference_pct, missing_current_pct, importance, verdict, nights, distribution)
values
  (:population, :as_of, :feature, :model_version, :engine, :statistic, :p_value, :effect_name,
   :effect, :missing_reference_pct, :missing_current_pct, :importance, :verdict, :nights,
   cast(:distribution as jsonb))
"""

DRIFTED_BEFORE = """
with nights as (
  select as_of
  from churn.drift_verdicts
  where
    population = :population
    and as_of < :as_of
    and as_of >= :since
    and model_version = :model_version
  order by as_of desc
  limit :nights
)

select
  nights.as_of,
  array_agg(drift_check.feature) filter (where drift_check.feature is not null) as features
from nights
left join churn.drift_checks as drift_check
  on
    drift_check.population = :population
    and nights.as_of = drift_check.as_of
    and drift_check.verdict = 'drifted'
group by nights.as_of
order by nights.as_of desc
"""

UPSERT_VERDICT = """
insert into churn.drift_verdicts
  (population, as_of, model_version, verdict, is_training_requested, reason)
values (:population, :as_of, :model_version, :verdict, :is_training_requested, :reason)
on conflict (population, as_of) do update set
  model_version = excluded.model_version,
  verdict = excluded.verdict,
  is_training_requested = excluded.is_training_requested,
  reason = excluded.reason,
  checked_at = now()
"""

# The fullest of the nights before, not the last: a feed broken for a week is still broken.
SOURCE_NULLS = """
with counted as (
  select distinct on (as_of, subject)
    as_of,
    subject,
    owner,
    is_passed,
    cast(observed ->> 'rows' as bigint) as looked_at,
    cast(observed ->> 'unexpected' as bigint) as nulls
  from churn.gate_results
  where
    population = :population
    and gate = 'sources'
    and expectation = 'expect_column_values_to_not_be_null'
    and as_of between :since and :as_of
    and observed ? 'unexpected'
  order by as_of, subject, gate_result_id desc
),

usual as (
  select distinct on (subject) subject, looked_at, nulls
  from counted
  where as_of < :as_of and looked_at > 0
  order by subject, nulls / cast(looked_at as double precision), as_of
)

select
  tonight.subject as column,
  tonight.looked_at as rows,
  tonight.nulls,
  usual.looked_at as usual_rows,
  usual.nulls as usual_nulls,
  tonight.is_passed as is_tolerated,
  tonight.owner
from counted as tonight
left join usual on tonight.subject = usual.subject
where tonight.as_of = :as_of
order by tonight.subject
"""


@dataclass(frozen=True)
class WarehouseDrift:
    """
    Where drift is written down.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def drifted_before(
        self, population: str, as_of: date, model_version: int
    ) -> list[frozenset[str]]:
        """Return the columns that drifted on the judged nights before, the last first."""
        rows = self.warehouse.rows(
            DRIFTED_BEFORE,
            {
                "population": population,
                "as_of": as_of,
                "since": as_of - timedelta(days=EARLIER_DAYS),
                "model_version": model_version,
                "nights": NIGHTS - 1,
            },
        )

        return [frozenset(row.features or ()) for row in rows]

    def source_nulls(self, population: str, as_of: date) -> list[SourceNulls]:
        """Return what the sources gate of *as_of* counted, beside the fullest night before it."""
        rows = self.warehouse.rows(
            SOURCE_NULLS,
            {
                "population": population,
                "as_of": as_of,
                "since": as_of - timedelta(days=USUAL_DAYS),
            },
        )

        return [SourceNulls(**row._mapping) for row in rows]

    def record(self, report: DriftReport) -> None:
        """Replace the night's checks and verdict and add its alert, in one transaction."""
        night = {
            "population": report.population,
            "as_of": report.as_of,
            "model_version": report.model_version,
        }
        with self.warehouse.begin() as connection:
            connection.execute(
                sa.text(
                    "delete from churn.drift_checks "
                    "where population = :population and as_of = :as_of"
                ),
                night,
            )
            connection.execute(
                sa.text(INSERT_CHECK),
                [
                    {
                        **night,
                        "engine": report.engine,
                        "feature": check.feature,
                        "statistic": check.statistic,
                        "p_value": check.p_value,
                        "effect_name": check.effect_name,
                        "effect": check.effect,
                        "missing_reference_pct": check.missing_reference_pct,
                        "missing_current_pct": check.missing_current_pct,
                        "importance": check.importance,
                        "verdict": check.verdict,
                        "nights": check.nights,
                        "distribution": check.distribution
                        and json.dumps(check.distribution.to_dict()),
                    }
                    for check in report.checks
                ],
            )
            connection.execute(
                sa.text(UPSERT_VERDICT),
                {
                    **night,
                    "verdict": report.verdict,
                    "is_training_requested": report.is_training_requested,
                    "reason": report.reason,
                },
            )
            if report.alert is not None:
                outbox.record(connection, report.alert)
