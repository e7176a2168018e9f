"""What gates observed on earlier nights, and how many rows arrived in earlier weeks."""

from dataclasses import dataclass
from datetime import date

from psycopg.sql import Identifier

from pipelines.adapters.tables.scores import RUN_COLUMNS
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.gates.history import Observation
from pipelines.domain.scoring.runs import ScoreRun

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

-- One quantity may have two checks, for a warning and a failure. A share is one of values that are
-- there, as GX reads `mostly`.
select distinct
  nights.as_of,
  nights.subject,
  nights.expected ->> 'measure' as quantity,
  coalesce(
    cast(nights.observed ->> 'value' as double precision),
    cast(nights.observed ->> 'unexpected' as double precision) / nullif(
      cast(nights.observed ->> 'rows' as double precision)
      - coalesce(cast(nights.observed ->> 'missing' as double precision), 0),
      0
    )
  ) as value,
  run.model_version
from nights
inner join passed on nights.as_of = passed.as_of
left join churn.score_runs as run on nights.run_id = run.run_id
where nights.expected ? 'measure' and (nights.observed ? 'value' or nights.observed ? 'rows')
order by nights.as_of
"""

# Days are counted back from as_of, 00:00 UTC, and have 24 hours whatever the session's time zone.
# What became known at 00:00 belongs to the day that begins. A day that is missing had no rows.
ARRIVALS = """
select
  cast(ceil(extract(epoch from cut.ends - loaded_at) / 86400) as integer) - 1 as day,
  count(*) as rows
from {table}
cross join (select cast(:as_of as timestamp) at time zone 'UTC' as ends) as cut
where loaded_at < cut.ends and loaded_at >= cut.ends - make_interval(hours => 24 * :days)
group by day
"""

HAS_TIMES = """
select 1 from information_schema.columns
where table_schema = :schema and table_name = :table and column_name = 'loaded_at'
"""

PREVIOUS = f"""
select {RUN_COLUMNS}
from churn.score_runs
where population = :population and status = 'published' and as_of >= :since and as_of < :as_of
order by as_of desc
limit 1
"""  # noqa: S608  column names of ours


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

    def arrivals(self, schema: str, table: str, as_of: date, days: int) -> list[int]:
        """
        Return the rows that became known on each of the days before *as_of*, latest first.

        A table that is not there, or has no `loaded_at`, has no past; its suite says so.
        """
        known = {"schema": schema, "table": table}
        if not self.warehouse.rows(HAS_TIMES, known):
            return []
        query = ARRIVALS.format(table=Identifier(schema, table).as_string(None))
        counted = {
            row.day: row.rows for row in self.warehouse.rows(query, {"as_of": as_of, "days": days})
        }

        return [counted.get(day, 0) for day in range(days)]

    def previous_list(self, run: ScoreRun, since: date) -> ScoreRun | None:
        """Return the run of the list published last before *run*, or None."""
        rows = self.warehouse.rows(
            PREVIOUS, {"population": run.population, "since": since, "as_of": run.as_of}
        )

        return ScoreRun(**rows[0]._mapping) if rows else None
