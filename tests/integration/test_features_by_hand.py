"""A few customers whose records are short enough to work out every value by hand."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.errors import DbtFailed
from pipelines.settings import ROOT

ROWS = """
set time zone 'UTC';
insert into raw.customers values
  ('ann', 'Ann', 'ann@example.com', ' DE ', 1900, 'Paid Search', true,
   '2026-01-01', '2026-01-01 01:00');
insert into raw.subscriptions values
  ('a', 'ann', ' Basic', 'MONTHLY', 'direct debit', 10, '2026-01-01', null, null, null,
   '2026-01-01', '2026-01-01 01:00'),
  ('a', 'ann', 'standard', 'monthly', 'direct_debit', 20, '2026-01-01', null, null, null,
   '2026-05-02', '2026-05-02 01:00'),
  ('b', 'bob', 'basic', 'annual', 'card', 15, '2026-01-01', '2026-05-20', null, null,
   '2026-01-01', '2026-01-01 01:00'),
  ('b', 'bob', 'basic', 'annual', 'card', 15, '2026-01-01', '2026-05-20', '2026-05-10', 'other',
   '2026-05-10', '2026-05-10 01:00'),
  ('b2', 'bob', 'basic', 'monthly', 'card', 15, '2026-05-20', null, null, null,
   '2026-05-20', '2026-05-20 01:00'),
  ('c', 'cat', 'basic', 'monthly', 'card', 15, '2026-01-01', null, null, null,
   '2026-01-01', '2026-01-01 01:00'),
  ('c', 'cat', 'basic', 'monthly', 'card', 15, '2026-01-01', null, '2026-05-10', 'other',
   '2026-05-10', '2026-05-10 01:00');
insert into raw.invoices values
  ('i1', 'ann', 'a', 10, '2026-04-01', '2026-04-15', null, '2026-04-01 01:00'),
  ('i1', 'ann', 'a', 10, '2026-04-01', '2026-04-15', '2026-04-21', '2026-04-21 01:00'),
  ('i2', 'ann', 'a', 20, '2026-05-01', '2026-05-02', null, '2026-05-01 01:00');
insert into raw.usage_events values
  ('e1', 'ann', 'Session ', 30, '2026-05-03 10:00', '2026-05-03 11:00'),
  ('e1', 'ann', 'Session ', 30, '2026-05-03 10:00', '2026-05-03 12:00'),
  ('e2', 'ann', 'login', 1, '2026-05-03 10:00', '2026-05-03 11:00'),
  ('e3', 'ann', 'session', null, '2026-04-10 10:00', '2026-04-10 11:00');
insert into raw.support_tickets values
  ('t1', 'ann', 'Billing', ' HIGH', '2026-05-01', null, null, '2026-05-01 01:00'),
  ('t1', 'ann', 'Billing', ' HIGH', '2026-05-01', '2026-05-02 12:00', 2, '2026-05-02 13:00');
"""


@pytest.fixture
def dbt(warehouse: Warehouse, tmp_path: Path) -> Dbt:
    """The project on a warehouse with these rows."""
    with warehouse.begin() as connection:
        connection.exec_driver_sql(ROWS)
    return Dbt(ROOT / "dbt_project", warehouse.url, "analytics", tmp_path)


def test_features_are_what_the_records_say(dbt: Dbt, warehouse: Warehouse) -> None:
    """Every family, checked against values worked out by hand."""
    dbt.build("+fct_customer_features", {"as_ofs": ["2026-05-04"]})
    rows = warehouse.rows("select * from analytics.fct_customer_features order by customer_id")
    ann = rows[0]._asdict()

    assert ["ann", "bob", "cat"] == [row.customer_id for row in rows]
    expected: dict[str, Any] = {
        # tenure and contract
        "customer_tenure_days": 123,
        "subscription_tenure_days": 123,
        "previous_subscriptions": 0,
        "days_away_before_return": None,
        "plan": "standard",
        "contract": "monthly",
        "payment_method": "direct_debit",
        "days_to_contract_end": None,
        "is_contract_ending_30d": True,
        "has_announced_end": False,
        "plan_changes_365d": 1,
        "days_since_plan_change": 2,
        "age_years": None,
        "country": "de",
        "acquisition_channel": "paid_search",
        "has_marketing_consent": True,
        # price
        "monthly_fee_eur": 20.0,
        "fee_increases_365d": 1,
        "fee_change_90d_eur": 10.0,
        "last_fee_change_pct": 100.0,
        "fee_change_since_start_pct": 100.0,
        "days_since_fee_increase": 2,
        "fee_per_active_day_28d_eur": 20 / 3,
        # payment behaviour
        "last_invoice_eur": 20.0,
        "late_invoices_90d": 2,
        "late_invoices_180d_pct": 100.0,
        "is_last_invoice_late": True,
        "days_to_pay_180d": 20.0,
        "longest_delay_180d_days": 6,
        "overdue_invoices": 1,
        "overdue_eur": 20.0,
        "oldest_overdue_days": 2,
        "days_since_last_payment": 13,
        # usage
        "usage_events_7d": 2,
        "usage_events_28d": 3,
        "session_minutes_7d": 30.0,
        "session_minutes_28d": 60.0,
        "active_days_28d": 2,
        "weekend_usage_28d_pct": pytest.approx(200 / 3),
        "usage_events_7d_vs_28d": 1.25,
        "usage_events_change_28d_pct": None,
        "days_since_last_usage": 1,
        "longest_pause_90d_days": 23,
        # support
        "support_tickets_7d": 1,
        "urgent_tickets_90d": 1,
        "billing_tickets_90d": 1,
        "low_rated_tickets_90d": 1,
        "open_tickets": 0,
        "resolution_90d_hours": 36.0,
        "satisfaction_180d": 2.0,
        "days_since_last_ticket": 3,
        # seasonality
        "calendar_month": 5,
        "is_holiday_season": False,
        "signup_month": 1,
        "days_since_anniversary": 123,
    }
    assert expected == {name: ann[name] for name in expected}


def test_labels_wait_and_forgive(dbt: Dbt, warehouse: Warehouse) -> None:
    """NULL until due; then churned unless the customer came back within the allowance."""
    labels = "select customer_id, is_churned from analytics.fct_churn_labels order by 1"
    dates = {"as_ofs": ["2026-05-04"], "horizon_days": 30, "gap_days": 0}

    dbt.build("+fct_customer_features +fct_churn_labels", {**dates, "known_at": "2026-06-02"})
    assert [("ann", None), ("bob", None), ("cat", None)] == warehouse.rows(labels)

    # A later night names the snapshot among those whose labels fell due, and builds another.
    later = {**dates, "as_ofs": ["2026-06-03"], "label_as_ofs": ["2026-05-04"]}
    dbt.build("+fct_customer_features +fct_churn_labels", {**later, "known_at": "2026-06-03"})
    due = labels.replace("order", "where as_of = '2026-05-04' order")
    assert [("ann", False), ("bob", False), ("cat", True)] == warehouse.rows(due)

    strict = {**later, "resignup_allowance_days": 9}
    dbt.build("fct_churn_labels", {**strict, "known_at": "2026-06-03"})
    assert [("ann", False), ("bob", True), ("cat", True)] == warehouse.rows(due)


def test_a_failed_build_names_the_node_and_keeps_the_password(
    dbt: Dbt, warehouse: Warehouse
) -> None:
    """The message has the model, how many nodes failed of how many, and the database's reason."""
    with pytest.raises(DbtFailed, match=r"dbt .*label_definition 'tomorrow'") as caught:
        dbt.build("+fct_churn_labels", {"as_ofs": ["2026-05-04"], "label_definition": "tomorrow"})
    password = str(warehouse.engine.url.password)
    assert password not in caught.value.message

    warehouse.execute("alter table raw.invoices drop column paid_at")
    with pytest.raises(
        DbtFailed, match=r"failed on 1 of \d+ nodes: stg_churn__invoices: .*paid_at"
    ):
        dbt.build("+fct_customer_features", {"as_ofs": ["2026-05-04"]})


def test_unit_tests_of_the_project_hold(dbt: Dbt, warehouse: Warehouse) -> None:
    """All of them pass, there are many, and their scratch schema is gone."""
    report = dbt.unit_tests()

    assert len(report.nodes) >= 20
    assert {"pass"} == {node.status for node in report.nodes}
    schemas = warehouse.rows("select nspname from pg_namespace where nspname like '%unit_tests%'")
    assert [] == schemas
