"""What a gate does with what it finds: it keeps it, warns, or stops the night."""

from collections.abc import Mapping
from typing import Any

import pytest
import structlog.testing

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.report import Gate, GateReport
from pipelines.domain.gates.suite import Suite
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import FeaturesMissing, GateFailed, NothingStaged
from pipelines.steps.night.gate import gate
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.gates import (
    MemoryGateHistory,
    MemoryGateResults,
    MemorySuites,
    MemoryValidator,
)
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import (
    CONTRACT,
    ID_PREFIX,
    NIGHT,
    POPULATION,
    before,
    configured,
    customers,
    stage,
)

GATES: tuple[Gate, ...] = ("sources", "features", "scores")
FILLED, ROWS = "expect_column_values_to_not_be_null", "expect_table_row_count_to_be_between"
SETTINGS = configured(subscribers={"sources": ["invoices"]})
SUITE = Suite(
    (
        Check(FILLED, {"column": "customer_id"}, "by hand", owner="billing"),
        Check(ROWS, {"min_value": 1}, "by hand", severity="warn"),
    )
)
EMPTY = {"unexpected": 7, "rows": 200}


def empty_keys(_batch: Batch, check: Check) -> Mapping[str, Any] | None:
    """Find keys missing, wherever they are looked for."""
    is_asked = check.expectation == FILLED and check.kwargs["column"] == "customer_id"

    return EMPTY if is_asked else None


def few_rows(_batch: Batch, check: Check) -> Mapping[str, Any] | None:
    """Find no rows, where somebody wrote that there must be one."""
    return {"value": 0} if check.kwargs == {"min_value": 1} else None


class House:
    """One night whose features are built and whose scores are staged."""

    def __init__(self) -> None:
        self.suites = MemorySuites({"invoices": SUITE}, SUITE, SUITE)
        self.features, self.scores = MemoryFeatures(), MemoryScores()
        self.features.add(NIGHT, customers(), CONTRACT)
        self.run: ScoreRun = stage(self.scores, [0.1, 0.9])
        self.validator, self.results = MemoryValidator(), MemoryGateResults()
        self.journal = Journal()

    def check(self, name: Gate) -> GateReport:
        """Let one gate look at the night."""
        return gate(
            gate=name,
            population=POPULATION,
            as_of=NIGHT,
            settings=SETTINGS,
            suites=self.suites,
            features=self.features,
            scores=self.journal.watch(self.scores),
            validator=self.journal.watch(self.validator),
            past=MemoryGateHistory(),
            results=self.journal.watch(self.results),
            docs=f"{name}.html",
        )

    @property
    def status(self) -> str:
        """What became of the staged run."""
        return self.scores.known[self.run.run_id].status


@pytest.mark.parametrize("name", GATES)
def test_what_a_gate_found_is_kept_and_returned(name: Gate) -> None:
    """With its night, its pages and, at the gate of scores, the run; one result a check."""
    house = House()
    report = house.check(name)

    assert [report] == house.results.reports
    assert (name, POPULATION, NIGHT, f"{name}.html") == (
        report.gate,
        report.population,
        report.as_of,
        report.docs,
    )
    assert (1 if name == "scores" else None) == report.run_id
    checks = [check for batch in house.validator.looked_at for check in batch.checks]
    assert [check.expectation for check in checks] == [each.expectation for each in report.results]
    assert {FILLED, ROWS} <= {check.expectation for check in checks}
    assert report.is_passed
    assert "staged" == house.status


@pytest.mark.parametrize("name", GATES)
def test_a_failure_is_recorded_before_it_stops_the_night(name: Gate) -> None:
    """The error names check, rows, owner and query; only the gate of scores rejects the run."""
    house = House()
    house.validator.finds = empty_keys
    with pytest.raises(GateFailed) as refused:
        house.check(name)

    (report,) = house.results.reports
    assert report.summary == refused.value.message
    assert (
        f"{name} gate of subscribers 2026-06-30: 1 of {len(report.results)} checks failed: "
    ) == refused.value.message.split(house.validator.looked_at[0].schema)[0]
    assert refused.value.message.endswith(
        ".customer_id: column values to not be null: 7 of 200 rows fail; owner billing"
    )
    query = f"failures of the {name} gate of subscribers 2026-06-30"
    assert f'churn sql "{query}"' == refused.value.next_step
    if name == "scores":
        assert ["validate", "record", "reject"] == house.journal.order(
            "validate", "record", "reject"
        )
        assert ("rejected", report.summary) == (house.status, house.scores.known[1].reason)
    else:
        assert ["validate", "record"] == house.journal.order("validate", "record", "reject")
        assert "staged" == house.status


@pytest.mark.parametrize("name", GATES)
def test_a_warning_stops_nothing(name: Gate) -> None:
    """It is recorded and logged, and the gate has passed."""
    house = House()
    house.validator.finds = few_rows
    with structlog.testing.capture_logs() as logs:
        report = house.check(name)

    (warning,) = report.warnings
    assert [report] == house.results.reports
    assert "staged" == house.status
    assert {
        "event": "gate_warned",
        "log_level": "warning",
        "gate": name,
        "subject": warning.subject,
        "finding": warning.sentence,
    } == logs[0]
    assert {"event": "gate_passed", "checks": len(report.results), "warnings": 1}.items() <= (
        logs[1].items()
    )
    assert ID_PREFIX not in str(logs)


def test_a_gate_without_checks_says_so() -> None:
    """A population without sources passes, and the log warns that nobody looked."""
    house = House()
    settings = configured(subscribers={"sources": []})
    with structlog.testing.capture_logs() as logs:
        report = gate(
            gate="sources",
            population=POPULATION,
            as_of=NIGHT,
            settings=settings,
            suites=house.suites,
            features=house.features,
            scores=house.scores,
            validator=house.validator,
            past=MemoryGateHistory(),
            results=house.results,
        )

    assert () == report.results
    assert [("gate_had_nothing_to_check", "warning"), ("gate_passed", "info")] == [
        (entry["event"], entry["log_level"]) for entry in logs
    ]


def test_scores_that_are_not_staged_are_not_looked_at() -> None:
    """A published list has passed its gate before."""
    house = House()
    house.scores.publish(house.run)
    with pytest.raises(NothingStaged) as refused:
        house.check("scores")

    assert "churn score --population subscribers --as-of 2026-06-30" == refused.value.next_step
    assert [] == house.validator.looked_at == house.results.reports
    assert "published" == house.status


@pytest.mark.parametrize("name", ["features", "scores"])
def test_features_that_were_never_built_are_not_looked_at(name: Gate) -> None:
    """Those of the night before are not tonight's; the staged run stays."""
    house = House()
    house.features = MemoryFeatures()
    house.features.add(before(1), customers(), CONTRACT)
    with pytest.raises(FeaturesMissing) as refused:
        house.check(name)

    assert "churn features --population subscribers --as-of 2026-06-30" == refused.value.next_step
    assert [] == house.validator.looked_at == house.results.reports
    assert "staged" == house.status


def test_sources_are_looked_at_before_anything_is_built() -> None:
    """The first gate of the night asks for neither features nor scores."""
    house = House()
    house.features, house.scores = MemoryFeatures(), MemoryScores()

    assert house.check("sources").is_passed
    assert ["validate", "record"] == house.journal.order()
