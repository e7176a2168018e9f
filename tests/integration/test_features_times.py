"""Features know what had happened and was known, whatever was loaded since, however built."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.demo import business
from pipelines.settings import ROOT
from tests import databases

AS_OFS = [date(2026, 8, 1), date(2026, 8, 31), date(2026, 9, 15)]
MODELS = "+fct_customer_features +fct_churn_labels"
KNOWN_AT = "2026-10-01"
FINGERPRINT = """
select md5(string_agg(customer::text, '|' order by customer_id))
from analytics.{model} as customer where as_of = :as_of
"""


@pytest.fixture(scope="module")
def demo(server_url: str, migrated: str) -> Iterator[Warehouse]:
    """A warehouse with 400 generated customers, for the tests of this module in their order."""
    with databases.created(server_url, "features_times", template=migrated) as warehouse:
        tables = business.generate(customers=400, months=8, seed=3, until=date(2026, 10, 1))
        assert warehouse.ingest("raw", tables) > 10_000
        yield warehouse


@pytest.fixture(scope="module")
def dbt(demo: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The project on that warehouse."""
    return Dbt(ROOT / "dbt_project", demo.url, "analytics", tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def fingerprints(demo: Warehouse, dbt: Dbt) -> dict[tuple[str, date], str]:
    """A hash of each snapshot's features and labels, all built in one run."""
    report = dbt.build(MODELS, {"as_ofs": [str(day) for day in AS_OFS], "known_at": KNOWN_AT})
    written = {node.name: node.rows for node in report.nodes}

    assert (written["fct_customer_features"] or 0) > 600
    assert written["fct_customer_features"] == written["fct_churn_labels"]

    return read(demo)


def read(warehouse: Warehouse) -> dict[tuple[str, date], str]:
    """Hash every snapshot."""
    return {
        (model, as_of): warehouse.rows(FINGERPRINT.format(model=model), {"as_of": as_of})[0][0]
        for model in ("fct_customer_features", "fct_churn_labels")
        for as_of in AS_OFS
    }


def test_one_date_at_a_time_gives_what_many_at_once_gave(
    demo: Warehouse, dbt: Dbt, fingerprints: dict[tuple[str, date], str]
) -> None:
    """Building a snapshot again, alone, gives the same bits, in any session's time zone."""
    name = demo.url.rpartition("/")[2]
    demo.execute(f"alter database {name} set timezone = 'Pacific/Kiritimati'")
    demo.engine.dispose()
    for as_of in AS_OFS[:2]:
        dbt.build(MODELS, {"as_ofs": [str(as_of)], "known_at": KNOWN_AT})
    demo.execute(f"alter database {name} reset timezone")
    demo.engine.dispose()

    assert fingerprints == read(demo)


def test_rows_loaded_later_change_no_feature(
    demo: Warehouse, dbt: Dbt, fingerprints: dict[tuple[str, date], str]
) -> None:
    """What happened before the last as_of but is loaded at its first instant changes nothing."""
    later = {"loaded": datetime(2026, 9, 15, tzinfo=UTC)}
    late_rows = [
        "insert into raw.customers select customer_id, 'n', 'e', 'ch', 1950, 'social', false, "
        "signed_up_at - interval '9 days', :loaded from raw.customers",
        "insert into raw.subscriptions select subscription_id, customer_id, 'premium', 'annual', "
        "'paypal', 999, started_at, null, timestamptz '2026-09-14 12:00+00', 'other', "
        "timestamptz '2026-09-14 12:00+00', :loaded from raw.subscriptions",
        "insert into raw.invoices select invoice_id, customer_id, subscription_id, 999, issued_at, "
        "issued_at, timestamptz '2026-09-14 12:00+00', :loaded from raw.invoices",
        "insert into raw.usage_events select 'L' || event_id, customer_id, 'session', 99, "
        "occurred_at, :loaded from raw.usage_events where occurred_at < :loaded",
        "insert into raw.support_tickets select 'L' || ticket_id, customer_id, 'billing', "
        "'urgent', opened_at, null, null, :loaded from raw.support_tickets",
    ]
    assert all(demo.execute(statement, later) > 100 for statement in late_rows)

    dbt.build("+fct_customer_features", {"as_ofs": [str(AS_OFS[-1])]})

    assert fingerprints == read(demo)


def test_snapshots_leave_no_stale_rows(demo: Warehouse, dbt: Dbt) -> None:
    """A customer who is gone from the sources is gone from the snapshot; so are all, from both."""
    as_of = AS_OFS[0]
    counts = "select count(*) from analytics.{} where as_of = :as_of"
    features, labels = (
        counts.format("fct_customer_features"),
        counts.format("fct_churn_labels"),
    )
    before = demo.rows(features, {"as_of": as_of})[0][0]
    ((customer,),) = demo.rows(
        "select customer_id from analytics.fct_customer_features where as_of = :as_of limit 1",
        {"as_of": as_of},
    )

    demo.execute("delete from raw.subscriptions where customer_id = :id", {"id": customer})
    dbt.build(MODELS, {"as_ofs": [str(as_of)], "known_at": KNOWN_AT})
    assert (before - 1, before - 1) == tuple(
        demo.rows(count, {"as_of": as_of})[0][0] for count in (features, labels)
    )

    demo.execute("truncate raw.subscriptions")
    dbt.build(MODELS, {"as_ofs": [str(as_of)], "known_at": KNOWN_AT})
    assert (0, 0) == tuple(demo.rows(count, {"as_of": as_of})[0][0] for count in (features, labels))
    assert demo.rows(features, {"as_of": AS_OFS[1]})[0][0] > 0


def test_dbt_leaves_no_password_and_no_target_behind(dbt: Dbt, demo: Warehouse) -> None:
    """The state folder holds the log, contracts, what was parsed, and an empty lock."""
    assert dbt.log_file.exists()
    password = str(demo.engine.url.password)
    assert password
    kept = [path for path in dbt.state.rglob("*") if path.is_file()]

    assert [] == [path.name for path in kept if password.encode() in path.read_bytes()]
    names = {path.name.split("-")[0] for path in kept}
    assert {".target.lock", "contracts", "dbt.log", "parsed"} == names
    assert Path(dbt.state / "logs") in dbt.state.iterdir()
