"""The sources gate, against raw tables in PostgreSQL: what it lets pass and what it refuses."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipelines.adapters.gates.suites import SuiteFolder
from pipelines.adapters.gates.validator import Gx
from pipelines.adapters.tables.features import WarehouseFeatures
from pipelines.adapters.tables.gate_history import WarehouseGateHistory
from pipelines.adapters.tables.gate_results import WarehouseGateResults
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.report import GateReport
from pipelines.errors import ConfigError, DatabaseUnavailable, GateFailed
from pipelines.sections import Population
from pipelines.settings import ROOT, Settings, load
from pipelines.steps.night.gate import gate

NIGHT = date(2026, 11, 20)
CUSTOMERS = 100

# The demo's believable mess: 1 plan in 50 padded and in capitals, 1 event in 60 repeated, 1 in 40
# of somebody unknown, 1 in 50 taken back, 1 in 30 without a type.
CLEAN = """
insert into raw.customers
select 'C' || n, 'Name ' || n, 'canary' || n || '@example.org', 'DE', 1980, 'web', true,
  timestamptz '2026-01-01Z', timestamptz '2026-11-01Z'
from generate_series(1, 100) as n;

insert into raw.subscriptions
select 'S' || n, case when n % 50 = 0 then 'X' else 'C' end || n,
  case when n % 50 = 1 then '  PLUS ' else 'plus' end, 'monthly', 'card', 9.99 + n % 20,
  timestamptz '2026-01-01Z', null, null, null, timestamptz '2026-11-01Z', timestamptz '2026-11-01Z'
from generate_series(1, 100) as n;

insert into raw.invoices
select 'I' || n, 'C' || n, 'S' || n, 9.99 + n % 20, timestamptz '2026-11-01Z',
  timestamptz '2026-11-15Z', null, timestamptz '2026-11-01Z'
from generate_series(1, 100) as n;

insert into raw.usage_events
select case when n % 60 = 0 then 'E1' else 'E' || n end,
  case when n % 40 = 0 then 'X' else 'C' end || (n % 100 + 1),
  case when n % 30 <> 0 then 'login' end, case when n % 50 = 0 then -3 else 10 end,
  timestamptz '2026-11-19Z' - n % 6 * interval '1 day',
  timestamptz '2026-11-19Z' - n % 6 * interval '1 day'
from generate_series(1, 600) as n;

insert into raw.support_tickets
select 'T' || n, 'C' || n, 'billing', 'high', timestamptz '2026-11-01Z', null, 3,
  timestamptz '2026-11-01Z'
from generate_series(1, 20) as n;
"""

FAULTS = {
    "an empty source": ("delete from raw.invoices", "raw.invoices: table row count"),
    "no tickets at all": ("delete from raw.support_tickets", "raw.support_tickets: table row"),
    "a missing table": ("drop table raw.support_tickets", "table raw.support_tickets does not"),
    "a missing column": ("alter table raw.subscriptions drop plan", "missing ['plan']"),
    "a renamed column": (
        "alter table raw.usage_events rename quantity to amount",
        "column quantity of raw.usage_events does not exist",
    ),
    "a missing loaded_at": (
        "alter table raw.usage_events drop loaded_at",
        "column loaded_at of raw.usage_events does not exist, so no row can be chosen",
    ),
    "a retyped column": (
        "alter table raw.subscriptions alter monthly_fee_eur type text",
        "operator does not exist: text >= double precision",
    ),
    "a retyped column no number is asked of": (
        "alter table raw.customers alter has_marketing_consent type text",
        "raw.customers.has_marketing_consent: column values to be in type list "
        "(type_list ['BOOLEAN']): found value TEXT",
    ),
    "stale events": (
        "update raw.usage_events set loaded_at = loaded_at - interval '4 days'",
        "raw.usage_events.known_days_ago: column min to be between (max_value 3): found value 5",
    ),
    "stale invoices": (
        "update raw.invoices set loaded_at = loaded_at - interval '40 days'",
        "raw.invoices.known_days_ago",
    ),
    "fees in cents": (
        "update raw.subscriptions set monthly_fee_eur = monthly_fee_eur * 100",
        "raw.subscriptions.monthly_fee_eur: column mean",
    ),
    "invoices in cents": (
        "update raw.invoices set amount_eur = amount_eur * 100",
        "raw.invoices.amount_eur: column mean",
    ),
    "absurd quantities": (
        "update raw.usage_events set quantity = 'infinity' where event_id like 'E1%'",
        "raw.usage_events.quantity: column values to be between",
    ),
    "a contract without end": (
        "update raw.subscriptions set contract_ends_at = 'infinity' where subscription_id = 'S7'",
        "raw.subscriptions.contract_ends_at: column values to be between (min_value 0001-01-01",
    ),
    "an id no index can hold": (
        "update raw.subscriptions set customer_id = repeat('x', 201) where subscription_id = 'S7'",
        "raw.subscriptions.customer_id: column value lengths to be between",
    ),
    "fees that are not there": (
        "update raw.subscriptions set monthly_fee_eur = null where subscription_id like '%3%'",
        "raw.subscriptions.monthly_fee_eur: column values to not be null (mostly 0.9)",
    ),
    "customers nobody knows": (
        "update raw.subscriptions set customer_id = 'X' || customer_id "
        "where subscription_id like '%7%'",
        "raw.subscriptions.is_known_customer",
    ),
}


@pytest.fixture
def raw(warehouse: Warehouse) -> Warehouse:
    """A warehouse with a hundred customers and the usual mess."""
    warehouse.execute(CLEAN)
    assert warehouse.rows("select count(*) from raw.customers")[0][0] == CUSTOMERS

    return warehouse


def check(
    warehouse: Warehouse, as_of: date = NIGHT, settings: Settings | None = None
) -> GateReport:
    """Run the sources gate as the wiring does."""
    settings = settings or load({})

    return gate(
        gate="sources",
        population="subscribers",
        as_of=as_of,
        settings=settings,
        suites=SuiteFolder(ROOT / "expectations"),
        features=WarehouseFeatures(warehouse, "analytics", settings.populations),
        scores=WarehouseScores(warehouse),
        validator=Gx(warehouse.url),
        past=WarehouseGateHistory(warehouse),
        results=WarehouseGateResults(warehouse),
    )


def test_messy_but_legal_sources_pass(raw: Warehouse) -> None:
    """Padding, capitals, repeated events, unknown customers and corrections stop nothing."""
    report = check(raw)

    assert report.is_passed
    assert report.warnings == ()
    assert len(report.results) > 35


def test_every_result_is_stored(raw: Warehouse) -> None:
    """One row per check, with what was expected and observed, and nobody is alerted."""
    report = check(raw)

    stored = raw.rows("select * from churn.gate_results order by gate_result_id")
    mean = next(row for row in stored if row.expectation == "expect_column_mean_to_be_between")
    unknown = next(row for row in stored if row.subject == "raw.subscriptions.is_known_customer")
    assert len(stored) == len(report.results)
    assert {(row.population, row.as_of, row.gate, row.run_id) for row in stored} == {
        ("subscribers", NIGHT, "sources", None)
    }
    assert mean.expected == {"min_value": 1, "max_value": 500}
    assert mean.observed == {"value": pytest.approx(19.49)}
    assert unknown.observed == {"rows": 100, "missing": 0, "unexpected": 2, "unexpected_pct": 2.0}
    assert raw.rows("select * from churn.alerts") == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_its_reason(raw: Warehouse, fault: str) -> None:
    """Each fault stops the night, is stored, and names table, check, finding and owner."""
    statement, reason = FAULTS[fault]
    raw.execute(statement)

    with pytest.raises(GateFailed) as refused:
        check(raw)

    failed = raw.rows("select * from churn.gate_results where not is_passed and severity = 'fail'")
    alerts = raw.rows("select * from churn.alerts")
    assert failed
    assert reason in alerts[0].body
    assert refused.value.message.startswith(
        f"sources gate of subscribers {NIGHT}: {len(failed)} of "
    )
    assert "; owner " in refused.value.message
    assert "where population = 'subscribers'" in refused.value.next_step


def test_a_column_gone_null_only_warns(raw: Warehouse) -> None:
    """Quantities that are all NULL are drift's to alarm about; the list still goes out."""
    raw.execute("update raw.usage_events set quantity = null")

    report = check(raw)

    assert [(r.subject, r.observed["unexpected"]) for r in report.warnings] == [
        ("raw.usage_events.quantity", 600)
    ]
    assert raw.rows("select * from churn.alerts") == []


def test_records_that_are_there_twice_warn(raw: Warehouse) -> None:
    """Staging reads each state once; that a load ran twice is worth a word all the same."""
    raw.execute(
        "insert into raw.customers select * from raw.customers where customer_id like 'C1%'"
    )

    (warned,) = check(raw).warnings
    assert "expect_compound_columns_to_be_unique" == warned.expectation
    assert (112, 24) == (warned.observed["rows"], warned.observed["unexpected"])


def test_a_table_that_may_not_be_read_is_refused(raw: Warehouse) -> None:
    """A missing grant is a failed result with its reason."""
    raw.execute("create role stranger login password 'p$HOME@x:${PATH}%/y'")
    raw.execute("grant usage on schema raw to stranger")
    address = raw.engine.url.set(
        drivername="postgresql", username="stranger", password="p$HOME@x:${PATH}%/y"
    )
    checks = SuiteFolder(ROOT / "expectations").source("customers").checks
    batch = Batch(schema="raw", table="customers", checks=checks, known_before=NIGHT)
    try:
        results = Gx(address.render_as_string(hide_password=False)).validate([batch])
    finally:
        raw.execute("drop owned by stranger; drop role stranger")

    errors = {str(result.observed["error"]) for result in results}
    assert len(results) == len(checks)
    assert "table raw.customers may not be read" in errors
    assert "(psycopg.errors.InsufficientPrivilege) permission denied for table customers" in errors


def test_only_what_was_known_before_as_of_counts(raw: Warehouse) -> None:
    """Rows known at as_of 00:00 UTC or later neither help nor harm; the second before does."""
    raw.execute("update raw.usage_events set loaded_at = '2026-11-20T00:00:00Z'")
    with pytest.raises(GateFailed, match=r"raw\.usage_events: table row count.*found value 0"):
        check(raw)

    raw.execute("update raw.usage_events set loaded_at = '2026-11-19T23:59:59Z'")
    assert check(raw).is_passed


def test_the_session_time_zone_changes_nothing(raw: Warehouse) -> None:
    """Midnight is UTC's, on a server that thinks in another zone too."""
    name = raw.engine.url.database
    raw.execute("update raw.usage_events set loaded_at = '2026-11-19T23:59:59Z'")
    raw.execute(f"alter database {name} set timezone = 'Pacific/Kiritimati'")

    assert check(raw).is_passed


def test_a_repeated_failure_is_one_alert(raw: Warehouse) -> None:
    """Re-running a refused date adds results but tells people once."""
    raw.execute("delete from raw.invoices")
    for _ in range(3):
        with pytest.raises(GateFailed):
            check(raw)

    alerts = raw.rows("select kind, severity, owner, title from churn.alerts")
    failed = raw.rows("select 1 from churn.gate_results where not is_passed")
    assert [(row.kind, row.severity) for row in alerts] == [("gate_sources", "critical")]
    assert alerts[0].owner == "data"
    assert len(failed) % 3 == 0


def test_an_alert_and_its_results_are_one_transaction(raw: Warehouse) -> None:
    """When the alert cannot be written, no result is either."""
    raw.execute("delete from raw.invoices")
    raw.execute("alter table churn.alerts add constraint never check (kind <> 'gate_sources')")

    with pytest.raises(Exception, match="never"):
        check(raw)

    assert raw.rows("select * from churn.gate_results") == []


def test_results_hold_no_personal_data(raw: Warehouse) -> None:
    """Neither a customer id nor a name or address reaches results, alerts or the message."""
    raw.execute("update raw.subscriptions set plan = null, customer_id = 'canary@example.org'")
    raw.execute("alter table raw.subscriptions alter monthly_fee_eur type text")

    with pytest.raises(GateFailed) as refused:
        check(raw)

    stored = raw.rows("select r::text as line from churn.gate_results as r")
    told = raw.rows("select a::text as line from churn.alerts as a")
    text = "\n".join([*(row.line for row in [*stored, *told]), refused.value.message])
    assert "is_known_customer" in text
    assert "canary" not in text
    assert "@" not in text
    assert not [n for n in range(1, 101) if f'"C{n}"' in text or f"'C{n}'" in text]


def test_pages_hold_no_value_of_a_row(raw: Warehouse, tmp_path: Path) -> None:
    """Not even of a check whose answer is a value: the commonest."""
    raw.execute("update raw.customers set country = 'canary', full_name = 'canary'")
    asked = {
        "expect_column_most_common_value_to_be_in_set": {"value_set": ["DE"]},
        "expect_column_values_to_be_in_set": {"value_set": ["DE"]},
    }
    checks = tuple(Check(name, {"column": "country", **more}, "o") for name, more in asked.items())
    batch = Batch(schema="raw", table="customers", checks=checks, known_before=NIGHT)
    results = Gx(raw.url, docs=tmp_path / "p" / "d" / "sources").validate([batch])

    pages = [page.read_text("utf-8") for page in tmp_path.rglob("*.html")]
    assert [False] * 2 == [result.is_passed for result in results]
    assert {"value": "withheld"} == results[0].observed
    assert 2 == len(pages)
    assert not [page for page in pages if "canary" in page]


def test_no_rows_leave_the_database(raw: Warehouse) -> None:
    """Great Expectations fetches aggregates and names of columns, never the rows themselves."""
    fetched: list[int] = []

    def count(*event: Any) -> None:
        _, cursor, statement, *_ = event
        if "FROM raw." in statement:
            fetched.append(cursor.rowcount)

    raw.execute("update raw.subscriptions set plan = null")
    sa.event.listen(sa.Engine, "after_cursor_execute", count)
    try:
        with pytest.raises(GateFailed):
            check(raw)
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", count)

    assert len(fetched) > 20
    assert set(fetched) == {0, 1}


def test_a_population_without_sources_passes_and_says_so(
    warehouse: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    """A business that owns its feature table has no raw tables for us to check."""
    known = load({})
    own = Population(feature_model="fct_own", label_model="fct_labels", sources=())
    settings = known.model_copy(update={"populations": {"subscribers": own}})

    report = check(warehouse, settings=settings)

    assert report.results == ()
    assert "gate_had_nothing_to_check" in capsys.readouterr().out


def test_a_database_that_is_down_is_not_bad_data() -> None:
    """A refused connection is the engineer's, and the password stays secret."""
    validator = Gx("postgresql://churn:hunter2@127.0.0.1:1/churn")
    count = Check("expect_table_row_count_to_equal", {"value": 1}, "test")

    with pytest.raises(DatabaseUnavailable, match="does not answer") as error:
        validator.validate([Batch(schema="raw", table="customers", checks=(count,))])

    assert "hunter2" not in str(error.value)
    assert "hunter2" not in repr(validator)


@pytest.mark.parametrize(
    ("expectation", "fault"),
    [
        ('type = "expect_the_impossible"', "has no such expectation"),
        ('type = "expect_column_to_exist"\nkwargs = { columm = "x" }', "columm: extra fields"),
    ],
)
def test_what_great_expectations_does_not_know_is_refused(
    raw: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
    expectation: str,
    fault: str,
) -> None:
    """A typo in a suite names the file instead of passing unseen."""
    folder = tmp_path_factory.mktemp("expectations")
    (folder / "sources").mkdir()
    (folder / "sources" / "customers.toml").write_text(
        f'[[expectations]]\n{expectation}\nmeta = {{ severity = "fail", owner = "data" }}\n'
    )
    suite = SuiteFolder(folder).source("customers")
    batch = Batch(schema="raw", table="customers", checks=suite.checks)

    with pytest.raises(ConfigError, match=rf"expectations/sources/customers\.toml.*{fault}"):
        Gx(raw.url).validate([batch])
