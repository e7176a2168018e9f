"""The features gate, derived from a small contract, against a feature table in PostgreSQL."""

from datetime import date

import pytest

from pipelines.adapters.gates.suites import SuiteFolder
from pipelines.adapters.gates.validator import Gx
from pipelines.adapters.tables.features import WarehouseFeatures
from pipelines.adapters.tables.gate_history import WarehouseGateHistory
from pipelines.adapters.tables.gate_results import WarehouseGateResults
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.gates.report import GateReport
from pipelines.errors import FeaturesMissing, GateFailed
from pipelines.settings import ROOT, load
from pipelines.steps.night.gate import gate

NIGHT = date(2026, 11, 20)
BEFORE = date(2026, 11, 19)
CUSTOMERS = 50

CONTRACT = FeatureContract(
    "fct_customer_features",
    (
        Feature("fee_eur", "numeric", "monthly fee", unit="EUR", minimum=0, maximum=500),
        Feature("tickets_28d", "numeric", "tickets", unit="tickets", minimum=0, owner="support"),
        Feature("trend_28d", "numeric", "trend of usage", unit="ratio", nullable=True),
        Feature("plan", "categorical", "plan", levels=("basic", "plus"), nullable=True),
        Feature("has_app", "boolean", "uses the app"),
    ),
)

TABLE = """
create schema if not exists analytics;
create table analytics.fct_customer_features (
  as_of date,
  customer_id text,
  fee_eur double precision,
  tickets_28d bigint,
  trend_28d double precision,
  plan text,
  has_app boolean
);
insert into analytics.fct_customer_features
select as_of, 'C' || n, 9.99, n % 4, case when n % 3 = 0 then null else -n end,
  case when n % 2 = 0 then 'basic' else 'plus' end, n % 2 = 0
from generate_series(1, 50) as n, unnest(array[date '2026-11-19', date '2026-11-20']) as as_of
"""

FAULTS = {
    "a null where none is legal": ("set fee_eur = null", "fee_eur: column values to not be null"),
    "a fee above the bound": ("set fee_eur = 501", "fee_eur: column values to be between"),
    "a count below the bound": ("set tickets_28d = -1", "tickets_28d: column values to be between"),
    "an infinity": ("set trend_28d = 'infinity'", "trend_28d: column values to be between"),
    "a negative infinity": ("set trend_28d = '-infinity'", "(min_value finite, max_value finite)"),
    "a number no model can read": ("set trend_28d = 1e308", "trend_28d: column values to be"),
    "a NaN": ("set trend_28d = 'nan'", "trend_28d: column values to be between"),
    "a NaN in a bounded column": ("set fee_eur = 'nan'", "fee_eur: column values to be between"),
    "a customer twice": ("set customer_id = 'C2'", "customer_id: column values to be unique"),
    "a customer without id": (
        "set customer_id = null",
        "customer_id: column values to not be null",
    ),
}

CHANGES = {
    "a missing column": ("drop trend_28d", "column trend_28d of analytics.fct_customer_features"),
    "a numeric that became text": ("alter fee_eur type text", "found value TEXT"),
    "a numeric the model cannot read": ("alter fee_eur type numeric", "found value NUMERIC"),
    "a boolean that became a number": ("alter has_app type int using 1", "found value INTEGER"),
    "a level that became a number": ("alter plan type bigint using 1", "found value BIGINT"),
    "a missing as_of": ("drop as_of", "column as_of of analytics.fct_customer_features"),
}


@pytest.fixture
def features(warehouse: Warehouse) -> Warehouse:
    """A warehouse with the features of two nights."""
    warehouse.execute(TABLE)
    built = store(warehouse).record_build(
        "subscribers", as_ofs=[BEFORE, NIGHT], contract=CONTRACT, known_at=NIGHT
    )
    assert built == {BEFORE: CUSTOMERS, NIGHT: CUSTOMERS}

    return warehouse


def store(warehouse: Warehouse) -> WarehouseFeatures:
    """Return the feature store of the warehouse."""
    return WarehouseFeatures(warehouse, "analytics", load({}).populations)


def check(warehouse: Warehouse, as_of: date = NIGHT) -> GateReport:
    """Run the features gate as the wiring does."""
    return gate(
        gate="features",
        population="subscribers",
        as_of=as_of,
        settings=load({}),
        suites=SuiteFolder(ROOT / "expectations"),
        features=store(warehouse),
        scores=WarehouseScores(warehouse),
        validator=Gx(warehouse.url),
        past=WarehouseGateHistory(warehouse),
        results=WarehouseGateResults(warehouse),
    )


def test_features_as_promised_pass(features: Warehouse) -> None:
    """Types, nulls, bounds, levels and the row count are each a stored check that passed."""
    report = check(features)

    checked = {(r.subject.rpartition(".")[2], r.expectation) for r in report.results}
    recorded = {
        r.subject.rpartition(".")[2] for r in report.results if r.expected.get("mostly") == 0
    }
    assert report.is_passed
    assert report.warnings == ()
    assert ("fee_eur", "expect_column_values_to_not_be_null") in checked
    assert "trend_28d" in recorded
    assert ("plan", "expect_column_values_to_be_in_set") in checked
    assert ("has_app", "expect_column_values_to_be_in_type_list") in checked
    assert ("fct_customer_features", "expect_table_row_count_to_equal") in checked
    assert len(features.rows("select 1 from churn.gate_results")) == len(report.results)


@pytest.mark.parametrize("fault", FAULTS)
def test_one_bad_row_is_refused(features: Warehouse, fault: str) -> None:
    """A single customer's value outside the contract holds the list."""
    change, reason = FAULTS[fault]
    features.execute(
        f"update analytics.fct_customer_features {change} "
        "where customer_id = 'C1' and as_of = '2026-11-20'"
    )

    with pytest.raises(GateFailed) as refused:
        check(features)

    assert reason in refused.value.message


@pytest.mark.parametrize("fault", CHANGES)
def test_a_changed_table_is_refused(features: Warehouse, fault: str) -> None:
    """A column that is gone or of another type is a failed result, not a crash."""
    change, reason = CHANGES[fault]
    features.execute(f"alter table analytics.fct_customer_features {change}")

    with pytest.raises(GateFailed):
        check(features)

    assert reason in features.rows("select body from churn.alerts")[0].body


def test_another_night_is_not_looked_at(features: Warehouse) -> None:
    """Only the rows of as_of count: yesterday's fault stops yesterday, not tonight."""
    features.execute(
        "update analytics.fct_customer_features set fee_eur = -1 where as_of = '2026-11-19'"
    )

    assert check(features).is_passed
    with pytest.raises(GateFailed, match="50 of 50 rows fail"):
        check(features, BEFORE)


def test_rows_that_vanish_after_the_build_are_refused(features: Warehouse) -> None:
    """The table must still hold what the build counted."""
    features.execute("delete from analytics.fct_customer_features where customer_id = 'C7'")

    with pytest.raises(GateFailed, match=r"row count to equal \(value 50\): found value 49"):
        check(features)


def test_a_build_of_nobody_is_refused(features: Warehouse) -> None:
    """No rows are not a legal batch, even when the build says so."""
    features.execute("delete from analytics.fct_customer_features")
    store(features).record_build("subscribers", as_ofs=[NIGHT], contract=CONTRACT, known_at=NIGHT)

    with pytest.raises(GateFailed, match=r"row count to be between \(min_value 1\)"):
        check(features)


def test_a_few_unknown_levels_pass_and_many_do_not(features: Warehouse) -> None:
    """The encoder reads an unknown level as missing: legal for 4 % of customers, not for 50 %."""
    features.execute(
        "update analytics.fct_customer_features set plan = 'gold' where customer_id in ('C1', 'C3')"
    )
    assert check(features).is_passed

    features.execute("update analytics.fct_customer_features set plan = 'gold' where plan = 'plus'")
    with pytest.raises(GateFailed, match="plan: column values to be in set"):
        check(features)


def test_a_nullable_feature_gone_null_passes(features: Warehouse) -> None:
    """What is missing everywhere is legal for a nullable feature; drift tells people."""
    features.execute("update analytics.fct_customer_features set trend_28d = null, plan = null")

    assert check(features).is_passed


def test_the_owner_of_a_feature_is_named(features: Warehouse) -> None:
    """A failure names whom the contract names."""
    features.execute("update analytics.fct_customer_features set tickets_28d = -1")

    with pytest.raises(GateFailed, match=r"owner support$"):
        check(features)

    assert features.rows("select owner from churn.alerts") == [("support",)]


def test_features_nobody_built_are_missing_not_bad(features: Warehouse) -> None:
    """A date without a build is the engineer's."""
    with pytest.raises(FeaturesMissing, match="2026-11-21"):
        check(features, date(2026, 11, 21))


def test_results_hold_no_value_of_a_row(features: Warehouse) -> None:
    """An id with an address in it, doubled, reaches no result, alert or message."""
    features.execute("update analytics.fct_customer_features set customer_id = 'canary@home.org'")
    features.execute("update analytics.fct_customer_features set plan = 'canary of a level'")

    with pytest.raises(GateFailed) as refused:
        check(features)

    stored = features.rows("select r::text as line from churn.gate_results as r")
    told = features.rows("select a::text as line from churn.alerts as a")
    text = "\n".join([*(row.line for row in [*stored, *told]), refused.value.message])
    assert "to be unique" in text
    assert "canary" not in text
