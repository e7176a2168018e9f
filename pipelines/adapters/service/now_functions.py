"""The functions by which the service asks features of now: made where features are built."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa
from psycopg.sql import SQL, Identifier

from pipelines.adapters.service import now_sql
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.adapters.warehouse.quoted_values import without_values
from pipelines.domain.features.compiled import CompiledModel
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.serving.now import NotAskedNow
from pipelines.domain.serving.records import Column
from pipelines.errors import RoleMissing

OWNER = "set local role churn_pipeline"
# Where it is told that functions were made anew; whoever hears it looks for themselves.
CHANNEL = "churn_functions"
COLUMNS = """
select attribute.attname as name, format_type(attribute.atttypid, attribute.atttypmod) as type,
  attribute.attnotnull as is_needed
from pg_attribute as attribute
inner join pg_class as relation on attribute.attrelid = relation.oid
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where namespace.nspname = :schema and relation.relname = :table
  and attribute.attnum > 0 and not attribute.attisdropped
order by attribute.attnum
"""
KNOWN = "select sha256, fault from churn.online_functions where population = :population"
REMEMBER = """
insert into churn.online_functions as made (population, sha256, tables, fault)
values (:population, :sha256, cast(:tables as jsonb), :fault)
on conflict (population) do update
set sha256 = excluded.sha256, tables = excluded.tables, fault = excluded.fault, made_at = now()
where (made.sha256, made.tables, made.fault)
  is distinct from (excluded.sha256, excluded.tables, excluded.fault)
"""
# Customers of the night, the first and the last of it, by whom the functions are compared with it.
COMPARED = 24
# Somebody nobody knows is asked for too, so that the functions have run where a night is empty.
DIFFERENT = """
with asked as (
  select '' as customer_id
  union all
  (select customer_id from {table} where as_of = :as_of order by customer_id limit :most)
  union all
  (select customer_id from {table} where as_of = :as_of order by customer_id desc limit :most)
),

built as (
  select {columns} from {table}
  where as_of = :as_of and customer_id in (select customer_id from asked)
),

found as (
  {found}
)

select count(*) from (
  (select * from built except select * from found)
  union all
  (select * from found except select * from built)
) as other
"""
ONE = (
    "select told.* from (select distinct customer_id from asked) as each "
    "cross join lateral {function}(each.customer_id, :as_of, '{{}}', false) as told"
)
MANY = (
    "select told.* from "
    "{function}(array(select customer_id from asked), :as_of, '{{}}', false) as told"
)


@dataclass(frozen=True)
class WarehouseNowFunctions:
    """
    The functions of the schema `online`, and the table churn.online_functions.

    Attributes:
        warehouse: The database.
        schema: Schema dbt builds in.
    """

    warehouse: Warehouse
    schema: str

    def renew(
        self, population: str, compiled: CompiledModel, contract: FeatureContract, as_of: date
    ) -> None:
        """
        Make what asks the features of one customer as the night of *as_of* was built.

        Functions that say what they did stay as they are. Those that do not say of customers of the
        night what the night said are taken away.

        Raises:
            NotAskedNow: There are no such functions now; the message says why.
        """
        try:
            self._renew(population, compiled, contract, as_of)
        except (NotAskedNow, RoleMissing, sa.exc.DBAPIError) as error:
            refused = error if isinstance(error, NotAskedNow) else _refused(error)
            with self.warehouse.begin() as connection:
                connection.execute(sa.text(OWNER))
                _run(connection, now_sql.dropped(population))
                _remember(connection, population, "", "{}", refused.message)
            raise refused from None

    def _renew(
        self, population: str, compiled: CompiledModel, contract: FeatureContract, as_of: date
    ) -> None:
        """Make the functions, and compare them with the night, in one transaction."""
        with self.warehouse.begin() as connection:
            connection.execute(sa.text(OWNER))
            sources = {key: _columns(connection, *key) for key in compiled.sources.values()}
            wanted = {"as_of", "customer_id", *contract.names}
            columns = [
                each
                for each in _columns(connection, self.schema, contract.table)
                if each.name in wanted
            ]
            statements = now_sql.functions(
                population,
                now_sql.narrowed(compiled, sources, "= $1"),
                now_sql.narrowed(compiled, sources, "= any($1)"),
                now_sql.is_known(compiled, sources),
                columns,
            )
            sha256 = hashlib.sha256(statements.encode()).hexdigest()
            known = connection.execute(sa.text(KNOWN), {"population": population}).one_or_none()
            if known is None or (known.sha256, known.fault) != (sha256, None):
                _run(connection, statements)
                # Heard by services once this is committed, who then ask them before anybody waits.
                connection.exec_driver_sql(f"notify {CHANNEL}")
            self._compare(connection, population, contract, as_of, [each.name for each in columns])
            tables = {
                table: [asdict(each) for each in found]
                for (_, table), found in sources.items()
                if now_sql.is_of_customers(found)
            }
            _remember(connection, population, sha256, json.dumps(tables), None)

    def _compare(
        self,
        connection: sa.Connection,
        population: str,
        contract: FeatureContract,
        as_of: date,
        columns: Sequence[str],
    ) -> None:
        """Refuse functions that say something else of customers than their night."""
        function = Identifier(now_sql.SCHEMA, population)
        names = SQL(", ").join(map(Identifier, columns))
        for way in (ONE, MANY):
            found = SQL(way).format(function=function)
            query = SQL(DIFFERENT).format(
                table=Identifier(self.schema, contract.table), columns=names, found=found
            )
            different: int = connection.execute(
                sa.text(query.as_string(None)), {"as_of": as_of, "most": COMPARED // 2}
            ).scalar_one()
            if different:
                raise NotAskedNow(
                    f"asked one by one, customers of {population} on {as_of} have other features "
                    f"than in their night: {different} rows of {COMPARED} customers",
                    next_step="see which features of a customer depend on rows of others",
                )


def _run(connection: sa.Connection, statements: str) -> None:
    """Run statements in which no character is a placeholder."""
    connection.exec_driver_sql(statements, execution_options={"no_parameters": True})


def _columns(connection: sa.Connection, schema: str, table: str) -> list[Column]:
    """Return the columns of a table or view, in its order."""
    rows = connection.execute(sa.text(COLUMNS), {"schema": schema, "table": table})

    return [Column(row.name, row.type, bool(row.is_needed)) for row in rows]


def _remember(
    connection: sa.Connection, population: str, sha256: str, tables: str, fault: str | None
) -> None:
    """Write down what there is of a population, if that has changed."""
    connection.execute(
        sa.text(REMEMBER),
        {"population": population, "sha256": sha256, "tables": tables, "fault": fault},
    )


def _refused(error: RoleMissing | sa.exc.DBAPIError) -> NotAskedNow:
    """Return why PostgreSQL did not take the functions, in its first words."""
    told = error.message if isinstance(error, RoleMissing) else str(error.orig)
    said = (without_values(told).strip().splitlines() or ["no reason given"])[0]

    return NotAskedNow(
        f"the SQL of the night cannot be asked of one customer: {said}",
        next_step="read the SQL that dbt compiled for the feature model, and build again",
    )
