"""One customer's rows, in every table that has any, and the tombstone that stays instead."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from psycopg.sql import Identifier

from pipelines.adapters.tables.scores import SCORES_HASH
from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.privacy.erasure import Erasure, customer_sha256
from pipelines.errors import CustomerUnknown, RunLocked

# Asked of the catalogue, so that a table added later cannot be forgotten. A leak check that was
# killed leaves its copy of the feature table in a schema of its own.
TABLES = """
select space.nspname as schema, relation.relname as name
from pg_class as relation
inner join pg_namespace as space on relation.relnamespace = space.oid
inner join pg_attribute as attribute on relation.oid = attribute.attrelid
where
  attribute.attname = 'customer_id' and not attribute.attisdropped
  and relation.relkind in ('r', 'p') and not relation.relispartition
  and (space.nspname = any(:schemas) or starts_with(space.nspname, 'replay_'))
order by 1, 2
"""

LISTS = """
select run.run_id, run.as_of, run.rows
from churn.score_runs as run
inner join churn.scores as score on run.run_id = score.run_id and run.as_of = score.score_date
where score.customer_id = :customer_id
order by run.run_id
"""

# A list that lost rows before stays known as one that is not whole.
CORRECT_LIST = """
update churn.score_runs
set
  rows = rows - 1,
  scores_hash = case when rows - 1 = :rows then :scores_hash else scores_hash end
where run_id = :run_id
"""

# Of every population there ever was, whether churn.toml still knows it or not.
BUILDS = """
select build.population, contract.contract ->> 'table' as model, array_agg(build.as_of) as as_ofs
from churn.feature_builds as build
inner join churn.feature_contracts as contract using (population, fingerprint)
group by 1, 2
order by 1, 2
"""

CORRECT_BUILDS = """
with erased as (
  select as_of, count(*) as rows
  from {table}
  where customer_id = :customer_id and as_of = any(:as_ofs)
  group by as_of
)

update churn.feature_builds as build
set rows = build.rows - erased.rows
from erased
where build.population = :population and build.as_of = erased.as_of
"""

INSERT_TOMBSTONE = """
insert into churn.erasures (customer_sha256, audit_id) values (:sha256, :audit_id)
on conflict do nothing
"""

# What was asked about the customer is no longer found by their id.
FORGET_REQUESTS = """
update churn.served_requests as asked
set customer_hash = null
from churn.service_secret
where asked.customer_hash = sha256(service_secret.secret || convert_to(:customer_id, 'UTF8'))
"""

# What another session's transaction still holds after this long is somebody at work; so is one
# that waits for us as we wait for it (40P01).
LOCK_TIMEOUT_SECONDS = 60
SOMEBODY_AT_WORK = ("55P03", "40P01")


@dataclass(frozen=True)
class WarehouseErasures:
    """
    The tables of one warehouse that know customers.

    Attributes:
        warehouse: The database.
        raw_schemas: Schemas of the loaded tables.
        models_schema: Schema dbt builds in.
    """

    warehouse: Warehouse
    raw_schemas: Collection[str]
    models_schema: str

    def erase(self, customer_id: str, progress: Callable[[str, int], None]) -> Erasure:
        """
        Remove one customer, correct the counts and leave a tombstone, in one transaction.

        Nobody else writes to the tables meanwhile; readers see all of it or nothing.

        Args:
            customer_id: As the tables have it.
            progress: Told each table and the number of rows that are being removed from it.

        Raises:
            CustomerUnknown: No table has the customer and no tombstone either; nothing is changed.
            RunLocked: Another session was still writing to one of the tables after a minute.
        """
        sha256 = customer_sha256(customer_id)
        with _patient(), self.warehouse.begin() as connection:
            connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            tables = self._locked_tables(connection)
            before = connection.execute(
                sa.text(
                    "select cast(erased_at at time zone 'UTC' as date) as day, audit_id "
                    "from churn.erasures where customer_sha256 = :sha256"
                ),
                {"sha256": sha256},
            ).first()
            self._correct_builds(connection, customer_id)
            lists = connection.execute(sa.text(LISTS), {"customer_id": customer_id}).all()

            rows = {}
            for table, quoted in tables.items():
                rows[table] = connection.execute(
                    sa.text(
                        f"delete from {quoted} "  # noqa: S608  quoted
                        "where cast(customer_id as text) = :customer_id"
                    ),
                    {"customer_id": customer_id},
                ).rowcount
                progress(table, rows[table])
            if before is None and not any(rows.values()):
                raise CustomerUnknown(
                    f"none of {len(tables)} tables has this customer, and nobody of this id was "
                    "erased before; nothing was changed",
                    next_step="look the id up where it comes from, then "
                    "`churn erase --customer ID`",
                )

            _correct_lists(connection, lists)
            connection.execute(sa.text(FORGET_REQUESTS), {"customer_id": customer_id})
            audit_id = audit_log.append(
                connection,
                command="erase",
                subject="one customer",
                details={
                    "rows": {table: count for table, count in rows.items() if count},
                    "lists": len(lists),
                    "first_audit_id": None if before is None else before.audit_id,
                },
            )
            connection.execute(sa.text(INSERT_TOMBSTONE), {"sha256": sha256, "audit_id": audit_id})

        return Erasure(rows, len(lists), None if before is None else before.day, audit_id)

    def _locked_tables(self, connection: sa.Connection) -> dict[str, str]:
        """Return every table with customers, by name with its quoted name, locked for writers."""
        found = connection.execute(
            sa.text(TABLES), {"schemas": [*self.raw_schemas, self.models_schema, "churn"]}
        ).all()
        tables = {f"{row.schema}.{row.name}": _quoted(row.schema, row.name) for row in found}
        connection.exec_driver_sql(
            f"lock table {', '.join(tables.values())} in share row exclusive mode"
        )

        return tables

    def _correct_builds(self, connection: sa.Connection, customer_id: str) -> None:
        """Count the customer out of every build of features, before their rows go."""
        for build in connection.execute(sa.text(BUILDS)).all():
            table = _quoted(self.models_schema, build.model)
            if connection.scalar(sa.text("select to_regclass(:table)"), {"table": table}) is None:
                continue
            connection.execute(
                sa.text(CORRECT_BUILDS.format(table=table)),
                {
                    "population": build.population,
                    "customer_id": customer_id,
                    "as_ofs": build.as_ofs,
                },
            )


@contextlib.contextmanager
def _patient() -> Iterator[None]:
    """Raise RunLocked where the database gave up waiting for another session."""
    try:
        yield
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in SOMEBODY_AT_WORK:
            raise
        raise RunLocked(
            f"somebody else was writing to the tables for {LOCK_TIMEOUT_SECONDS} s or more; "
            "nothing was changed",
            next_step="wait until that has ended, then run the command again",
        ) from None


def _correct_lists(connection: sa.Connection, lists: Sequence[sa.Row[Any]]) -> None:
    """Count the customer out of every list of scores they were in, and hash it again."""
    for run in lists:
        left = connection.execute(
            sa.text(SCORES_HASH), {"as_of": run.as_of, "run_id": run.run_id}
        ).one()
        connection.execute(sa.text(CORRECT_LIST), {**left._mapping, "run_id": run.run_id})


def _quoted(schema: str, name: str) -> str:
    """Return the quoted name of a table."""
    return Identifier(schema, name).as_string(None)
