"""What a day's features cost, told by leaving some out."""

import pytest
from sqlalchemy.exc import ProgrammingError

from pipelines.adapters.dbt import costs
from pipelines.adapters.warehouse.connection import Warehouse

COLUMNS = ("customer_id", "fee", 'share of "all" in %', "usage_28d")
# Marks of parameters are none here, and a name may hold whatever a name may.
QUERY = """
    select
        members.id::text as customer_id,
        members.id % 7 as fee,
        members.id as "share of ""all"" in %",
        usages.events as usage_28d
    from generate_series(1, 300) as members (id)
    left join (
        select place % 300 as id, count(distinct md5((place % 5000)::text)) as events
        from generate_series(1, 300000) as places (place) group by 1
    ) as usages on usages.id = members.id
    where ':fee %s $1' <> ''
"""


def test_what_is_made_for_a_column_alone_is_what_it_costs(warehouse: Warehouse) -> None:
    """A join with all that is below it; what the others need is made all the same."""
    whole, without_usage, without_fee = costs.seconds(
        warehouse, QUERY, COLUMNS, [(), ("usage_28d",), ("fee",)]
    )

    assert 0 < without_usage < whole / 4
    assert whole / 2 < without_fee


def test_nothing_is_written(warehouse: Warehouse) -> None:
    """And settings of one are not those of the next who has the connection."""
    costs.seconds(warehouse, QUERY, COLUMNS, [()])

    assert [("on",)] == [tuple(row) for row in warehouse.rows("show enable_nestloop")]


def test_a_query_that_does_not_run_is_no_cost(warehouse: Warehouse) -> None:
    """It is an error like any other of the database."""
    with pytest.raises(ProgrammingError, match="nothing_there"):
        costs.seconds(warehouse, "select * from nothing_there", COLUMNS, [()])
