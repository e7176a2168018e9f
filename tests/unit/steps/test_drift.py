"""What a night is compared with, its verdict, and whether a training is asked for."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.drift.report import DriftReport
from pipelines.domain.drift.source_nulls import SourceNulls
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import (
    ArtefactDamaged,
    ChurnError,
    ContractMismatch,
    FeaturesMissing,
    NothingStaged,
    RegistryUnavailable,
    ServiceFailed,
)
from pipelines.steps.drift import drift
from pipelines.testing.drift import MemoryDrift, MemoryEngine
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import (
    CONTRACT,
    IDS,
    NIGHT,
    POPULATION,
    before,
    configured,
    customers,
    model,
    stage,
)

ROWS = 400
DRIFTED = (0.5, 1e-9)
SCORE = "*score*"
PROBABILITIES = np.linspace(0.1, 0.9, ROWS)


def reference(**columns: Any) -> pa.Table:
    """Return customers as the model met them at training, with their probabilities."""
    table = customers(ROWS, **columns).drop_columns(["customer_id", "is_churned"])

    return table.append_column("churn_probability", pa.array(PROBABILITIES))


class House:
    """A night whose features and scores are those of the training."""

    def __init__(self) -> None:
        self.features, self.scores, self.models = MemoryFeatures(), MemoryScores(), MemoryRegistry()
        self.features.add(NIGHT, customers(ROWS), CONTRACT)
        self.models.add(model({"fee_eur": 0.3}, reference=reference()))
        self.scores.publish(stage(self.scores, PROBABILITIES.tolist()))
        self.engine, self.store, self.journal = MemoryEngine(), MemoryDrift(), Journal()
        self.settings = configured(drift={"sample_rows": 1000, "training_every_days": 7}).drift

    def double_fees(self) -> None:
        """Let everybody pay twice of what they paid, significantly."""
        fees = [2 * fee for fee in customers(ROWS)["fee_eur"].to_pylist()]
        self.features.add(NIGHT, customers(ROWS, fee_eur=fees), CONTRACT)
        self.engine.answers = {"fee_eur": DRIFTED}

    def judge(self) -> DriftReport:
        """Judge the night."""
        return drift(
            population=POPULATION,
            as_of=NIGHT,
            settings=self.settings,
            features=self.features,
            scores=self.scores,
            models=self.models,
            engine=self.journal.watch(self.engine),
            store=self.journal.watch(self.store),
        )

    def refusal(self, kind: type[ChurnError]) -> tuple[str, str]:
        """Return message and next step of the refusal to judge, after which nothing is kept."""
        with pytest.raises(kind) as refused:
            self.judge()
        assert {} == self.store.reports

        return refused.value.message, refused.value.next_step


def verdicts(report: DriftReport) -> dict[str, str]:
    """Return the verdict on each column."""
    return {check.feature: check.verdict for check in report.checks}


def requested(days: int, *, population: str = POPULATION, is_requested: bool = True) -> DriftReport:
    """Return the report of a night so many days ago."""
    return DriftReport(
        population=population,
        as_of=before(days),
        model_version=1,
        engine="memory",
        verdict="drifted",
        is_training_requested=is_requested,
        reason="drifted",
        checks=(),
    )


def test_a_night_like_the_training_is_quiet() -> None:
    """Every watched feature and the scores are looked at; the report is kept as it is returned."""
    house = House()
    report = house.judge()

    assert ("quiet", False, 1, "memory") == (
        report.verdict,
        report.is_training_requested,
        report.model_version,
        report.engine,
    )
    assert [*CONTRACT.names, SCORE] == [check.feature for check in report.checks]
    assert {"quiet"} == {*verdicts(report).values()}
    assert {(POPULATION, NIGHT): report} == house.store.reports
    assert report.alert is None


def test_a_night_that_drifted_asks_for_a_training() -> None:
    """The column is named, the alert says that a training was requested."""
    house = House()
    house.double_fees()
    report = house.judge()

    assert ("drifted", True) == (report.verdict, report.is_training_requested)
    assert {"fee_eur"} == {name for name, what in verdicts(report).items() if what != "quiet"}
    assert report.reason.startswith("drifted: fee_eur (moved by ")
    assert report == house.store.reports[POPULATION, NIGHT]
    assert report.alert is not None


def test_scores_are_those_of_the_same_customers() -> None:
    """Customers are found by id, whatever the order; who has no score is missing one."""
    house = House()
    shuffled = customers(ROWS).take(pa.array(np.random.default_rng(1).permutation(ROWS)))
    house.features.add(NIGHT, shuffled, CONTRACT)
    house.judge()
    (call,) = house.journal.of("p_values")
    assert PROBABILITIES.tolist() == call.args[1][SCORE].to_pylist()

    house.scores = MemoryScores()
    house.scores.publish(stage(house.scores, PROBABILITIES[: ROWS // 2].tolist()))
    assert "missing" == verdicts(house.judge())[SCORE]


def test_only_watched_features_are_compared() -> None:
    """The engine is told which are no numbers; the others it never sees."""
    house = House()
    fee, tickets, plan, autopay = CONTRACT.features
    contract = FeatureContract(
        CONTRACT.table, (fee, replace(tickets, watch_drift=False), plan, autopay)
    )
    house.features.contracts[NIGHT] = contract
    report = house.judge()
    (call,) = house.journal.of("p_values")

    assert ["fee_eur", "plan", "is_autopay", SCORE] == call.args[0].column_names
    assert ["fee_eur", "plan", "is_autopay", SCORE] == call.args[1].column_names
    assert ["plan", "is_autopay"] == call.args[2]
    assert ["fee_eur", "plan", "is_autopay", SCORE] == [*verdicts(report)]


def test_no_more_rows_are_compared_than_the_settings_say() -> None:
    """Of both sides a sample, the same each time."""
    house = House()
    house.settings = configured(drift={"sample_rows": 100}).drift
    house.judge()
    house.judge()
    first, second = house.journal.of("p_values")

    assert (100, 100) == (len(first.args[0]), len(first.args[1]))
    assert first.args[0].equals(second.args[0])
    assert first.args[1].equals(second.args[1])


def test_the_night_is_compared_with_the_model_that_scored_it() -> None:
    """A champion of since then learned from others."""
    house = House()
    fees = [5 * fee for fee in customers(ROWS)["fee_eur"].to_pylist()]
    later = house.models.add(model({"fee_eur": 0.3}, reference=reference(fee_eur=fees)))
    house.models.set_alias(later, "champion")
    house.engine.answers = {"fee_eur": DRIFTED}

    assert ("quiet", 1) == (house.judge().verdict, house.judge().model_version)


@pytest.mark.parametrize(
    ("earlier", "is_requested"),
    [
        ([requested(6)], False),
        ([requested(1)], False),
        ([requested(7)], True),
        ([requested(0)], True),
        ([requested(-1)], True),
        ([requested(3, is_requested=False)], True),
        ([requested(3, population="telco")], True),
        ([requested(7), requested(6)], False),
    ],
)
def test_a_training_is_asked_for_at_most_once_in_seven_days(
    earlier: list[DriftReport], is_requested: bool
) -> None:
    """Nights of the last six days count; this one, later ones and other populations do not."""
    house = House()
    house.store.reports = {(report.population, report.as_of): report for report in earlier}
    house.double_fees()
    report = house.judge()

    assert ("drifted", is_requested) == (report.verdict, report.is_training_requested)


def test_again_is_the_same_verdict_in_place_of_the_one_before() -> None:
    """A re-run still asks for the training it asked for."""
    house = House()
    house.double_fees()
    first, second = house.judge(), house.judge()

    assert first == second
    assert {(POPULATION, NIGHT): second} == house.store.reports


def test_a_source_that_stopped_being_filled_makes_the_night_unknown() -> None:
    """No model should learn from it, whatever else drifted; a column as filled as ever is quiet."""
    house = House()
    house.double_fees()
    empty = SourceNulls("raw.invoices.paid_at", 1000, 500, 1000, 10, True, "billing")
    filled = replace(empty, column="raw.invoices.due_at", nulls=10)
    house.store.nulls = {(POPULATION, NIGHT): [empty, filled], (POPULATION, before(1)): [filled]}
    report = house.judge()

    assert ("unknown", False) == (report.verdict, report.is_training_requested)
    loud = {name: what for name, what in verdicts(report).items() if what != "quiet"}
    assert {"fee_eur": "drifted", "raw.invoices.paid_at": "missing"} == loud
    assert "raw.invoices.due_at" not in verdicts(report)
    assert report == house.store.reports[POPULATION, NIGHT]


def test_without_a_published_list_there_is_nothing_to_judge() -> None:
    """A list that waits is none, nor is that of another night."""
    house = House()
    house.scores = MemoryScores()
    house.scores.publish(stage(house.scores, [0.5], as_of=before(1)))
    stage(house.scores, [0.5])

    assert (
        "no list of subscribers is published for 2026-06-30, so there is nothing to compare",
        "churn run --population subscribers --as-of 2026-06-30",
    ) == house.refusal(NothingStaged)


def test_features_that_were_never_built_cannot_be_judged() -> None:
    """The command that builds them is named."""
    house = House()
    house.features = MemoryFeatures()

    assert (
        "no features of subscribers were built for 2026-06-30",
        "churn features --population subscribers --as-of 2026-06-30",
    ) == house.refusal(FeaturesMissing)


@pytest.mark.parametrize("is_list_empty", [True, False])
def test_a_night_of_nobody_cannot_be_judged(is_list_empty: bool) -> None:
    """Neither without features nor without scores."""
    house = House()
    if is_list_empty:
        house.scores = MemoryScores()
        house.scores.publish(stage(house.scores, []))
    else:
        house.features.add(NIGHT, customers(0), CONTRACT)

    assert (
        "the features or scores of subscribers at 2026-06-30 have no rows",
        "churn run --population subscribers --as-of 2026-06-30",
    ) == house.refusal(FeaturesMissing)


def test_features_of_another_contract_are_not_compared() -> None:
    """Both contracts, the night and the model are named."""
    house = House()
    built = FeatureContract(CONTRACT.table, CONTRACT.features[:2])
    house.features.contracts[NIGHT] = built

    assert (
        f"features of 2026-06-30 were built to contract {built.fingerprint}, churn-subscribers "
        f"version 1 was trained on {CONTRACT.fingerprint}",
        "churn run --population subscribers --as-of 2026-06-30",
    ) == house.refusal(ContractMismatch)


def test_a_reference_that_lacks_a_column_is_refused() -> None:
    """The column is named, and how many there should be."""
    house = House()
    house.models = MemoryRegistry()
    house.models.add(model({}, reference=reference().drop_columns(["plan"])))
    message, _ = house.refusal(ContractMismatch)

    assert "1 of 5 watched columns are not there: plan" == message


def test_a_model_that_is_gone_or_damaged_judges_nothing() -> None:
    """What the registry says stops the step."""
    house = House()
    house.models.damaged.add(("churn-subscribers", 1))
    assert "churn train" == house.refusal(ArtefactDamaged)[1]

    house.models = MemoryRegistry()
    assert "churn-subscribers has no version 1" == house.refusal(RegistryUnavailable)[0]


def test_an_engine_that_does_not_answer_leaves_nothing_behind() -> None:
    """No verdict is kept that nobody gave."""
    house = House()

    class Silent(MemoryEngine):
        """An engine whose process ended."""

        def p_values(self, *_sides: object) -> dict[str, tuple[float, float]]:
            """Fail as the engine of another process does."""
            raise ServiceFailed("the drift engine ended with 137", next_step="free some memory")

    house.engine = Silent()

    assert "free some memory" == house.refusal(ServiceFailed)[1]


def test_the_log_holds_the_verdict_and_nobody() -> None:
    """Rows are counted, and customers not named."""
    house = House()
    house.double_fees()
    with structlog.testing.capture_logs() as logs:
        house.judge()

    assert {
        "event": "drift_judged",
        "as_of": "2026-06-30",
        "rows": ROWS,
        "verdict": "drifted",
        "is_training_requested": True,
    }.items() <= logs[0].items()
    assert IDS not in str(logs)
