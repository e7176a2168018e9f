"""One snapshot built twice and compared: knowing what is known today, and what was known then."""

from datetime import date

import sqlalchemy as sa
from psycopg.sql import Identifier

from pipelines.adapters.warehouse.connection import Warehouse


def cut(warehouse: Warehouse, *, raw_schema: str, into: str, as_of: date) -> None:
    """
    Create the schema *into* with views of the raw tables that end where *as_of* begins in UTC.

    Args:
        warehouse: The database.
        raw_schema: Schema of the loaded tables; those without `loaded_at` are left out, and so are
            columns this user may not read.
        into: Schema to create.
        as_of: Rows loaded before its 00:00 UTC are kept.
    """
    with warehouse.begin() as connection:
        tables = connection.execute(
            sa.text(
                "select table_name as table, "
                "array_agg(cast(column_name as text) order by ordinal_position) as columns "
                "from information_schema.columns where table_schema = :schema "
                "group by table_name having bool_or(column_name = 'loaded_at') order by 1"
            ),
            {"schema": raw_schema},
        ).all()
        connection.execute(sa.text(f"create schema {_quoted(into)}"))
        for row in tables:
            columns = ", ".join(_quoted(name) for name in row.columns)
            connection.execute(
                sa.text(
                    f"create view {_quoted(into, row.table)} as "  # noqa: S608  quoted
                    f"select {columns} from {_quoted(raw_schema, row.table)} "
                    f"where loaded_at < timestamptz '{as_of.isoformat()} 00:00+00'"
                )
            )


def differences(
    warehouse: Warehouse, *, model: str, as_of: date, served: str, replayed: str
) -> list[str]:
    """
    Return the columns in which a snapshot of *model* differs between two schemas.

    Args:
        warehouse: The database.
        model: A feature table, keyed by as_of and customer_id.
        as_of: The snapshot.
        served: Schema of the table people use.
        replayed: Schema of the table built again; its columns are compared.

    Returns:
        In table order: `customer_id` if customers are missing or in excess, then the features that
        differ for a customer both have, or that the served table lacks.
    """
    found = warehouse.rows(
        "select replayed.column_name, served.column_name is not null "
        "from information_schema.columns as replayed "
        "left join information_schema.columns as served on served.table_schema = :served "
        "and served.table_name = :model and served.column_name = replayed.column_name "
        "where replayed.table_schema = :replayed and replayed.table_name = :model "
        "and replayed.column_name not in ('as_of', 'customer_id') "
        "order by replayed.ordinal_position",
        {"model": model, "served": served, "replayed": replayed},
    )
    columns = [(str(name), bool(is_served)) for name, is_served in map(tuple, found)]
    shared = [name for name, is_served in columns if is_served]
    is_other = "".join(
        f", coalesce(bool_or(served.{name} is distinct from replayed.{name}) "
        "filter (where served.customer_id = replayed.customer_id), false)"
        for name in map(_quoted, shared)
    )
    (row,) = warehouse.rows(
        "select coalesce(bool_or((served.customer_id = replayed.customer_id) is not true), false)"  # noqa: S608  quoted
        f"{is_other} from (select * from {_quoted(served, model)} where as_of = :as_of) as served "
        f"full join {_quoted(replayed, model)} as replayed "
        "on served.customer_id = replayed.customer_id",
        {"as_of": as_of},
    )
    is_other_customers, *is_different = tuple(row)
    differing = {name for name, differs in zip(shared, is_different, strict=True) if differs}

    return ["customer_id"] * bool(is_other_customers) + [
        name for name, is_served in columns if not is_served or name in differing
    ]


def _quoted(*names: str) -> str:
    """Return a dotted identifier, each part quoted."""
    return Identifier(*names).as_string(None)
