"""The scores gate, against a staged run in PostgreSQL: a bad list is rejected."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.gates.batch_query import batch_query
from pipelines.adapters.gates.suites import SuiteFolder
from pipelines.adapters.gates.validator import Gx
from pipelines.adapters.tables.features import WarehouseFeatures
from pipelines.adapters.tables.gate_history import WarehouseGateHistory
from pipelines.adapters.tables.gate_results import WarehouseGateResults
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.gates.batch import Bands, Batch
from pipelines.domain.gates.report import GateReport
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.domain.scoring.tier_bounds import UNKNOWN, TierBounds
from pipelines.domain.scoring.tier_sizes import SizedTiers
from pipelines.domain.scoring.tiers import Size
from pipelines.errors import GateFailed, NothingStaged
from pipelines.settings import ROOT, load
from pipelines.steps.night.gate import gate

NIGHT = date(2026, 11, 20)
PROBABILITIES = [0.0, 0.1, 0.29999999, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
TIERS = ["low"] * 3 + ["medium"] * 2 + ["high"] * 2 + ["critical"] * 3

FAULTS = {
    "a probability above 1": (
        "update churn.scores set churn_probability = 1.01 where customer_id = 'C9'",
        "churn_probability: column values to be between (min_value 0, max_value 1)",
    ),
    "a probability that is no number": (
        "update churn.scores set churn_probability = 'nan' where customer_id = 'C9'",
        "churn_probability: column values to be between",
    ),
    "an unknown tier": (
        "update churn.scores set risk_tier = 'severe' where customer_id = 'C9'",
        "risk_tier: column values to be in set",
    ),
    "a tier below its threshold": (
        "update churn.scores set risk_tier = 'medium' where customer_id = 'C2'",
        "risk_tier: column pair values to be equal",
    ),
    "an action nobody defined": (
        "update churn.scores set recommended_action = 'shrug' where customer_id = 'C9'",
        "recommended_action: column values to be in set",
    ),
    "a customer without a score": (
        "delete from churn.scores where customer_id = 'C9'",
        "table row count to equal (value 10): found value 9",
    ),
    "everyone the same": (
        "update churn.scores set churn_probability = 0.5, risk_tier = 'medium'",
        "unique value count to be between (min_value 2): found value 1",
    ),
    "everyone about to leave": (
        "update churn.scores set churn_probability = 0.9 + churn_probability / 100, "
        "risk_tier = 'critical'",
        "churn_probability: column mean to be between",
    ),
    "a customer twice": (
        "alter table churn.scores drop constraint scores_pkey; "
        "update churn.scores set customer_id = 'C8' where customer_id = 'C9'",
        "customer_id: column values to be unique",
    ),
    "no scores at all": ("delete from churn.scores", "found value 0"),
}


@pytest.fixture
def staged(warehouse: Warehouse) -> ScoreRun:
    """A staged run of ten customers on their thresholds, and the build it answers to."""
    warehouse.execute(
        "create schema if not exists analytics; "
        "create table analytics.fct_customer_features as select date '2026-11-20' as as_of, "
        "'C' || n as customer_id, 1::bigint as tickets_28d from generate_series(0, 9) as n"
    )
    contract = FeatureContract(
        "fct_customer_features", (Feature("tickets_28d", "numeric", "tickets", minimum=0),)
    )
    assert store(warehouse).record_build(
        "subscribers", as_ofs=[NIGHT], contract=contract, known_at=NIGHT
    ) == {NIGHT: 10}
    actions = load({}).tiers.actions
    rows = pa.RecordBatch.from_pydict(
        {
            "customer_id": [f"C{n}" for n in range(10)],
            "churn_probability": PROBABILITIES,
            "risk_tier": TIERS,
            "recommended_action": [actions[tier] for tier in TIERS],
            "reason_1": pa.array([None] * 10, pa.string()),
            "reason_2": pa.array([None] * 10, pa.string()),
            "reason_3": pa.array([None] * 10, pa.string()),
            "reasons": pa.array([None] * 10, pa.string()),
        }
    )
    run = WarehouseScores(warehouse).stage(
        population="subscribers",
        as_of=NIGHT,
        model_name="churn-subscribers",
        model_version=1,
        contract_fingerprint=contract.fingerprint,
        batches=[rows],
    )
    assert run.rows == 10

    return run


def store(warehouse: Warehouse) -> WarehouseFeatures:
    """Return the feature store of the warehouse."""
    return WarehouseFeatures(warehouse, "analytics", load({}).populations)


def check(warehouse: Warehouse) -> GateReport:
    """Run the scores gate as the wiring does."""
    return gate(
        gate="scores",
        population="subscribers",
        as_of=NIGHT,
        settings=load({}),
        suites=SuiteFolder(ROOT / "expectations"),
        features=store(warehouse),
        scores=WarehouseScores(warehouse),
        validator=Gx(warehouse.url),
        past=WarehouseGateHistory(warehouse),
        results=WarehouseGateResults(warehouse),
    )


def test_a_good_list_stays_staged(warehouse: Warehouse, staged: ScoreRun) -> None:
    """Probabilities on each threshold belong to the tier above it, and the run waits to publish."""
    report = check(warehouse)

    runs = {row.run_id for row in warehouse.rows("select run_id from churn.gate_results")}
    assert report.is_passed
    assert report.run_id == staged.run_id
    assert runs == {staged.run_id}
    assert WarehouseScores(warehouse).run(staged.run_id).status == "staged"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_list_is_rejected(warehouse: Warehouse, staged: ScoreRun, fault: str) -> None:
    """The run is rejected with the reason, one alert is written, and nothing is left to publish."""
    statement, reason = FAULTS[fault]
    warehouse.execute(statement)

    with pytest.raises(GateFailed) as refused:
        check(warehouse)

    run = WarehouseScores(warehouse).run(staged.run_id)
    alerts = warehouse.rows("select kind, body from churn.alerts")
    assert run.status == "rejected"
    assert run.reason == refused.value.message
    assert [row.kind for row in alerts] == ["gate_scores"]
    assert reason in alerts[0].body
    with pytest.raises(NothingStaged):
        check(warehouse)


def test_a_null_is_refused_where_the_table_would_take_it(
    warehouse: Warehouse, staged: ScoreRun
) -> None:
    """The gate does not lean on the table's own constraints."""
    assert staged.rows == 10
    columns = ("churn_probability", "risk_tier", "recommended_action")
    for column in columns:
        warehouse.execute(f"alter table churn.scores alter {column} drop not null")
        warehouse.execute(f"update churn.scores set {column} = null where customer_id = 'C4'")

    with pytest.raises(GateFailed):
        check(warehouse)

    body = warehouse.rows("select body from churn.alerts")[0].body
    for column in columns:
        assert f"churn.scores.{column}: column values to not be null: 1 of 10 rows fail" in body


def test_an_earlier_run_is_not_looked_at(warehouse: Warehouse, staged: ScoreRun) -> None:
    """Rows of a rejected attempt at the same date do not count against the next one."""
    warehouse.execute(
        "with attempt as (insert into churn.score_runs (population, as_of, status, model_name, "
        "model_version, contract_fingerprint) values ('subscribers', '2026-11-20', 'rejected', "
        "'m', 1, 'f') returning run_id) insert into churn.scores select '2026-11-20', run_id, "
        "'C1', 0.5, 'critical', 'shrug' from attempt"
    )

    assert check(warehouse).run_id == staged.run_id


@pytest.mark.parametrize("sizes", [{}, {"high": Size(percent=7.0), "critical": Size(customers=33)}])
@pytest.mark.parametrize("hold", [0.0, 0.3])
@pytest.mark.parametrize("digits", [17, 1])
def test_the_gate_cuts_a_list_as_scoring_does(
    warehouse: Warehouse, sizes: dict[str, Size], hold: float, digits: int
) -> None:
    """By size, beside the list before, and where many have the same; one moved row is found."""
    thresholds = {"medium": 0.1, "high": 0.2, "critical": 0.4}
    tiers = replace(
        load({}).tiers,
        thresholds={name: low for name, low in thresholds.items() if name not in sizes},
        sizes=sizes,
        hold_log_odds=hold,
    )
    random, rows = np.random.default_rng(7), 1000
    ids = pa.array([f"C{number} Ü'\\" for number in range(rows)])
    scores = np.round(random.beta(1, 6, rows), digits)
    was = random.integers(UNKNOWN, 4, rows)
    then = was != UNKNOWN
    before = _listed(
        warehouse,
        date(2026, 11, 19),
        ids.filter(pa.array(then)),
        scores[then],
        [tiers.names[code] for code in was[then]],
    )
    bounds = TierBounds.of(tiers, before)
    if sizes:
        sized = SizedTiers(tiers, rows, before)
        sized.add(scores, ids, was)
        bounds = sized.bounds
    codes = bounds.cut(scores, ids, was if hold else None)
    run = _listed(warehouse, NIGHT, ids, scores, [tiers.names[code] for code in codes])
    batch = Batch(
        schema="churn",
        table="scores",
        checks=(),
        equals={"score_date": run.as_of, "run_id": run.run_id},
        bands=Bands("tier_by_threshold", bounds),
    )
    query = (
        f"select customer_id from ({batch_query(batch)}) as list "
        "where risk_tier is distinct from tier_by_threshold"
    )

    assert 4 == len(set(codes))
    assert [] == warehouse.rows(query)
    warehouse.execute(
        "update churn.scores set risk_tier = 'critical' where run_id = :run and risk_tier = 'low' "
        "and customer_id = (select min(customer_id) from churn.scores where run_id = :run "
        "and risk_tier = 'low')",
        {"run": run.run_id},
    )
    assert 1 == len(warehouse.rows(query))


def _listed(
    warehouse: Warehouse, as_of: date, ids: pa.Array, scores: np.ndarray, tiers: list[str]
) -> ScoreRun:
    """Stage a list."""
    nothing = pa.nulls(len(ids), pa.string())
    columns = [ids, scores, tiers, ["none"] * len(ids), *[nothing] * 4]

    return WarehouseScores(warehouse).stage(
        population="subscribers",
        as_of=as_of,
        model_name="churn-subscribers",
        model_version=1,
        contract_fingerprint="abcdef012345",
        batches=pa.table(columns, schema=SCHEMA).to_batches(),
    )
