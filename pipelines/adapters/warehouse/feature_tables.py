"""Tables of this warehouse that somebody else fills: columns, who may read them, their days."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from psycopg.sql import Identifier
from sqlalchemy.dialects import postgresql

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scaffolds.owned.feature_table import FeatureTable

PLACE = """
select namespace.nspname as schema, relation.relname as name, relation.oid
from pg_class as relation
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where
  relation.relkind in ('r', 'p', 'v', 'm', 'f')
  and cast(:named as text) in (
    cast(relation.relname as text), concat(namespace.nspname, '.', relation.relname)
  )
order by namespace.nspname = any(current_schemas(false)) desc
limit 1
"""
RIGHTS = """
select
  has_schema_privilege(:role, relnamespace, 'usage') as may_enter,
  has_table_privilege(:role, oid, 'select') as may_read
from pg_class
where oid = :oid
"""
# A date of somebody's feature table is an as_of itself.
DAYS = "select distinct cast({column} as date) as as_of from {table}"
# Of a raw table, the day after the first on which something of the period was known.
RAW_DAYS = """
select distinct 1 + greatest(
  cast({column} as date), min(cast(loaded_at as date))
) as as_of
from {table}
where customer_id is not null
group by cast({column} as date)
"""


def days(
    warehouse: Warehouse, *, schema: str, table: str, column: str, is_raw: bool, until: date
) -> list[date]:
    """
    Return the as_ofs at which a table has something new, ascending.

    Args:
        warehouse: Where it stands.
        schema: Its schema.
        table: Its name there.
        column: The one that says which day a row is of, or when it happened.
        is_raw: Whether it is a raw table of ours, whose rows know when they came.
        until: The last as_of that is asked for.

    Raises:
        DatabaseUnavailable: The table is not there, or may not be read.
    """
    query = (RAW_DAYS if is_raw else DAYS).format(
        column=Identifier(column).as_string(None), table=Identifier(schema, table).as_string(None)
    )
    with warehouse.begin() as connection:
        connection.execute(sa.text("set local timezone to 'UTC'"))
        found_days = connection.execute(
            sa.text(f"select as_of from ({query}) as days where as_of <= :until order by as_of"),  # noqa: S608  quoted
            {"until": until},
        )

        return [row.as_of for row in found_days]


def found(url: str, named: str, *, readers: Sequence[str]) -> FeatureTable:
    """
    Return a table or view that is there.

    Args:
        url: Address of the warehouse, of a user who may read it.
        named: `schema.table`, or a table of the default schema.
        readers: Roles that have to read it.
    """
    warehouse = Warehouse(url)
    try:
        ((schema, name, oid),) = [tuple(row) for row in warehouse.rows(PLACE, {"named": named})]
        columns = sa.inspect(warehouse.engine).get_columns(name, schema)
        rights = {role: warehouse.rows(RIGHTS, {"role": role, "oid": oid})[0] for role in readers}
    finally:
        warehouse.engine.dispose()
    outside = ", ".join(role for role, row in rights.items() if not row.may_enter)
    blind = ", ".join(role for role, row in rights.items() if not row.may_read)
    lacking = [f"grant usage on schema {schema} to {outside}"] if outside else []
    lacking += [f"grant select on {schema}.{name} to {blind}"] if blind else []

    return FeatureTable(
        schema=schema,
        name=name,
        types={str(column["name"]): _type(column["type"]) for column in columns},
        lacking=tuple(lacking),
    )


def _type(kind: sa.types.TypeEngine[object]) -> str:
    """Return a type as Great Expectations names it."""
    return str(kind.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
