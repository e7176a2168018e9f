"""`churn exporter` on real tables: what it tells and never does, and a Prometheus that reads it."""

import shutil
import signal
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.adapters.service.night_figures import NightFigures
from pipelines.adapters.tables.erasures import WarehouseErasures
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.scoring import SCHEMA
from tests.faults.server import wait
from tests.integration.monitors import ask, exporting, prometheus

NIGHT = date(2026, 3, 1)
STATEMENTS = (
    "insert into churn.gate_results (population, as_of, gate, subject, expectation, severity, "
    "is_passed, owner) values ('subscribers', '2026-02-28', 'sources', 't', 'e', 'fail', false, "
    "'o'), ('subscribers', '2026-03-01', 'sources', 't', 'e', 'fail', true, 'o'), "
    "('subscribers', '2026-03-01', 'sources', 't', 'f', 'warn', false, 'o')",
    "insert into churn.drift_verdicts (population, as_of, model_version, verdict, "
    "is_training_requested, reason) values ('subscribers', '2026-02-28', 3, 'quiet', false, 'r'), "
    "('subscribers', '2026-03-01', 3, 'drifted', false, 'r')",
    "insert into churn.model_performance (population, score_date, model_version, metric, value, "
    "lower, upper, customers, churners, promised_lower, measured_as_of) values "
    "('subscribers', '2026-01-01', 3, 'auc', 0.9, 0.8, 0.95, 30, 9, 0.75, '2026-02-01'), "
    "('subscribers', '2026-01-02', 3, 'auc', 0.7, 0.6, 0.8, 30, 9, 0.75, '2026-02-02')",
    "insert into churn.outcome_findings (population, score_date, model_version, metric, finding, "
    "measured_as_of) values ('subscribers', '2026-01-02', 3, 'auc', 'it fell', '2026-02-02')",
    "insert into churn.loop_decisions (population, as_of, champion_version, action, cause, "
    "reason, evidence) values ('subscribers', '2026-02-28', 3, 'retrain', 'drift', 'r', '[]'), "
    "('subscribers', '2026-03-01', 3, 'retrain', 'drift', 'r', '[]')",
    "insert into churn.model_promotions (population, as_of, champion_version, challenger_version, "
    "is_promoted, is_waiting, reason, decided_at) values ('subscribers', '2026-03-01', 3, 4, "
    "false, false, 'r', now() + interval '1 hour')",
    "insert into churn.score_runs (population, as_of, status, model_name, model_version, "
    "contract_fingerprint) values ('subscribers', '2026-03-01', 'rejected', 'm', 3, 'abc'), "
    "('subscribers', '2026-03-01', 'rejected', 'm', 3, 'abc'), "
    "('subscribers', '2026-02-27', 'rejected', 'm', 3, 'abc')",
    "insert into churn.alerts (population, as_of, kind, severity, title, body, owner, "
    "resolved_at) values ('subscribers', '2026-03-01', 'drift', 'warning', 't', 'b', 'o', null), "
    "('subscribers', '2026-02-28', 'drift', 'warning', 't', 'b', 'o', null), "
    "('subscribers', '2026-02-27', 'drift', 'warning', 't', 'b', 'o', now())",
    "insert into churn.trial_results (population, mode, salt, challenger_pct, champion_version, "
    "challenger_version, metric, measured_as_of, customers, difference, lower, upper, verdict) "
    "values ('subscribers', 'shadow', 's', 50, 3, 4, 'brier', '2026-02-28', 9, 0.5, -1, 1, "
    "'open'), ('subscribers', 'shadow', 's', 50, 3, 4, 'brier', '2026-03-01', 9, 0.25, -1, 1, "
    "'open')",
)


def publish(warehouse: Warehouse, as_of: date, tiers: dict[str, int]) -> None:
    """Publish a list with so many customers of each tier."""
    rows = [
        {
            "customer_id": f"SECRET-{tier}-{number}",
            "churn_probability": 0.5,
            "risk_tier": tier,
            "recommended_action": "none",
        }
        for tier, count in tiers.items()
        for number in range(count)
    ]
    scores = WarehouseScores(warehouse)
    scores.publish(
        scores.stage(
            population="subscribers",
            as_of=as_of,
            model_name="churn-subscribers",
            model_version=3,
            contract_fingerprint="abc",
            batches=pa.Table.from_pylist(rows, SCHEMA).to_batches(),
        )
    )


@pytest.fixture
def told(warehouse: Warehouse) -> Warehouse:
    """A warehouse after two nights."""
    publish(warehouse, date(2026, 2, 28), {"low": 50})
    publish(warehouse, NIGHT, {"low": 40, "high": 20, "critical": 10})
    for statement in STATEMENTS:
        warehouse.execute(statement)

    return warehouse


def test_the_nights_are_told_and_nobody_of_them(told: Warehouse, tmp_path: Path) -> None:
    """Of the latest of each; SIGTERM ends it as it should."""
    with exporting(told.url, tmp_path) as (at, process):
        text = ask(f"http://{at}/metrics").text
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(30)
    found = {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("churn_")
    }
    published = found.pop('churn_list_published_timestamp_seconds{population="subscribers"}')
    of = 'population="subscribers"'

    assert abs(time.time() - published) < 600
    assert {
        "churn_warehouse_up": 1,
        f"churn_list_as_of_timestamp_seconds{{{of}}}": 1_772_323_200,
        f"churn_list_model_version{{{of}}}": 3,
        f"churn_list_size{{{of}}}": 70,
        f'churn_list_attempts{{{of},status="published"}}': 1,
        f'churn_list_attempts{{{of},status="rejected"}}': 2,
        f"churn_attempt_as_of_timestamp_seconds{{{of}}}": 1_772_323_200,
        f"churn_model_first_list_timestamp_seconds{{{of}}}": 1_772_236_800,
        f'churn_list_customers{{{of},tier="low"}}': 40,
        f'churn_list_customers{{{of},tier="high"}}': 20,
        f'churn_list_customers{{{of},tier="critical"}}': 10,
        f"churn_list_expected_to_leave{{{of}}}": 35,
        f'churn_gate_checks{{gate="sources",{of}}}': 2,
        f'churn_gate_failures{{gate="sources",{of},severity="fail"}}': 0,
        f'churn_gate_failures{{gate="sources",{of},severity="warn"}}': 1,
        f'churn_drift_verdict{{{of},verdict="drifted"}}': 1,
        f"churn_drift_as_of_timestamp_seconds{{{of}}}": 1_772_323_200,
        f'churn_realised{{metric="auc",{of}}}': 0.7,
        f'churn_realised_lower{{metric="auc",{of}}}': 0.6,
        f'churn_promised_lower{{metric="auc",{of}}}': 0.75,
        f"churn_realised_as_of_timestamp_seconds{{{of}}}": 1_767_312_000,
        f"churn_outcome_findings{{{of}}}": 1,
        f'churn_loop_action{{action="retrain",{of}}}': 1,
        f'churn_retrainings{{{of},result="not_judged"}}': 1,
        f'churn_retrainings{{{of},result="not_promoted"}}': 1,
        f'churn_open_alerts{{kind="drift",{of},severity="warning"}}': 2,
        'churn_trial_difference{challenger="4",champion="3",metric="brier",mode="shadow",'
        f"{of}}}": 0.25,
    } == {_sorted(name): value for name, value in found.items()}
    assert "SECRET" not in text


def test_who_was_erased_is_in_no_sum_any_more(told: Warehouse) -> None:
    """Though the figures of a list are kept as long as it stands."""
    figures = NightFigures(told)

    def size() -> float:
        """Return how many are told to be on the list."""
        (found,) = [each.value for each in figures.samples() if each.name == "churn_list_size"]
        return found

    assert 70 == size()
    WarehouseErasures(told, raw_schemas=["raw"], models_schema="analytics").erase(
        "SECRET-low-0", lambda _table, _rows: None
    )
    assert 69 == size()


def test_an_empty_warehouse_and_one_that_is_gone_are_told_too(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """Nothing is made up of nights there were not."""
    with exporting(warehouse.url, tmp_path) as (at, _):
        lines = ask(f"http://{at}/metrics").text.splitlines()

    assert ["churn_warehouse_up 1.0"] == [line for line in lines if line.startswith("churn_")]


def _sorted(name: str) -> str:
    """Return a sample with its labels in the order of their names."""
    bare, _, labels = name.rstrip("}").partition("{")

    return f"{bare}{{{','.join(sorted(labels.split(',')))}}}" if labels else bare


@pytest.mark.skipif(shutil.which("prometheus") is None, reason="Prometheus is not installed")
def test_a_prometheus_reads_it_and_alerts(told: Warehouse, tmp_path: Path) -> None:
    """With the rules and the jobs of docs/monitoring: the list of that night is old by now."""
    expected = {
        *("ChurnListOld", "ChurnDrift", "ChurnOutcomesSpeak", "ChurnServiceDown"),
        "ChurnRealisedBelowPromise",
    }
    with (
        exporting(told.url, tmp_path) as (at, _),
        prometheus(tmp_path / "prometheus", exporter=at) as server,
    ):
        wait("the alerts", lambda: expected <= server.alerts())
        found = server.alerts()

    assert not {"ChurnGateFailed", "ChurnWarehouseDown", "ChurnExporterDown"} & found
