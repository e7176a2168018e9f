"""What each tier of a list is worth, as a view and a report tell it."""

from datetime import date

import pytest
import sqlalchemy as sa

from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.training.measures.costs import Costs
from pipelines.settings import ROOT
from pipelines.testing.contracts.scores.lists import NEXT_NIGHT, NIGHT, batch, stage

COSTS = Costs(
    customer_lifetime_value=200.0,
    offer_cost=10.0,
    contact_cost=1.0,
    acceptance_alpha=6.0,
    acceptance_beta=14.0,
)
WORTH = (
    "select risk_tier, customers, lowest_probability, expected_to_leave, value_at_risk, "
    "expected_profit from churn.tier_worth where score_date = :night order by risk_tier"
)


def publish(warehouse: Warehouse, as_of: date, costs: Costs | None) -> None:
    """Publish a list of two who are at risk and one who is not."""
    scores = WarehouseScores(warehouse)
    listed = batch({"C1": 0.9, "C2": 0.7, "C3": 0.1})
    kept = {} if costs is None else {"costs": costs.to_dict()}
    run = stage(scores, listed, as_of=as_of, **kept)
    warehouse.execute(
        "update churn.scores set risk_tier = 'critical' "
        "where customer_id <> 'C3' and run_id = :run",
        {"run": run.run_id},
    )
    scores.publish(run)


def test_a_tier_is_worth_who_would_leave_and_costs_who_is_contacted(warehouse: Warehouse) -> None:
    """1.6 leave: 30 % of them are kept for 190, 0.4 take the offer for 10, and two cost 1 each."""
    publish(warehouse, NIGHT, COSTS)
    critical, low = warehouse.rows(WORTH, {"night": NIGHT})

    assert ("critical", 2, 0.7) == tuple(critical)[:3]
    assert (1.6, 320.0, 1.6 * 0.3 * 190 - 0.4 * 10 - 2) == pytest.approx(tuple(critical)[3:])
    assert ("low", 1, 0.1) == tuple(low)[:3]
    assert (0.1, 20.0, 0.1 * 0.3 * 190 - 0.9 * 10 - 1) == pytest.approx(tuple(low)[3:])


def test_a_list_of_before_costs_were_kept_has_no_money(warehouse: Warehouse) -> None:
    """What is expected to leave is known of it all the same."""
    publish(warehouse, NIGHT, None)

    assert [(1.6, None, None), (0.1, None, None)] == [
        (pytest.approx(row.expected_to_leave), row.value_at_risk, row.expected_profit)
        for row in warehouse.rows(WORTH, {"night": NIGHT})
    ]


def test_the_report_has_what_tonight_is_worth(warehouse: Warehouse) -> None:
    """In whole units of money, beside what else is told of the tier."""
    for night in (NIGHT, NEXT_NIGHT):
        publish(warehouse, night, COSTS)
    report = (ROOT / "sql" / "reports" / "tier_summary.sql").read_text("utf-8")
    with warehouse.begin() as connection:
        rows = connection.execute(sa.text(report)).all()

    assert [("critical", 2, 320, 85), ("low", 1, 20, -4)] == [
        (row.risk_tier, row.customers, row.value_at_risk, row.expected_profit) for row in rows
    ]
