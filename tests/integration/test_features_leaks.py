"""A feature that knows the future is found by building it again without the future."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.demo import business
from pipelines.settings import ROOT

AS_OF = date(2026, 8, 1)
MART = Path("models/subscribers/marts")
PEEKING = """
        (
            select count(*)
            from {{ ref('stg_churn__support_tickets') }} as future
            where
                future.customer_id = members.customer_id
                and future.opened_at >= {{ midnight('members.as_of') }}
                and future.opened_at < {{ midnight('members.as_of + 30') }}
        ) as tickets_next_30d,
        members.plan,
"""
DECLARED = """
      - name: tickets_next_30d
        data_type: bigint
        description: Tickets opened in the 30 days after as_of.
        config:
          meta:
            feature: {kind: numeric, title: Tickets to come, unit: tickets, minimum: 0}
      - name: plan
"""


@pytest.mark.story
def test_replay_names_what_knows_the_future_and_nothing_else(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """The honest project differs nowhere; with tickets of the next 30 days, that column does."""
    tables = business.generate(customers=300, months=6, seed=5, until=date(2026, 10, 1))
    assert warehouse.ingest("raw", tables) > 5_000
    honest = Dbt(ROOT / "dbt_project", warehouse.url, "analytics", tmp_path)
    honest.build("+fct_customer_features", {"as_ofs": [str(AS_OF)]})
    assert [] == honest.replay_differences(model="fct_customer_features", as_of=AS_OF)

    project = shutil.copytree(ROOT / "dbt_project", tmp_path / "project")
    sql, declaration = (project / MART / f"fct_customer_features.{kind}" for kind in ("sql", "yml"))
    plant(sql, "        members.plan,\n", PEEKING.lstrip("\n"))
    plant(declaration, "      - name: plan\n", DECLARED.lstrip("\n"))
    peeking = Dbt(project, warehouse.url, "analytics", tmp_path)
    # The served table does not have the column before it is built again.
    assert ["tickets_next_30d"] == peeking.replay_differences(
        model="fct_customer_features", as_of=AS_OF
    )
    peeking.build("+fct_customer_features", {"as_ofs": [str(AS_OF)]})
    assert ["tickets_next_30d"] == peeking.replay_differences(
        model="fct_customer_features", as_of=AS_OF
    )

    warehouse.execute(
        "delete from analytics.fct_customer_features where customer_id = "
        "(select min(customer_id) from analytics.fct_customer_features)"
    )
    assert ["customer_id", "tickets_next_30d"] == peeking.replay_differences(
        model="fct_customer_features", as_of=AS_OF
    )
    left = warehouse.rows("select nspname from pg_namespace where nspname like 'replay%'")
    assert [] == left


def plant(path: Path, before: str, after: str) -> None:
    """Replace the one occurrence of *before* in a file."""
    text = path.read_text("utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), "utf-8")
