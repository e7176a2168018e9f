"""Tables of this warehouse that somebody else fills: their columns, and who may read them."""

from collections.abc import Sequence

import sqlalchemy as sa
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
