"""What it takes to work out the features of one day: all of them, or all but some."""

from collections.abc import Collection, Sequence

from psycopg.sql import Identifier

from pipelines.adapters.warehouse.connection import Warehouse

# Each is worked out so often, in turn, and its shortest time counts: what else the server does
# only ever adds to it.
ROUNDS = 3
# As nights have them: of many customers at once nested loops read each other's rows over and over.
SETTINGS = (
    "set local enable_mergejoin = off; set local enable_nestloop = off; "
    "set local work_mem = '128MB'; set local jit = off"
)


def seconds(
    warehouse: Warehouse, query: str, columns: Sequence[str], without: Sequence[Collection[str]]
) -> list[float]:
    """
    Return what the server takes for the columns of a query, each time without some of them.

    A column nobody asks for is not worked out, nor is a join nobody needs: PostgreSQL leaves out
    what is made for it alone. Nothing is written, and no row leaves the server.

    Args:
        warehouse: The database.
        query: What dbt compiled, with one row a customer.
        columns: All that it has.
        without: Names that are left out, of each time one.
    """
    statements = [_explained(query, columns, names) for names in without]
    taken = [[_seconds(warehouse, statement) for statement in statements] for _ in range(ROUNDS)]

    return [min(times) for times in zip(*taken, strict=True)]


def _explained(query: str, columns: Sequence[str], without: Collection[str]) -> str:
    """Return the statement that works out the other columns, and says how long it took."""
    kept = [Identifier(name).as_string(None) for name in columns if name not in without]

    return (
        f"explain (analyze, timing off, format json) select {', '.join(kept)} "  # noqa: S608  quoted
        f"from ({query}) as features"
    )


def _seconds(warehouse: Warehouse, statement: str) -> float:
    """Return what the server took to execute a statement."""
    with warehouse.begin() as connection:
        plain = connection.execution_options(no_parameters=True)
        plain.exec_driver_sql(SETTINGS)
        plans: list[dict[str, float]] = plain.exec_driver_sql(statement).scalar_one()

    return plans[0]["Execution Time"] / 1000
