"""What a night is compared with, its verdict, and whether a training is asked for."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import structlog.testing

from pipelines.domain.drift.report import DriftReport
from pipelines.domain.drift.source_nulls import SourceNulls
from pipelines.domain.features.contract import FeatureContract
from pipelines.testing.models import MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.judged_night import DRIFTED, PROBABILITIES, ROWS, JudgedNight, reference
from tests.unit.steps.subscribers import (
    CONTRACT,
    ID_PREFIX,
    NIGHT,
    POPULATION,
    before,
    configured,
    customers,
    model,
    stage,
)

SCORE, AGAIN = "*score*", "*scored again*"


def verdicts(report: DriftReport) -> dict[str, str]:
    """Return the verdict on each column."""
    return {check.feature: check.verdict for check in report.checks}


def test_a_night_like_the_training_is_quiet() -> None:
    """Every watched feature and the scores are looked at; the report is kept as it is returned."""
    night = JudgedNight()
    report = night.judge()

    assert ("quiet", False, 1, "memory") == (
        report.verdict,
        report.is_training_requested,
        report.model_version,
        report.engine,
    )
    assert [*CONTRACT.names, SCORE, AGAIN] == [check.feature for check in report.checks]
    assert {"quiet"} == {*verdicts(report).values()}
    assert {(POPULATION, NIGHT): report} == night.store.reports
    assert report.alert is None


def test_the_registry_is_not_asked_about_a_champion_that_is_kept() -> None:
    """Of any other version that scored the night it is asked."""
    night = JudgedNight()
    version = night.models.numbered(POPULATION, 1)
    night.kept = version
    judged = night.judge()
    assert ["load"] == night.journal.order("numbered", "load")

    night.kept = replace(version, version=2)
    assert judged == night.judge()
    assert ["load", "numbered", "load"] == night.journal.order("numbered", "load")


def test_a_night_that_drifted_asks_for_a_training() -> None:
    """The column is named, the alert says that a training was requested."""
    night = JudgedNight()
    night.double_fees()
    report = night.judge()

    assert ("drifted", True) == (report.verdict, report.is_training_requested)
    assert {"fee_eur"} == {name for name, what in verdicts(report).items() if what != "quiet"}
    assert report.reason.startswith("drifted: fee_eur (moved by ")
    assert report == night.store.reports[POPULATION, NIGHT]
    assert report.alert is not None


def test_scores_are_those_of_the_same_customers() -> None:
    """Customers are found by id, whatever the order; who has no score is missing one."""
    night = JudgedNight()
    shuffled = customers(ROWS).take(pa.array(np.random.default_rng(1).permutation(ROWS)))
    night.features.add(NIGHT, shuffled, CONTRACT)
    night.judge()
    (call,) = night.journal.of("p_values")
    assert PROBABILITIES.tolist() == call.args[1][SCORE].to_pylist()

    night.scores = MemoryScores()
    night.scores.publish(stage(night.scores, PROBABILITIES[: ROWS // 2].tolist()))
    assert "missing" == verdicts(night.judge())[SCORE]


def test_all_features_are_compared_and_numbers_told_from_words() -> None:
    """Also those that are not watched; the engine is told which are no numbers."""
    night = JudgedNight()
    watch(night, "fee_eur", is_watched=False)
    report = night.judge()
    (call,) = night.journal.of("p_values")

    assert [*CONTRACT.names, SCORE] == call.args[0].column_names
    assert [*CONTRACT.names, SCORE] == call.args[1].column_names
    assert ["plan", "is_autopay"] == call.args[2]
    assert [*CONTRACT.names, SCORE, AGAIN] == [*verdicts(report)]


def watch(night: JudgedNight, name: str, *, is_watched: bool) -> None:
    """Let one feature be declared anew."""
    features = [
        replace(feature, watch_drift=is_watched) if feature.name == name else feature
        for feature in CONTRACT.features
    ]
    night.features.contracts[NIGHT] = FeatureContract(CONTRACT.table, tuple(features))


def test_features_that_matter_are_compared_together() -> None:
    """Fewer than two go together with nothing; what no longer goes together is drift."""
    night = JudgedNight()
    assert "*joint*" not in verdicts(night.judge())

    night.models = MemoryRegistry()
    night.models.add(model({"fee_eur": 0.3, "tickets_28d": 0.2}, reference=reference()))
    night.engine.moves = 0.3
    assert "quiet" == verdicts(night.judge())["*joint*"]
    (call,) = night.journal.of("joint")
    assert {(ROWS, 2)} == {side.shape for side in call.args}

    fees = sorted(customers(ROWS)["fee_eur"].to_pylist())
    tickets = sorted(customers(ROWS)["tickets_28d"].to_pylist())
    night.features.add(NIGHT, customers(ROWS, fee_eur=fees, tickets_28d=tickets), CONTRACT)
    report = night.judge()
    assert {"*joint*": "drifted"} == {
        name: what for name, what in verdicts(report).items() if what != "quiet"
    }
    assert "drifted: *joint* (told from the training with AUC 0.700, 400 customers)" == (
        report.reason
    )


def test_no_more_rows_are_compared_than_the_settings_say() -> None:
    """Of both sides a sample, the same each time."""
    night = JudgedNight()
    night.settings = configured(drift={"sample_rows": 100}).drift
    night.judge()
    night.judge()
    first, second = night.journal.of("p_values")

    assert (100, 100) == (len(first.args[0]), len(first.args[1]))
    assert first.args[0].equals(second.args[0])
    assert first.args[1].equals(second.args[1])


def test_the_night_is_compared_with_the_model_that_scored_it() -> None:
    """A champion of since then learned from others."""
    night = JudgedNight()
    fees = [5 * fee for fee in customers(ROWS)["fee_eur"].to_pylist()]
    later = night.models.add(model({"fee_eur": 0.3}, reference=reference(fee_eur=fees)))
    night.models.set_alias(later, "champion")
    night.engine.answers = {"fee_eur": DRIFTED}

    assert ("quiet", 1) == (night.judge().verdict, night.judge().model_version)


def test_again_is_the_same_verdict_in_place_of_the_one_before() -> None:
    """A re-run still asks for the training it asked for."""
    night = JudgedNight()
    night.double_fees()
    first, second = night.judge(), night.judge()

    assert first == second
    assert {(POPULATION, NIGHT): second} == night.store.reports


def test_a_list_the_model_did_not_make_is_no_reason_to_train() -> None:
    """At once, whatever else drifted: scores a tenth too low are in the order they always had."""
    night = JudgedNight()
    night.is_list_told_by_model = False
    told = night.models.numbered(POPULATION, 1)
    says = night.models.load(told).probabilities(customers(ROWS))
    night.scores = MemoryScores()
    night.scores.publish(stage(night.scores, says.tolist()))
    assert "quiet" == verdicts(night.judge())[AGAIN]

    night.scores = MemoryScores()
    night.scores.publish(stage(night.scores, (0.9 * says).tolist()))
    night.engine.answers = {"fee_eur": DRIFTED}
    report = night.judge()
    assert ("unknown", False) == (report.verdict, report.is_training_requested)
    assert f"*scored again* (400 of {ROWS} customers have another probability" in report.reason


def test_a_source_that_stopped_being_filled_makes_the_night_unknown() -> None:
    """No model should learn from it, whatever else drifted; a column as filled as ever is quiet."""
    night = JudgedNight()
    night.double_fees()
    empty = SourceNulls("raw.invoices.paid_at", 1000, 500, 1000, 10, True, "billing")
    filled = replace(empty, column="raw.invoices.due_at", nulls=10)
    night.store.nulls = {(POPULATION, NIGHT): [empty, filled], (POPULATION, before(1)): [filled]}
    report = night.judge()

    assert ("unknown", False) == (report.verdict, report.is_training_requested)
    loud = {name: what for name, what in verdicts(report).items() if what != "quiet"}
    assert {"fee_eur": "drifted", "raw.invoices.paid_at": "missing"} == loud
    assert "raw.invoices.due_at" not in verdicts(report)
    assert report == night.store.reports[POPULATION, NIGHT]


def test_the_log_holds_the_verdict_and_nobody() -> None:
    """Rows are counted, and customers not named."""
    night = JudgedNight()
    night.double_fees()
    with structlog.testing.capture_logs() as logs:
        night.judge()

    assert {
        "event": "drift_judged",
        "as_of": "2026-06-30",
        "rows": ROWS,
        "verdict": "drifted",
        "is_training_requested": True,
    }.items() <= logs[0].items()
    assert ID_PREFIX not in str(logs)
