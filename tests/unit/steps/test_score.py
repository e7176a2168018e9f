"""Who is scored by which model, and when nobody is."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import Size
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import (
    ArtefactDamaged,
    ChampionMissing,
    ChurnError,
    ContractMismatch,
    FeaturesMissing,
    RunLocked,
    ServiceFailed,
)
from pipelines.steps.night import score as step
from pipelines.steps.night.score import score
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.models import MemoryModel, MemoryRegistry
from pipelines.testing.scores import MemoryScores, MemoryScoringEngine
from tests.unit.steps.journal import Journal
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

FEE, TICKETS, PLAN, AUTOPAY = CONTRACT.features
TIERS = configured(
    tiers={"actions": {tier: f"do {tier}" for tier in ("low", "medium", "high", "critical")}}
).tiers

COSTS = configured().business.costs


class House:
    """Features of the night, a champion, and nothing scored."""

    def __init__(self) -> None:
        self.features, self.models, self.scores = MemoryFeatures(), MemoryRegistry(), MemoryScores()
        self.features.add(NIGHT, customers(), CONTRACT)
        self.models.set_alias(self.models.add(model({"fee_eur": 0.3})), "champion")
        self.journal, self.outbox = Journal(), MemoryOutbox()
        self.engine: MemoryScoringEngine | None = None

    def score(
        self, *, is_for_everyone: bool = False, as_of: date = NIGHT, workers: int = 2, **tiers: Any
    ) -> ScoreRun:
        """Score the night."""
        return score(
            population=POPULATION,
            as_of=as_of,
            is_for_everyone=is_for_everyone,
            features=self.journal.watch(self.features),
            models=self.journal.watch(self.models),
            scores=self.journal.watch(self.scores),
            tiers=replace(TIERS, **tiers),
            locks=self.journal.locks,
            outbox=self.outbox,
            costs=COSTS,
            workers=workers,
            engine=self.engine,
        )

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and severity of what people are told of the night and is not over."""
        found = self.outbox.unresolved(POPULATION, NIGHT, NIGHT)

        return [(recorded.alert.kind, recorded.alert.severity) for recorded in found]

    def refusal(self, kind: type[ChurnError]) -> tuple[str, str]:
        """Return message and next step of the refusal to score, after which no list waits."""
        with pytest.raises(kind) as refused:
            self.score()
        assert set() == {run.status for run in self.scores.known.values()} - {"staging"}
        assert set() == self.journal.locks.held

        return refused.value.message, refused.value.next_step


def test_everyone_is_scored_by_the_champion_where_nobody_looks() -> None:
    """The run knows model and contract, holds every customer, and is not published."""
    house = House()
    challenger = house.models.add(model({"tickets_28d": 1.0}))
    house.models.set_alias(challenger, "challenger")
    run = house.score()

    assert (200, 1, "churn-subscribers", CONTRACT.fingerprint, "staged") == (
        run.rows,
        run.model_version,
        run.model_name,
        run.contract_fingerprint,
        run.status,
    )
    table = customers().sort_by("customer_id")
    listed = house.scores.lists[run.run_id]
    assert table["customer_id"].to_pylist() == listed["customer_id"].to_pylist()
    expected = model({"fee_eur": 0.3}).probabilities(table)
    np.testing.assert_array_equal(expected, listed["churn_probability"].to_numpy())
    assert {"do low", "do critical"} < {*listed["recommended_action"].to_pylist()}
    assert house.scores.published(POPULATION, NIGHT) is None


def test_the_alias_is_resolved_once_and_nobody_else_writes() -> None:
    """Whatever champion means later, one version scores, and the lock is held until the end."""
    house = House()
    house.score()

    assert ["champion", "version", "load"] == house.journal.order(
        "champion", "version", "numbered", "load"
    )
    assert {frozenset({"writer of subscribers"})} == {call.held for call in house.journal.calls}
    assert set() == house.journal.locks.held


def test_an_engine_scores_the_same_list() -> None:
    """In an order of its own, by the champion, with the reasons that are asked for."""
    house = House()
    here = house.score(is_for_everyone=True)
    house.engine = MemoryScoringEngine()
    there = house.score(is_for_everyone=True)
    lists = [house.scores.lists[run.run_id] for run in (here, there)]

    assert lists[0] != lists[1]
    assert lists[0].sort_by("customer_id") == lists[1].sort_by("customer_id")
    (recipe,) = house.engine.asked
    assert (1, True) == (recipe.version.version, recipe.is_for_everyone)


def test_an_engine_that_fails_stages_nothing() -> None:
    """What it says passes through."""
    house = House()
    house.engine = MemoryScoringEngine(ServiceFailed("no worker", next_step="start one"))

    assert ("no worker", "start one") == house.refusal(ServiceFailed)


class Recorded(MemoryRegistry):
    """A registry whose champion is on record elsewhere, as version 1."""

    def champion(self, population: str) -> ModelVersion | None:
        """Return that, whatever the alias says."""
        return self.numbered(population, 1)


@pytest.mark.parametrize("is_moved", [True, False])
def test_an_alias_that_says_otherwise_is_told_and_not_followed(is_moved: bool) -> None:
    """Moved or gone, the champion on record scores; set right, the alert is over."""
    house = House()
    house.models = Recorded(house.models.models, house.models.aliases)
    first, other = house.models.numbered(POPULATION, 1), house.models.add(model({"fee_eur": 9.0}))
    if is_moved:
        house.models.set_alias(other, "champion")
    else:
        house.models.drop_alias(first, "champion")

    for _ in range(2):
        assert 1 == house.score().model_version
    assert [("champion_differs", "critical")] == house.told
    house.models.set_alias(first, "champion")
    assert 1 == house.score().model_version
    assert [] == house.told


def test_again_is_the_same_list_in_place_of_the_one_before() -> None:
    """Scoring twice leaves one run to be published."""
    house = House()
    first, second = house.score(), house.score()

    assert first.scores_hash == second.scores_hash
    assert {1: "rejected", 2: "staged"} == {
        run.run_id: run.status for run in house.scores.known.values()
    }


def knowing(weights: dict[str, float]) -> MemoryModel:
    """Return a model that knows what is usual."""
    made = model(weights)

    return replace(made, spec=replace(made.spec, usual={"fee_eur": 25.0}))


class Promoted(House):
    """A house whose list of the night before was scored by another version."""

    def __init__(self, previous: MemoryModel) -> None:
        super().__init__()
        self.models = MemoryRegistry()
        first, second = self.models.add(previous), self.models.add(knowing({"fee_eur": 0.3}))
        self.models.set_alias(second, "champion")
        self.scores.publish(stage(self.scores, [0.5], version=first.version, as_of=before(2)))

    def stored(self) -> list[dict[str, Any]]:
        """Return the numbers stored of everyone."""
        listed = self.scores.lists[self.score(is_for_everyone=True).run_id]

        return [json.loads(text) for text in listed["reasons"].to_pylist()]


def test_reasons_are_for_those_something_is_done_about_unless_everyone_is_told() -> None:
    """Words and numbers; a model that knows no usual values has words only."""
    house = House()
    house.models.set_alias(house.models.add(knowing({"fee_eur": 0.3})), "champion")
    some, every = (
        house.scores.lists[house.score(is_for_everyone=told).run_id] for told in (False, True)
    )

    assert [tier != "low" for tier in some["risk_tier"].to_pylist()] == [
        text is not None for text in some["reasons"].to_pylist()
    ]
    assert (True, 0) == (some["reasons"].null_count > 0, every["reasons"].null_count)
    assert "before" not in json.loads(every["reasons"][0].as_py())


def test_after_a_promotion_the_model_of_the_list_before_says_what_it_would_have_said() -> None:
    """The champion alone scores; what the other says is stored beside it."""
    house = Promoted(knowing({"fee_eur": 0.1}))
    stored = house.stored()

    assert {1} == {told["before"]["version"] for told in stored}
    expected = model({"fee_eur": 0.1}).probabilities(customers().sort_by("customer_id"))
    np.testing.assert_allclose(
        np.log(expected / (1 - expected)),
        [told["before"]["log_odds"] for told in stored],
        atol=1e-5,
    )
    assert ["numbered"] == house.journal.order("numbered")


def test_a_model_before_that_reads_what_tonights_does_not_is_given_it() -> None:
    """As long as it is built as it was."""
    age = Feature("age", "numeric", "Age")
    contract = FeatureContract(CONTRACT.table, (*CONTRACT.features, age))
    house = Promoted(model({"age": 0.1}, contract=contract))
    house.features.add(NIGHT, customers(age=range(200)), contract)

    assert [0.1 * number for number in range(200)] == pytest.approx(
        [told["before"]["themes"]["age"] for told in house.stored()]
    )


@pytest.mark.parametrize("fault", ["damaged", "gone", "features"])
def test_a_model_before_that_cannot_score_holds_nobody_up(fault: str) -> None:
    """What moved a score is then not known, and the night goes on."""
    other = FeatureContract(CONTRACT.table, (Feature("age", "numeric", "Age"),))
    house = Promoted(model({"age": 0.1}, contract=other) if fault == "features" else knowing({}))
    if fault == "damaged":
        house.models.damaged.add(("churn-subscribers", 1))
    if fault == "gone":
        house.scores.publish(stage(house.scores, [0.5], version=9, as_of=before(1)))
    with structlog.testing.capture_logs() as logs:
        stored = house.stored()

    assert 200 == len(stored)
    assert not any("before" in told for told in stored)
    assert [True] == [
        log["log_level"] == "warning" for log in logs if "model_before" in log["event"]
    ]


def test_without_a_champion_nobody_is_scored() -> None:
    """The next step is to train one."""
    house = House()
    house.models.drop_alias(house.models.numbered(POPULATION, 1), "champion")

    assert (
        "no version of churn-subscribers is champion",
        "churn train --population subscribers --as-of 2026-06-30",
    ) == house.refusal(ChampionMissing)


def test_a_challenger_that_waits_is_the_next_step() -> None:
    """It does not stand in; where a person approves the first, another training would not help."""
    house = House()
    first = house.models.numbered(POPULATION, 1)
    house.models.drop_alias(first, "champion")
    house.models.set_alias(first, "challenger")

    assert (
        "no version of churn-subscribers is champion, and version 1 waits to be",
        "churn promote --population subscribers --as-of 2026-06-30",
    ) == house.refusal(ChampionMissing)


def test_features_of_another_night_do_not_do() -> None:
    """Scoring never picks the latest."""
    house = House()
    house.features = MemoryFeatures()
    house.features.add(before(1), customers(), CONTRACT)

    assert (
        "no features of subscribers were built for 2026-06-30",
        "churn features --population subscribers --as-of 2026-06-30",
    ) == house.refusal(FeaturesMissing)


def test_a_damaged_model_scores_nobody() -> None:
    """What the registry finds out stops the step."""
    house = House()
    house.models.damaged.add(("churn-subscribers", 1))
    message, _ = house.refusal(ArtefactDamaged)

    assert "churn-subscribers version 1 is not what was registered" == message


@pytest.mark.parametrize(
    ("features", "difference"),
    [
        ((FEE, TICKETS, PLAN), "gone ['is_autopay'], changed []"),
        (
            (FEE, replace(TICKETS, nullable=True), replace(PLAN, levels=("basic",)), AUTOPAY),
            "gone [], changed ['plan', 'tickets_28d']",
        ),
    ],
)
def test_features_built_to_another_contract_are_not_scored(
    features: tuple[Feature, ...], difference: str
) -> None:
    """What is gone or changed is named, with both fingerprints."""
    house = House()
    built = FeatureContract(CONTRACT.table, features)
    house.features.contracts[NIGHT] = built

    assert (
        f"churn-subscribers version 1 was trained on contract {CONTRACT.fingerprint}, the "
        f"features were built to {built.fingerprint}: {difference}",
        "churn train, or undo the change of the feature model",
    ) == house.refusal(ContractMismatch)
    assert [] == house.journal.order("batches", "stage")


def test_features_the_model_does_not_know_are_left_aside() -> None:
    """Others beside its own, or another order, change no score; the run names what it read."""
    house = House()
    expected = house.score().scores_hash
    added = (AUTOPAY, Feature("age", "numeric", "Age"), PLAN, TICKETS, FEE)
    house.features.contracts[NIGHT] = FeatureContract(CONTRACT.table, added)
    run = house.score()

    assert (expected, CONTRACT.fingerprint) == (run.scores_hash, run.contract_fingerprint)


def test_a_column_that_does_not_hold_what_was_promised_stages_nothing() -> None:
    """A fault found while scores stream leaves no half list."""
    house = House()
    fees = pa.array([None, *range(199)], pa.float64())
    house.features.add(NIGHT, customers(fee_eur=fees), CONTRACT)
    message, _ = house.refusal(ContractMismatch)

    assert "fee_eur is NULL in 1 of 200 rows and must not be" in message


def test_one_writer_at_a_time() -> None:
    """While another writer is at work not even the champion is looked up."""
    house = House()
    house.journal.locks = MemoryLocks({"writer of subscribers"})
    with pytest.raises(RunLocked, match="writer of subscribers"):
        house.score()

    assert [] == house.journal.calls
    assert {} == house.scores.known


def test_the_log_counts_and_names_nobody() -> None:
    """The run and its size are logged."""
    with structlog.testing.capture_logs() as logs:
        House().score()

    assert {"event": "scored", "as_of": "2026-06-30", "run_id": 1, "rows": 200}.items() <= (
        logs[0].items()
    )
    assert ID_PREFIX not in str(logs)


def test_a_long_night_is_told_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many of how many are written, how fast, and how long the others take."""
    monkeypatch.setattr(step, "TELL_EVERY_SECONDS", 0)
    with structlog.testing.capture_logs() as logs:
        House().score()

    told, *_ = [entry for entry in logs if entry["event"] == "scoring"]
    assert (200, 200, 0) == (told["rows"], told["of"], told["seconds_left"])
    assert told["rows_per_second"] > 0
    assert ID_PREFIX not in str(logs)


@pytest.mark.parametrize("sized", [False, True])
def test_the_list_is_the_same_however_many_score(*, sized: bool) -> None:
    """Also where a first pass finds where tiers begin; nobody asks for an order."""
    tiers = {"thresholds": {"medium": 0.3, "high": 0.5}, "sizes": {"critical": Size(customers=7)}}
    runs = [House().score(workers=workers, **(tiers if sized else {})) for workers in (1, 2, 4)]

    assert 1 == len({run.scores_hash for run in runs})


def tiers_of(house: House, run: ScoreRun) -> dict[str, str]:
    """Return the tier of each customer of a run."""
    listed = house.scores.lists[run.run_id]

    return {row["customer_id"]: row["risk_tier"] for row in listed.to_pylist()}


def test_a_run_knows_where_its_tiers_begin_and_what_contacting_costs() -> None:
    """The thresholds, where they alone decide; the features are read once and nobody is asked."""
    house = House()
    run = house.score()

    assert TierBounds.of(TIERS).to_dict() == run.tier_bounds
    assert {run.run_id: COSTS.to_dict()} == house.scores.costs
    assert ["batches_at_risk"] == house.journal.order("batches_at_risk", "tiers_of")


def test_a_tier_has_as_many_as_can_be_contacted() -> None:
    """The 7 riskiest, then 10 % of 200; the list says where that was, and again it is the same."""
    house = House()
    sized = {
        "thresholds": {"medium": 0.3},
        "sizes": {"high": Size(percent=10.0), "critical": Size(customers=7)},
    }
    run, again = house.score(**sized), house.score(**sized)
    tiers = [*tiers_of(house, run).values()]

    assert (20, 7) == (tiers.count("high"), tiers.count("critical"))
    assert run.scores_hash == again.scores_hash
    assert run.tier_bounds == again.tier_bounds != TierBounds.of(TIERS).to_dict()
    listed = house.scores.lists[run.run_id]
    bounds = TierBounds.from_dict(run.tier_bounds or {})
    codes = bounds.cut(
        listed["churn_probability"].to_numpy(), listed["customer_id"].combine_chunks()
    )
    assert tiers == [bounds.names[code] for code in codes]


class Shaken(House):
    """A house with a list of the night before by a model that says a little else."""

    def __init__(self) -> None:
        super().__init__()
        self.features.add(before(1), customers(), CONTRACT)
        self.first = self.score(as_of=before(1))
        self.scores.publish(self.first)
        shaken = np.random.default_rng(1).normal(0, 0.5, 200)
        fees = pa.array(customers()["fee_eur"].to_numpy() + shaken)
        self.features.add(NIGHT, customers(fee_eur=fees), CONTRACT)

    def changed(self, run: ScoreRun) -> int:
        """Return how many have another tier than the night before."""
        now, then = tiers_of(self, run), tiers_of(self, self.first)

        return sum(now[customer] != tier for customer, tier in then.items())


def test_a_customer_stays_in_the_tier_of_the_list_before_while_near_its_threshold() -> None:
    """Noise then moves nobody, and moves some otherwise; the run names the list it looked at."""
    house = Shaken()
    loose, held = house.score(), house.score(hold_log_odds=0.5)

    assert (True, 0) == (house.changed(loose) > 5, house.changed(held))
    assert held.tier_bounds is not None
    assert (1, before(1).isoformat()) == (
        held.tier_bounds["before_run_id"],
        held.tier_bounds["before_date"],
    )


def test_held_lists_are_compared_with_an_earlier_date_alone() -> None:
    """A night scored again and published gives the same, whatever its own list said before."""
    house = Shaken()
    other = house.score()
    house.scores.publish(other)
    first, second = (house.score(hold_log_odds=0.5) for _ in range(2))
    house.scores.publish(second)

    assert other.scores_hash != first.scores_hash == second.scores_hash
    assert first.scores_hash == house.score(hold_log_odds=0.5).scores_hash
    assert {house.first.run_id} == {call.args[0].run_id for call in house.journal.of("tiers_of")}


def test_a_sized_tier_keeps_its_size_while_customers_are_held() -> None:
    """And fewer change than without."""
    house = Shaken()
    sized = {"thresholds": {"medium": 0.3, "high": 0.6}, "sizes": {"critical": Size(customers=40)}}
    house.first = house.score(as_of=before(1), **sized)
    house.scores.publish(house.first)
    loose, held = house.score(**sized), house.score(hold_log_odds=0.5, **sized)

    assert house.changed(held) < house.changed(loose)
    assert [40, 40] == [[*tiers_of(house, run).values()].count("critical") for run in (loose, held)]


def test_the_first_list_holds_nobody() -> None:
    """There is none before it."""
    house = House()

    assert house.score().scores_hash == house.score(hold_log_odds=0.5).scores_hash
    assert [] == house.journal.of("tiers_of")
