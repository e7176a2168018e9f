"""`outcomes` and `report` on small lists in PostgreSQL."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.adapters.files.report_folder import ReportFolder
from pipelines.adapters.gates.docs_folder import DataDocsFolder
from pipelines.adapters.tables.nights import WarehouseNights
from pipelines.adapters.tables.outbox import WarehouseOutbox
from pipelines.adapters.tables.outcomes import WarehouseOutcomes
from pipelines.adapters.tables.questions.night_questions import NightQuestions
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.page.night_page import Links
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.nights.performance import ListPerformance
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.errors import NothingStaged
from pipelines.settings import ROOT, load
from pipelines.steps.night.outcomes import outcomes
from pipelines.steps.night.report import report
from pipelines.testing.models import MemoryRegistry

SETTINGS = load({})
FOUR_TIERS = load({}).tiers
SCORED, DUE = date(2026, 3, 1), date(2026, 3, 31)
PEOPLE = [f"C{number}" for number in range(8)]
PROBABILITIES = [0.05, 0.1, 0.2, 0.4, 0.5, 0.7, 0.85, 0.9]
TIERS = ["low", "low", "low", "medium", "medium", "high", "critical", "critical"]
LEFT = [False, False, False, False, True, False, True, True]


@pytest.fixture
def labelled(warehouse: Warehouse) -> Warehouse:
    """A warehouse with an empty label table."""
    warehouse.execute(
        "create table analytics.fct_churn_labels "
        "(as_of date, customer_id text, is_churned boolean, label_due_at date)"
    )

    return warehouse


def publish(
    warehouse: Warehouse, as_of: date, tiers: Sequence[str] = TIERS, version: int = 4
) -> int:
    """Publish a list of eight; return its run."""
    scores = WarehouseScores(warehouse)
    rows = len(PEOPLE)
    run = scores.stage(
        population="subscribers",
        as_of=as_of,
        model_name="churn-subscribers",
        model_version=version,
        contract_fingerprint="abc",
        batches=pa.table(
            {
                "customer_id": PEOPLE,
                "churn_probability": PROBABILITIES,
                "risk_tier": list(tiers),
                "recommended_action": ["none"] * rows,
                **{f"reason_{rank}": pa.nulls(rows, pa.string()) for rank in (1, 2, 3)},
                "reasons": pa.nulls(rows, pa.string()),
            }
        ).to_batches(),
    )
    scores.publish(run)

    return run.run_id


def label(warehouse: Warehouse, as_of: date, due: date, left: Sequence[bool | None] = LEFT) -> None:
    """Write the labels of one date."""
    days = (pa.array([day] * len(left), pa.date32()) for day in (as_of, due))
    table = pa.table(
        [next(days), pa.array(PEOPLE[: len(left)]), pa.array(left, pa.bool_()), next(days)],
        names=["as_of", "customer_id", "is_churned", "label_due_at"],
    )
    warehouse.ingest("analytics", {"fct_churn_labels": table})


def measure(warehouse: Warehouse, as_of: date = DUE) -> list[ListPerformance]:
    """Run the step."""
    return outcomes(
        population="subscribers",
        as_of=as_of,
        settings=SETTINGS,
        models=MemoryRegistry(),
        outbox=WarehouseOutbox(warehouse),
        store=WarehouseOutcomes(warehouse, "analytics", "fct_churn_labels"),
    )


def test_a_matured_list_is_measured_once(labelled: Warehouse) -> None:
    """Outcomes by customer, metrics with intervals; the next run finds nothing to do."""
    run_id = publish(labelled, SCORED)
    label(labelled, SCORED, DUE)
    measured = measure(labelled)

    assert [(8, 3)] == [(found.customers, found.churners) for found in measured]
    assert measured[0].summary.startswith("2026-03-01: 3 of 8 customers left; mean_predicted 0.46")
    assert [
        (PEOPLE[index], run_id, PROBABILITIES[index], LEFT[index]) for index in range(8)
    ] == labelled.rows(
        "select customer_id, run_id, churn_probability, is_churned from churn.outcomes "
        "order by customer_id"
    )
    found = {
        row.metric: row
        for row in labelled.rows(
            "select * from churn.model_performance where model_version = 4 and customers = 8 "
            "and churners = 3 and measured_as_of = '2026-03-31' and is_as_promised is null"
        )
    }
    expected = {"auc": 14 / 15, "mean_predicted": 0.4625, "observed_rate": 0.375}
    assert set() == {*expected, "brier", "lift_10pct", "log_loss", "pr_auc"} - set(found)
    for metric, value in expected.items():
        assert pytest.approx(value) == found[metric].value
        assert found[metric].lower < value < found[metric].upper or metric == "auc"
    assert [] == measure(labelled)


def test_labels_that_are_not_known_are_not_counted(labelled: Warehouse) -> None:
    """NULL is not 'stayed', and a customer without a label is none."""
    publish(labelled, SCORED)
    label(labelled, SCORED, DUE, [True, False, None])

    assert [(2, 1)] == [(found.customers, found.churners) for found in measure(labelled)]


def test_labels_known_when_it_was_scored_are_no_outcome(labelled: Warehouse) -> None:
    """A single snapshot whose labels came with it was trained on."""
    publish(labelled, SCORED)
    label(labelled, SCORED, SCORED)

    assert [] == measure(labelled)


def test_a_list_that_was_superseded_is_measured_again(labelled: Warehouse) -> None:
    """The outcomes are those of the list people see; nothing is there twice."""
    publish(labelled, SCORED)
    label(labelled, SCORED, DUE)
    measure(labelled)
    second = publish(labelled, SCORED, version=5)

    assert [5] == [found.matured.model_version for found in measure(labelled)]
    assert [(8, second, second)] == labelled.rows(
        "select count(*), min(run_id), max(run_id) from churn.outcomes"
    )
    assert [(True, 5, 5)] == labelled.rows(
        "select count(*) > 30, min(model_version), max(model_version) from churn.model_performance"
    )


def test_a_list_nobody_left_has_rates_only(labelled: Warehouse) -> None:
    """Without churners there is no ranking to judge."""
    publish(labelled, SCORED)
    label(labelled, SCORED, DUE, [False] * 8)

    (found,) = measure(labelled)
    assert ["mean_predicted", "observed_rate"] == [item.metric for item in found.metrics[:2]]
    assert found.metric("auc") is None


def page(warehouse: Warehouse, folder: Path, as_of: date, tiers: TierPolicy = FOUR_TIERS) -> str:
    """Run the step."""
    terms = Terms(
        tiers=tiers, costs=load({}).business.costs, capacity_pct=25.0, horizon_days=30, fee="fee"
    )

    return report(
        population="subscribers",
        as_of=as_of,
        nights=WarehouseNights(warehouse, DataDocsFolder(folder / "docs"), tiers),
        questions=NightQuestions(
            warehouse, ROOT / "sql" / "night", terms, ("analytics", "fct_customer_features")
        ),
        terms=terms,
        links=Links(),
        pages=ReportFolder(folder),
    )


def test_the_page_of_a_full_night(labelled: Warehouse, tmp_path: Path) -> None:
    """Tiers against the list before, moves, drift, outcomes and alerts; no customer."""
    publish(labelled, SCORED, ["low", "low", "low", "medium", "low", "critical", "high", "high"])
    label(labelled, SCORED, DUE)
    measure(labelled)
    publish(labelled, DUE, version=5)
    labelled.execute(
        "insert into churn.drift_verdicts (population, as_of, model_version, verdict, "
        "is_training_requested, reason) values ('subscribers', '2026-03-31', 5, 'drifted', true, "
        "'drifted: usage_7d (moved by 0.39 sd)')"
    )
    labelled.execute(
        "insert into churn.alerts (population, as_of, kind, severity, title, body, owner, "
        "resolved_at) values "
        "('subscribers', '2026-03-31', 'drift', 'warning', 'drift: 1 of 5', 'b', 'science', null), "
        "('subscribers', '2026-03-25', 'gate_sources', 'critical', 'sources gate', 'b', 'data', "
        "now()), "
        "('subscribers', '2026-03-24', 'old', 'info', 'old', 'b', 'data', null)"
    )
    labelled.execute(
        "insert into churn.alert_deliveries (alert_id, channel, error) "
        "select alert_id, channel, case when kind = 'drift' and channel = 'slack' then null "
        "else 'e' end from churn.alerts, unnest(array['email', 'slack']) as channel"
    )
    for failed, at in ((9, "03:00"), (0, "04:00")):
        labelled.execute(
            "insert into churn.gate_results (population, as_of, gate, subject, expectation, "
            "severity, is_passed, owner, checked_at) select 'subscribers', '2026-03-31', gate, "
            f"'s', 'e', 'fail', n > {failed}, 'data', timestamptz '2026-03-31 {at}Z' "
            "from generate_series(1, 10) as n, unnest(array['scores', 'sources']) as gate"
        )
    labelled.execute(
        "insert into churn.gate_results (population, as_of, gate, subject, expectation, severity, "
        "is_passed, owner) values ('subscribers', '2026-03-31', 'features', 's', 'e', 'warn', "
        "false, 'data'), ('subscribers', '2026-03-31', 'features', 's', 'e', 'fail', false, "
        "'data')"
    )
    folder = tmp_path / "reports" / "docs"
    docs = folder / "subscribers" / "2026-03-31" / "sources" / "index.html"
    docs.parent.mkdir(parents=True)
    docs.touch()
    text = page(labelled, tmp_path / "reports", DUE)

    expected = f"""\
subscribers, night of 2026-03-31

8 customers, scored by churn-subscribers version 5, mean churn probability 0.4625.

tier        customers    change  to leave
critical            2        +1         2
high                1        -1         1
medium              2        +1         1
low                 3        -1         0

Since 2026-03-01 (version 4, mean 0.4625): 3 customers moved to a higher tier, \
2 of them to high or critical; 1 to a lower.

Gates:
  sources      10 checks, 0 failed, 0 warned; pages: {docs}
  features      2 checks, 1 failed, 1 warned
  scores       10 checks, 0 failed, 0 warned

Drift: drifted: drifted: usage_7d (moved by 0.39 sd).

Outcomes of the list of 2026-03-01 (version 4): 3 of 8 customers left.
"""
    assert text.startswith(expected)
    assert "\n  auc                0.933  [" in text
    assert (
        "Alerts of the last 7 nights:\n"
        "  2026-03-31 warning: drift: 1 of 5 (owner science; sent)\n"
        "  2026-03-25 critical: sources gate (owner data; not sent; resolved)\n"
    ) in text
    assert text == (tmp_path / "reports" / "subscribers-2026-03-31.txt").read_text("utf-8")
    assert [] == [name for name in PEOPLE if name in text]


def test_the_page_of_a_night_without_a_list(labelled: Warehouse, tmp_path: Path) -> None:
    """It says which list people see, and has nothing to compare; one that never ran has none."""
    publish(labelled, SCORED)
    with pytest.raises(NothingStaged, match="has no night of 2026-03-31"):
        page(labelled, tmp_path, DUE)
    labelled.execute(
        "insert into churn.alerts (population, as_of, kind, severity, title, body, owner) "
        "values ('subscribers', '2026-03-31', 'features', 'critical', 'features', 'b', 'data')"
    )
    text = page(labelled, tmp_path, DUE)

    assert "No list was published for this night. The list people see: that of 2026-03-01." in text
    assert "Gates: none has looked." in text
    assert "Drift: not judged." in text
    assert "Outcomes: no list's horizon has passed yet." in text
    assert "features" in text


def test_the_page_of_the_first_night(labelled: Warehouse, tmp_path: Path) -> None:
    """Without a list before there is no change to show."""
    publish(labelled, SCORED)

    text = page(labelled, tmp_path, SCORED)

    assert "low                 3         -" in text
    assert "Alerts of the last 7 nights: none." in text


def test_the_page_has_the_tiers_of_churn_toml_and_those_of_older_lists(
    labelled: Warehouse, tmp_path: Path
) -> None:
    """Highest first; a tier that is gone comes last and nobody moved to or from it."""
    publish(labelled, SCORED)
    tonight = ["low", "low", "medium", "medium", "high", "critical", "unbearable", "unbearable"]
    publish(labelled, DUE, tonight)
    tiers = TierPolicy(
        {"medium": 0.3, "high": 0.6, "unbearable": 0.8},
        dict.fromkeys(["low", "medium", "high", "unbearable"], "call"),
    )

    assert """
tier         customers    change  to leave
unbearable           2        +2         2
high                 1        +0         0
medium               2        +0         1
low                  2        -1         0
critical             1        -1         1

Since 2026-03-01 (version 4, mean 0.4625): 2 customers moved to a higher tier, \
1 of them to high or unbearable; 0 to a lower.
""" in page(labelled, tmp_path, DUE, tiers)
