"""Lists of the past: returning to an earlier one, and forgetting the oldest."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from psycopg.errors import LockNotAvailable
from psycopg.sql import Identifier

from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.retention import Night

# The published list of the date, whatever it has lost, and the one that was published before it and
# is still whole.
LATEST_TWO = """
select run_id, status
from churn.score_runs as run
where population = :population and as_of = :as_of and published_at is not null
  and (
    status = 'published'
    or status = 'superseded' and rows = (
      select count(*) from churn.scores as score
      where score.score_date = run.as_of and score.run_id = run.run_id
    )
  )
order by (status = 'published') desc, published_at desc
limit 2
for update
"""

SET_STATUS = "update churn.score_runs set status = :status, reason = :reason where run_id = :run_id"

KEPT = """
select population, max(as_of) as as_of
from churn.score_runs
where status = 'published'
group by population
union
select population, as_of
from churn.score_runs
where status in ('staging', 'staged')
"""

# The newest published date of each population is never forgotten, nor what is to be published.
FORGET = """
delete from churn.scores as score
using churn.score_runs as run
where run.run_id = score.run_id and run.as_of = score.score_date and score.score_date < :before
  and run.status not in ('staging', 'staged')
  and score.score_date is distinct from (
    select max(latest.as_of) from churn.score_runs as latest
    where latest.population = run.population and latest.status = 'published'
  )
"""

LOCK_TIMEOUT = "1s"


@dataclass(frozen=True)
class ScoreHistory:
    """
    The score runs as history.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse

    def return_to_earlier(self, population: str, as_of: date) -> tuple[int, int] | None:
        """
        Publish the run that was published before the current one, in one transaction.

        Returns:
            The run people saw and the run they see now; None where there is no earlier one.
        """
        with self.warehouse.begin() as connection:
            rows = connection.execute(
                sa.text(LATEST_TWO), {"population": population, "as_of": as_of}
            ).all()
            if len(rows) < 2 or rows[0].status != "published":
                return None
            current, earlier = (row.run_id for row in rows)
            for run_id, status, reason in (
                (current, "superseded", f"rolled back to run {earlier}"),
                (earlier, "published", f"returned to from run {current}"),
            ):
                connection.execute(
                    sa.text(SET_STATUS), {"run_id": run_id, "status": status, "reason": reason}
                )
            audit_log.append(
                connection,
                command="rollback-scores",
                subject=f"{population} {as_of}",
                details={"from_run": current, "to_run": earlier},
            )

        return current, earlier

    def kept(self) -> set[Night]:
        """Return the last published date of each population, and the nights that wait."""
        return {Night(row.population, row.as_of) for row in self.warehouse.rows(KEPT)}

    def forget(self, before: date) -> int:
        """Delete the scores of dates before *before*; return their number. Runs stay listed."""
        with self.warehouse.begin() as connection:
            forgotten = connection.execute(sa.text(FORGET), {"before": before}).rowcount
            audit_log.append(
                connection,
                command="prune",
                subject=f"scores from before {before}",
                details={"rows": forgotten},
            )
        self._drop_empty_months(before)

        return forgotten

    def _drop_empty_months(self, before: date) -> None:
        """Drop what is empty; while somebody reads leave it there, or new readers would wait."""
        try:
            with self.warehouse.begin() as connection:
                connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
                for name in _partitions(connection):
                    if _ends(name) <= before and not connection.scalar(
                        sa.text(f"select exists (select from {_quoted(name)})")  # noqa: S608  quoted
                    ):
                        connection.exec_driver_sql(f"drop table {_quoted(name)}")
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise


def _partitions(connection: sa.Connection) -> list[str]:
    """Return the names of the monthly partitions of churn.scores."""
    rows = connection.execute(
        sa.text(
            "select child.relname from pg_inherits join pg_class as child on child.oid = inhrelid "
            "where inhparent = cast('churn.scores' as regclass) order by child.relname"
        )
    )

    return [row.relname for row in rows if re.fullmatch(r"scores_\d{4}_\d{2}", row.relname)]


def _ends(partition: str) -> date:
    """Return the first day after the month of a partition."""
    year, month = map(int, partition.removeprefix("scores_").split("_"))

    return (date(year, month, 1) + timedelta(days=32)).replace(day=1)


def _quoted(partition: str) -> str:
    """Return the name of a partition with its schema."""
    return Identifier("churn", partition).as_string(None)
