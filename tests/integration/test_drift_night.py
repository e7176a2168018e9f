"""`drift` on small nights in PostgreSQL: verdict, rows, alert and training, again and again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.drift.scipy_engine import ScipyEngine
from pipelines.adapters.tables.drift import WarehouseDrift
from pipelines.adapters.tables.features import WarehouseFeatures
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import ContractMismatch, FeaturesMissing, NothingStaged
from pipelines.settings import load
from pipelines.steps.night.drift import drift
from pipelines.testing.models import LinearPredictor, MemoryModel, MemoryRegistry
from tests.listed_model import ListedModel

SETTINGS = load({})
# At once, so that a night is enough; that drift has to last is tested on two of them.
AT_ONCE = replace(SETTINGS.drift, drifted_nights=1)
NIGHT = date(2026, 3, 10)
VERSION = ModelVersion("churn-subscribers", 4, "run", {})
CUSTOMERS = 3000
NAMES = [f"C{number:05}" for number in range(CUSTOMERS)]
CONTRACT = FeatureContract(
    "fct_customer_features",
    (
        Feature("usage_7d", "numeric", "Usage"),
        Feature("days_to_pay", "numeric", "Days to pay", nullable=True, owner="finance"),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro")),
        Feature("is_late", "boolean", "Late"),
        Feature("calendar_month", "numeric", "Month", watch_drift=False),
    ),
)


def people(
    seed: int, rows: int = CUSTOMERS, *, shift: float = 0.0, gaps: float = 0.05
) -> dict[str, object]:
    """Return features of *rows* customers by column."""
    random = np.random.default_rng(seed)

    return {
        "usage_7d": random.normal(10 + shift, 1, rows),
        "days_to_pay": pa.array(random.normal(14, 3, rows), mask=random.random(rows) < gaps),
        "plan": random.choice(["basic", "pro"], rows),
        "is_late": random.random(rows) < 0.1,
        "calendar_month": np.full(rows, 3),
    }


def probabilities(seed: int, rows: int = CUSTOMERS) -> np.ndarray:
    """Return churn probabilities."""
    return np.random.default_rng(seed + 1000).beta(1, 6, rows)


TRAINED = MemoryModel(
    spec=ModelSpec(
        population="subscribers",
        family="logistic",
        as_of=date(2026, 1, 1),
        contract=CONTRACT,
        calibrator=Calibrator((0.0, 1.0), (0.1, 0.2)),
        split=Split((), (), 1),
    ),
    predictor=LinearPredictor(np.zeros(len(CONTRACT.features))),
    importances={"usage_7d": 0.7, "days_to_pay": 0.2, "plan": 0.1},
    sample=pa.table({**people(0, 10_000), "churn_probability": probabilities(0, 10_000)}),
)


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    """A warehouse with an empty feature table."""
    warehouse.execute(
        "create table analytics.fct_customer_features (as_of date, customer_id text, "
        "usage_7d double precision, days_to_pay double precision, plan text, is_late boolean, "
        "calendar_month bigint)"
    )

    return warehouse


def build(
    warehouse: Warehouse, as_of: date, columns: Mapping[str, object], *, is_published: bool = True
) -> None:
    """Put one night's features and list into the warehouse."""
    days = pa.array([as_of] * CUSTOMERS, pa.date32())
    warehouse.ingest(
        "analytics",
        {CONTRACT.table: pa.table({"as_of": days, "customer_id": NAMES, **columns})},
    )
    WarehouseFeatures(warehouse, "analytics", {}).record_build(
        "subscribers", as_ofs=[as_of], contract=CONTRACT, known_at=as_of
    )
    scores = WarehouseScores(warehouse)
    scored = pa.table(
        {
            "customer_id": NAMES,
            "churn_probability": probabilities(1),
            "risk_tier": ["low"] * CUSTOMERS,
            "recommended_action": ["none"] * CUSTOMERS,
            **{f"reason_{rank}": pa.nulls(CUSTOMERS, pa.string()) for rank in (1, 2, 3)},
            "reasons": pa.nulls(CUSTOMERS, pa.string()),
        }
    )
    run = scores.stage(
        population="subscribers",
        as_of=as_of,
        model_name="churn-subscribers",
        model_version=4,
        contract_fingerprint=CONTRACT.fingerprint,
        batches=scored.to_batches(),
    )
    if is_published:
        scores.publish(run)


def judge(
    warehouse: Warehouse,
    as_of: date = NIGHT,
    trained: MemoryModel = TRAINED,
    limits: DriftLimits = AT_ONCE,
) -> DriftReport:
    """Run the step, by a model that says what the list says."""
    listed = pa.table({"customer_id": NAMES, "churn_probability": probabilities(1)})
    told = ListedModel.of(trained, listed)

    return drift(
        population="subscribers",
        as_of=as_of,
        settings=limits,
        features=WarehouseFeatures(warehouse, "analytics", SETTINGS.populations),
        scores=WarehouseScores(warehouse),
        models=MemoryRegistry({"churn-subscribers": [(VERSION, told)] * 4}),
        kept=lambda _population: None,
        engine=ScipyEngine(),
        store=WarehouseDrift(warehouse),
    )


def rows(warehouse: Warehouse, table: str) -> list[tuple[object, ...]]:
    """Return a table without its times, in order."""
    found = warehouse.rows(f"select to_jsonb(t) - 'checked_at' - 'created_at' from churn.{table} t")

    return sorted((json.dumps(row[0], sort_keys=True),) for row in found)


def test_a_quiet_night_is_written_down_and_told_to_nobody(filled: Warehouse) -> None:
    """A row for every feature, for the scores and for all together, a verdict, no alert."""
    build(filled, NIGHT, people(1))
    found = judge(filled)

    assert ("quiet", False) == (found.verdict, found.is_training_requested)
    assert [
        ("*joint*", "quiet", "scipy", 4),
        ("*score*", "quiet", "scipy", 4),
        ("*scored again*", "quiet", "scipy", 4),
        ("calendar_month", "quiet", "scipy", 4),
        ("days_to_pay", "quiet", "scipy", 4),
        ("is_late", "quiet", "scipy", 4),
        ("plan", "quiet", "scipy", 4),
        ("usage_7d", "quiet", "scipy", 4),
    ] == filled.rows(
        "select feature, verdict, engine, model_version from churn.drift_checks "
        'order by feature collate "C"'
    )
    assert [("quiet", False)] == filled.rows(
        "select verdict, is_training_requested from churn.drift_verdicts"
    )
    assert [] == rows(filled, "alerts")


def test_drift_asks_for_a_training_and_alarms(filled: Warehouse) -> None:
    """The verdict, the request and the alert are one."""
    build(filled, NIGHT, people(1, shift=0.4))
    found = judge(filled)

    assert ("drifted", True) == (found.verdict, found.is_training_requested)
    assert "usage_7d (moved by 0.39 sd" in found.reason
    assert [("drift", "warning", "science")] == filled.rows(
        "select kind, severity, owner from churn.alerts"
    )


def test_drift_is_told_once_it_lasts(filled: Warehouse) -> None:
    """Of two of three nights, whichever is judged again; the third is another."""
    nights = [NIGHT + timedelta(days=days) for days in range(3)]
    for as_of, shift in zip(nights, (0.4, 0.0, 0.4), strict=True):
        build(filled, as_of, people(as_of.toordinal(), shift=shift))
    for _ in range(2):
        found = [judge(filled, as_of, limits=SETTINGS.drift) for as_of in nights]

    assert ["quiet", "quiet", "drifted"] == [report.verdict for report in found]
    assert [(1,), (2,)] == filled.rows(
        "select nights from churn.drift_checks where feature = 'usage_7d' and verdict = 'drifted' "
        "order by as_of"
    )
    assert [(nights[2],)] == filled.rows("select as_of from churn.alerts")
    assert [("numeric",)] == filled.rows(
        "select distinct distribution ->> 'kind' from churn.drift_checks where feature = 'usage_7d'"
    )


def test_judging_twice_changes_nothing(filled: Warehouse) -> None:
    """The same rows, the same request, one alert."""
    build(filled, NIGHT, people(1, shift=0.4))
    first = judge(filled)
    before = [rows(filled, table) for table in ("drift_checks", "drift_verdicts", "alerts")]

    assert first == judge(filled)
    assert before == [rows(filled, table) for table in ("drift_checks", "drift_verdicts", "alerts")]
    assert [8, 1, 1] == [len(found) for found in before]


def test_missing_values_alarm_and_train_nothing(filled: Warehouse) -> None:
    """A column gone NULL while another shrank: unknown, an alert to its owner, no training."""
    columns = people(1, shift=-0.5) | {"days_to_pay": pa.nulls(CUSTOMERS, pa.float64())}
    build(filled, NIGHT, columns)
    found = judge(filled)

    assert ("unknown", False) == (found.verdict, found.is_training_requested)
    assert found.reason.startswith("missing rates changed: days_to_pay")
    assert [("drift_unknown", "finance")] == filled.rows("select kind, owner from churn.alerts")
    assert [("missing", None, 100.0)] == filled.rows(
        "select verdict, p_value, missing_current_pct from churn.drift_checks "
        "where feature = 'days_to_pay'"
    )


def gated(warehouse: Warehouse, as_of: date, nulls: int, *, is_passed: bool = True) -> None:
    """Record what the sources gate counted in usage_events.quantity."""
    warehouse.execute(
        "insert into churn.gate_results (population, as_of, gate, subject, expectation, severity, "
        "is_passed, observed, owner) values ('subscribers', :as_of, 'sources', "
        "'raw.usage_events.quantity', 'expect_column_values_to_not_be_null', 'warn', :is_passed, "
        "cast(:observed as jsonb), 'product')",
        {
            "as_of": as_of,
            "is_passed": is_passed,
            "observed": json.dumps({"rows": 7000, "unexpected": nulls}),
        },
    )


def test_a_source_column_that_empties_trains_nothing(filled: Warehouse) -> None:
    """
    Sums over NULL shrink without missing anything; the sources gate saw the NULLs.

    On the first night a seventh of the gate's week is empty, on the ninth all of it and all of
    last night's: still unlike the fullest night.
    """
    for days in range(1, 10):
        gated(filled, NIGHT - timedelta(days=days), 140)
    build(filled, NIGHT, people(1, shift=-0.4))
    gated(filled, NIGHT, 1140)
    found = judge(filled)
    assert ("unknown", False) == (found.verdict, found.is_training_requested)
    assert "raw.usage_events.quantity (missing 2.0 % → 16.3 % at the source)" in found.reason
    assert [("product",)] == filled.rows("select owner from churn.alerts")

    gated(filled, NIGHT + timedelta(days=7), 7000)
    gated(filled, NIGHT + timedelta(days=8), 7000)
    build(filled, NIGHT + timedelta(days=8), people(2, shift=-0.4))
    assert "unknown" == judge(filled, NIGHT + timedelta(days=8)).verdict


def test_a_source_column_as_empty_as_ever_changes_nothing(filled: Warehouse) -> None:
    """Drift over healthy sources asks for a training; a repeated gate counts once, the last."""
    gated(filled, NIGHT - timedelta(days=1), 140)
    build(filled, NIGHT, people(1, shift=0.4))
    gated(filled, NIGHT, 7000, is_passed=False)
    gated(filled, NIGHT, 150)

    assert "drifted" == judge(filled).verdict


def test_nothing_published_is_nothing_to_compare(filled: Warehouse) -> None:
    """A staged list is not enough, and the refusal names the command."""
    build(filled, NIGHT, people(1), is_published=False)

    with pytest.raises(NothingStaged, match="no list of subscribers is published") as caught:
        judge(filled)
    assert "churn run --population subscribers --as-of 2026-03-10" == caught.value.next_step
    assert [] == rows(filled, "drift_verdicts")


def test_features_rebuilt_to_another_contract_are_refused(filled: Warehouse) -> None:
    """Columns that are not the model's are not compared by position."""
    build(filled, NIGHT, people(1))
    added = Feature("tickets_90d", "numeric", "Tickets, last 90 days")
    other = FeatureContract(CONTRACT.table, (*CONTRACT.features, added))

    with pytest.raises(ContractMismatch, match="version 4 was trained on"):
        judge(filled, trained=replace(TRAINED, spec=replace(TRAINED.spec, contract=other)))


def test_a_night_whose_features_are_gone_is_refused(filled: Warehouse) -> None:
    """Published, and the feature table emptied since."""
    build(filled, NIGHT, people(1))
    filled.execute("delete from analytics.fct_customer_features")

    with pytest.raises(FeaturesMissing, match="have no rows"):
        judge(filled)


def test_verdict_checks_and_alert_are_one_transaction(filled: Warehouse) -> None:
    """When the alert cannot be written, neither is the verdict."""
    build(filled, NIGHT, people(1, shift=0.4))
    filled.execute("alter table churn.alerts add check (kind <> 'drift')")

    with pytest.raises(Exception, match="violates check constraint"):
        judge(filled)
    assert [] == rows(filled, "drift_verdicts")
    assert [] == rows(filled, "drift_checks")
