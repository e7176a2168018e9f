"""What gates observed on earlier nights, and how many rows arrived in earlier weeks."""

from dataclasses import dataclass
from datetime import date, timedelta

from psycopg.sql import Identifier

from pipelines.adapters.warehouse import Warehouse
from pipelines.domain.gate_history import Observation
from pipelines.domain.score_run import ScoreRun

# Of each earlier night the last check of the gate, if it passed: what was refused is no example.
OBSERVATIONS = """
with checked as (
  select as_of, max(checked_at) as checked_at
  from churn.gate_results
  where population = :population and gate = :gate and as_of >= :since and as_of < :as_of
  group by as_of
),

nights as (
  select result.*
  from churn.gate_results as result
  inner join checked on result.as_of = checked.as_of and result.checked_at = checked.checked_at
  where result.population = :population and result.gate = :gate
),

passed as (
  select as_of from nights group by as_of having bool_and(is_passed or severity = 'warn')
)

select
  nights.as_of,
  nights.subject,
  nights.expected ->> 'measure' as measure,
  coalesce(
    cast(nights.observed ->> 'value' as double precision),
    cast(nights.observed ->> 'unexpected' as double precision)
    / nullif(cast(nights.observed ->> 'rows' as double precision), 0)
  ) as value,
  run.model_version
from nights
inner join passed on nights.as_of = passed.as_of
left join churn.score_runs as run on nights.run_id = run.run_id
where nights.expected ? 'measure' and (nights.observed ? 'value' or nights.observed ? 'rows')
order by nights.as_of
"""

ARRIVALS = """
select count(*) as rows
from {table}
where
  loaded_at >= cast(:start as timestamp) at time zone 'UTC'
  and loaded_at < cast(:end as timestamp) at time zone 'UTC'
"""

HAS_TIMES = """
select 1 from information_schema.columns
where table_schema = :schema and table_name = :table and column_name = 'loaded_at'
"""

PREVIOUS = """
select as_of, run_id from churn.score_runs
where
  population = :population and status = 'published' and model_version = :model_version
  and as_of >= :since and as_of < :as_of
order by as_of desc
limit 1
"""


@dataclass(frozen=True)
class WarehouseGateHistory:
    """
    Earlier nights of one warehouse.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def observations(
        self, gate: str, population: str, since: date, as_of: date
    ) -> list[Observation]:
        """Return what a gate observed on the nights from *since* to the one before *as_of*."""
        rows = self.warehouse.rows(
            OBSERVATIONS,
            {"gate": gate, "population": population, "since": since, "as_of": as_of},
        )

        return [Observation(**row._mapping) for row in rows if row.value is not None]

    def arrivals(self, schema: str, table: str, as_of: date, weeks: int) -> list[int]:
        """
        Return the rows that became known in each of the weeks before the last, latest first.

        A table that is not there, or has no `loaded_at`, has no past; its suite says so.
        """
        known = {"schema": schema, "table": table}
        if not self.warehouse.rows(HAS_TIMES, known):
            return []
        query = ARRIVALS.format(table=Identifier(schema, table).as_string(None))
        ends = [as_of - timedelta(weeks=back) for back in range(1, weeks + 1)]

        return [
            self.warehouse.rows(query, {"start": end - timedelta(weeks=1), "end": end})[0].rows
            for end in ends
        ]

    def previous_list(self, run: ScoreRun, since: date) -> tuple[date, int] | None:
        """Return date and run of the last list before *run* by the same model, or None."""
        rows = self.warehouse.rows(
            PREVIOUS,
            {
                "population": run.population,
                "model_version": run.model_version,
                "since": since,
                "as_of": run.as_of,
            },
        )

        return (rows[0].as_of, rows[0].run_id) if rows else None
