"""From labelled customers to a champion, a challenger and a decision, in a real registry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import psycopg
import pyarrow as pa
import pytest

from pipelines import settings as configuration
from pipelines.adapters.models.registry import Registry
from pipelines.adapters.models.trainer import Trainer
from pipelines.adapters.tables.promotions import WarehousePromotions
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.report import TrainReport
from pipelines.errors import ApprovalNeeded, ContractMismatch, LeakSuspected, NotEnoughLabels
from pipelines.settings import Settings
from pipelines.steps.model.promote import PromotionReport, promote
from pipelines.steps.model.train import train
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.scores import MemoryScores

DAYS = [date(2026, 1, 1) + timedelta(days=30 * step) for step in range(5)]
AS_OF = DAYS[-1] + timedelta(days=30)


@dataclass(frozen=True)
class Replay:
    """A builder whose replay of a snapshot finds some features changed."""

    changed: Sequence[str]
    declared: FeatureContract

    def contract(self, _: str) -> FeatureContract:
        """Return what the project declares."""
        return self.declared

    def replay_differences(self, **_: object) -> list[str]:
        """Return them."""
        return [*self.changed]


@dataclass(frozen=True)
class Bench:
    """Training and promotion of one population, against real parts."""

    population: str
    features: MemoryFeatures
    settings: Settings
    registry: Registry
    promotions: WarehousePromotions

    def train(self, changed: Sequence[str] = ()) -> TrainReport:
        """Train at AS_OF."""
        return train(
            population=self.population,
            as_of=AS_OF,
            settings=self.settings,
            features=self.features,
            builder=Replay(changed, self.features.contracts[DAYS[-1]]),
            trainer=Trainer(),
            registry=self.registry,
            promotions=self.promotions,
        )

    def promote(self, approved_by: str | None = None) -> PromotionReport:
        """Promote at AS_OF."""
        return promote(
            population=self.population,
            as_of=AS_OF,
            settings=self.settings,
            features=self.features,
            registry=self.registry,
            promotions=self.promotions,
            scores=MemoryScores(),
            approved_by=approved_by,
        )


@pytest.fixture(scope="module")
def registry(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry of this module's own."""
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute("create database train_test")
    home = tmp_path_factory.mktemp("train")

    return Registry(f"{server_url}/train_test", home / "artifacts", home / "models")


@pytest.fixture
def bench(
    request: pytest.FixtureRequest,
    warehouse: Warehouse,
    registry: Registry,
    made_up_customers: Callable[..., pa.Table],
    made_up_contract: FeatureContract,
) -> Bench:
    """A population of this test's own, five matured snapshots of 1,500 customers."""
    name = request.node.name.removeprefix("test_")[:60]
    loaded = configuration.load({})
    rules = loaded.population("subscribers").model_copy(update={"bands": ()})
    training = loaded.training.model_copy(
        update={"families": ("logistic",), "bootstrap_resamples": 50, "search_trials": 1}
    )
    features = MemoryFeatures(population=name)
    for day in DAYS:
        features.add(day, made_up_customers([day], rows=1500), made_up_contract)
    settings = loaded.model_copy(update={"populations": {name: rules}, "training": training})

    return Bench(name, features, settings, registry, WarehousePromotions(warehouse))


def _with_training(bench: Bench, **changes: object) -> Bench:
    training = bench.settings.training.model_copy(update=changes)
    return replace(bench, settings=bench.settings.model_copy(update={"training": training}))


def _with_rules(bench: Bench, **changes: object) -> Bench:
    rules = bench.settings.population(bench.population).model_copy(update=changes)
    return replace(
        bench, settings=bench.settings.model_copy(update={"populations": {bench.population: rules}})
    )


def _guessing(bench: Bench) -> Bench:
    """Return a bench whose labels have nothing to do with the features."""
    random = np.random.default_rng(1)
    tables = {}
    for day, table in bench.features.tables.items():
        position = table.schema.get_field_index("is_churned")
        labels = random.permutation(table["is_churned"].to_numpy(zero_copy_only=False))
        tables[day] = table.set_column(position, "is_churned", pa.array(labels))

    return replace(bench, features=replace(bench.features, tables=tables))


def test_the_first_model_becomes_champion(bench: Bench) -> None:
    """Split in time, calibrated, judged with intervals, registered, aliased, recorded."""
    bench = _with_training(bench, families=FAMILIES, search_trials=3)
    report = bench.train()

    assert ("champion", 1) == (report.alias, report.version.version)
    assert (tuple(DAYS[:4]), (DAYS[4],)) == (report.split.learn, report.split.test)
    assert set(FAMILIES) == set(report.candidates)
    assert 0.75 < report.evaluation["auc"].lower < report.evaluation["auc"].value < 0.95
    assert {} == report.cross_validation
    assert report.version == bench.registry.champion(bench.population)
    (recorded,) = bench.promotions.history(bench.population)
    assert (None, 1, True) == (
        recorded.champion_version,
        recorded.challenger_version,
        recorded.is_promoted,
    )

    loaded = bench.registry.load(report.version)
    reference = loaded.reference()
    assert 3000 == reference.num_rows
    churned = pa.concat_tables([bench.features.tables[day] for day in DAYS[1:]])["is_churned"]
    assert np.mean(reference["churn_probability"].to_numpy()) == pytest.approx(
        np.mean(churned.to_numpy(zero_copy_only=False)), abs=0.02
    )
    run = bench.registry.client.get_run(report.version.run_id)
    assert report.evaluation["auc"].lower == run.data.metrics["auc_lower"]
    assert report.family == run.data.params["family"]
    assert loaded.training["data_fingerprint"] == run.data.tags["data_fingerprint"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_data_give_the_same_model(bench: Bench, family: str) -> None:
    """Byte for byte, so also the same scores; the second is a challenger."""
    bench = _with_training(bench, families=(family,))
    first, second = bench.train(), bench.train()

    assert ("champion", "challenger") == (first.alias, second.alias)
    assert first.version.tags["manifest_sha256"] == second.version.tags["manifest_sha256"]


def test_an_equal_challenger_is_not_promoted_and_asked_once(bench: Bench) -> None:
    """The decision is recorded, the champion stays, the challenge is over."""
    champion = bench.train().version
    bench.train()

    report = bench.promote()
    assert report.promotion is not None
    assert not report.promotion.is_promoted
    assert "not above 0" in report.promotion.reason
    assert champion == bench.registry.champion(bench.population)
    assert report.promotion == bench.promotions.history(bench.population)[-1]

    assert f"{bench.population}: no challenger" == str(bench.promote())
    assert 2 == len(bench.promotions.history(bench.population))


def test_a_better_challenger_is_promoted(bench: Bench) -> None:
    """On the latest matured customers, which neither model learned from."""
    _guessing(bench).train()
    better = bench.train().version

    report = bench.promote()

    assert report.promotion is not None
    assert report.promotion.is_promoted
    assert DAYS[-1].isoformat() == report.promotion.evidence["snapshots"][0]
    assert report.promotion.evidence["auc_difference"]["lower"] > 0.1
    assert better == bench.registry.champion(bench.population)
    assert bench.registry.version(bench.population, "challenger") is None


def test_a_worse_challenger_is_not_promoted(bench: Bench) -> None:
    """Whatever it thought of itself."""
    champion = bench.train().version
    _guessing(bench).train()

    report = bench.promote()

    assert report.promotion is not None
    assert not report.promotion.is_promoted
    assert champion == bench.registry.champion(bench.population)


def test_one_snapshot_is_divided_by_customer(bench: Bench) -> None:
    """With the mean AUC of five folds, twice; a challenger is judged on all, by its folds."""
    bench = _with_rules(bench, split="customer", snapshots=1, horizon_days=0)
    report = bench.train()
    bench.train()

    assert {"cv_auc_mean", "cv_auc_sd"} == set(report.cross_validation)
    assert 0.75 < report.cross_validation["cv_auc_mean"] < 0.95
    assert 1500 == sum(count["rows"] for count in report.counts.values())
    run = bench.registry.client.get_run(report.version.run_id)
    assert report.cross_validation["cv_auc_mean"] == run.data.metrics["cv_auc_mean"]
    decided = bench.promote().promotion
    assert decided is not None
    assert 1500 <= decided.evidence["rows"]


def test_a_champion_that_cannot_read_the_features_gives_way_to_a_person(bench: Bench) -> None:
    """It could not score tonight either; who took the other one is recorded."""
    bench.train()
    fewer = {
        day: FeatureContract(contract.table, contract.features[:-1])
        for day, contract in bench.features.contracts.items()
    }
    changed = replace(bench, features=replace(bench.features, contracts=fewer))
    challenger = changed.train().version

    with pytest.raises(ApprovalNeeded, match="reads features that are no longer built"):
        changed.promote()
    report = changed.promote(approved_by="Ada King")

    assert report.promotion is not None
    assert report.promotion.reason.startswith("approved by Ada King: ")
    assert challenger == bench.registry.champion(bench.population)


def test_a_feature_that_changes_with_its_future_is_refused(bench: Bench) -> None:
    """By name, and nothing is registered."""
    with pytest.raises(LeakSuspected, match=r"1 features of 2026-04-01 change.*: idle_days"):
        bench.train(changed=["idle_days"])

    assert bench.registry.champion(bench.population) is None


@pytest.mark.parametrize("is_missingness", [False, True], ids=["value", "missingness"])
def test_a_feature_that_knows_the_answer_is_refused(bench: Bench, is_missingness: bool) -> None:
    """By name, with its size, whether its value tells or its being NULL."""
    tables = {}
    for day, table in bench.features.tables.items():
        churned = table["is_churned"].to_numpy(zero_copy_only=False)
        known = pa.array(churned * 1.0, mask=~churned if is_missingness else None)
        tables[day] = table.append_column("cancelled_calls", known)
    contracts = {
        day: FeatureContract(
            contract.table,
            (*contract.features, Feature("cancelled_calls", "numeric", "Calls", nullable=True)),
        )
        for day, contract in bench.features.contracts.items()
    }
    leaking = replace(bench, features=replace(bench.features, tables=tables, contracts=contracts))

    with pytest.raises(LeakSuspected, match=r"1 features may know .*cancelled_calls"):
        leaking.train()


def test_too_few_labels_are_refused_with_their_counts(bench: Bench) -> None:
    """Too few snapshots, then too few churners; the next command is named."""
    first = {DAYS[0]: bench.features.tables[DAYS[0]]}
    young = replace(bench, features=replace(bench.features, tables=first))
    with pytest.raises(NotEnoughLabels, match="1 snapshots have matured labels"):
        young.train()

    with pytest.raises(NotEnoughLabels, match=r"test \d+ of 4500") as refused:
        _with_training(bench, minimum_churners=1000).train()
    assert f"churn backfill --population {bench.population}" in refused.value.next_step


def test_snapshots_of_different_contracts_are_not_mixed(bench: Bench) -> None:
    """The odd ones are named."""
    odd = {
        **bench.features.contracts,
        DAYS[1]: FeatureContract("fct_made_up", bench.features.contracts[DAYS[1]].features[1:]),
    }

    with pytest.raises(ContractMismatch, match=f"1 of 5 snapshots.*{DAYS[1]}"):
        replace(bench, features=replace(bench.features, contracts=odd)).train()


def test_where_a_person_approves_the_challenger_waits_in_the_ledger(bench: Bench) -> None:
    """And whoever approves is in churn.champions; the floor is of the AUC in the model's files."""
    rules = bench.settings.promotion.model_copy(update={"policy": "approval"})
    asking = replace(bench, settings=bench.settings.model_copy(update={"promotion": rules}))
    version = asking.train().version

    assert bench.registry.champion(bench.population) is None
    with pytest.raises(ApprovalNeeded, match="waits for a person: there was no champion"):
        asking.promote()
    floors = rules.floors.model_copy(update={"production": 0.51})
    rules = rules.model_copy(update={"floors": floors})
    asking = replace(bench, settings=bench.settings.model_copy(update={"promotion": rules}))
    assert asking.promote(approved_by="Ada King").promotion is not None

    assert version == bench.registry.champion(bench.population)
    ((approved_by, reason),) = bench.promotions.warehouse.rows(
        "select approved_by, reason from churn.champions where population = :population",
        {"population": bench.population},
    )
    assert ("Ada King", "approved by Ada King: there was no champion") == (approved_by, reason)
