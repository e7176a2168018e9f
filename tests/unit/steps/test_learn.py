"""What becomes of the chosen candidate."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import structlog.testing

from pipelines.adapters.models import card
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import CUSTOMER_FOLDS, by_customer
from tests.unit.steps.subscribers import POPULATION
from tests.unit.steps.training_house import CALIBRATE, FIT, ROWS, TEST, TrainingHouse


@pytest.fixture
def house(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> TrainingHouse:
    """A house whose customers leave for reasons the features know."""
    return TrainingHouse(made_up_customers, made_up_contract)


@pytest.mark.parametrize(
    ("split", "horizon_days", "is_cross_fitted"),
    [("customer", 0, True), ("customer", 30, False), ("time", 0, False)],
)
def test_customers_are_scored_by_folds_where_they_were_learned_from(
    house: TrainingHouse, split: str, horizon_days: int, is_cross_fitted: bool
) -> None:
    """It is known on the day who has left, and customers are divided."""
    house.train(split=split, horizon_days=horizon_days)

    assert is_cross_fitted == house.package.spec.is_cross_fitted


def test_models_of_the_folds_are_kept_with_what_they_can_judge(house: TrainingHouse) -> None:
    """In time the snapshot each has not seen, by customer a share of them."""
    house.train()
    assert (CALIBRATE, FIT[1]) == house.package.spec.origins
    assert 2 == len(house.package.folds)

    house.train(split="customer")
    assert () == house.package.spec.origins
    assert CUSTOMER_FOLDS == len(house.package.folds)


def test_what_each_tier_promises_is_kept(house: TrainingHouse) -> None:
    """Of every row that is judged by what has not seen it."""
    house.train()
    tiers = house.package.tiers

    assert ["low", "medium", "high", "critical"] == [each.tier for each in tiers]
    assert 3 * ROWS == sum(each.rows for each in tiers)


def test_a_sized_tier_promises_what_its_share_of_each_list_would_do(house: TrainingHouse) -> None:
    """9 customers of each of three snapshots, and 10 % of all; from where on is the decision's."""
    house.train(tiers={"high": {"percent": 10.0}, "critical": {"customers": 9}})
    *_, high, critical = house.package.tiers
    decision = house.package.decision

    assert ("high", "critical") == (high.tier, critical.tier)
    assert 27 == pytest.approx(critical.rows, abs=3)
    assert 90 == pytest.approx(high.rows, abs=9)
    assert "high" == decision.tier
    assert (high.promised or 0) > decision.threshold > 0


def test_every_measure_is_told_in_words(house: TrainingHouse) -> None:
    """Of the test and out of fold, each with an interval and what it says to people."""
    house.train()
    package = house.package

    assert [*card.WORDS] == [*package.evaluation] == [*package.out_of_fold]
    assert ("high", 0.6, 5.0) == (
        package.decision.tier,
        package.decision.threshold,
        package.decision.capacity_pct,
    )
    profit = package.out_of_fold["expected_maximum_profit"]
    assert 0 < profit.lower < profit.value < profit.upper


def test_the_model_is_looked_at_in_groups(house: TrainingHouse) -> None:
    """Levels, the strongest numbers and those that are named; nobody counts twice for a label."""
    numeric = [each.name for each in house.contract.features if each.kind == "numeric"]
    house.train(population={"protected": ("plan",), "bands": (numeric[-1],)})
    slices = house.package.slices

    assert {True} == {each.is_protected for each in slices if each.feature == "plan"}
    assert numeric[-1] in {each.feature for each in slices}
    assert max(each.customers for each in slices) < 3 * ROWS
    in_bands = [each for each in slices if each.feature == numeric[-1]]
    assert 3 * ROWS >= sum(each.customers for each in in_bands) > 2 * ROWS


def test_gaps_are_in_the_log(house: TrainingHouse) -> None:
    """By the name of the group: where twice as many of a plan leave at the test, it is one."""
    plans = house.values(TEST, "plan")
    churned = house.values(TEST, "is_churned")
    house.change(TEST, is_churned=churned | (plans == "pro"))
    with structlog.testing.capture_logs() as logs:
        house.train()

    gaps = [each.name for each in house.package.slices if each.gaps]
    assert "plan = pro" in gaps
    assert gaps == logs[-1]["gaps"]


def test_what_was_tried_is_kept(house: TrainingHouse) -> None:
    """By family."""
    house.train()

    assert {*house.package.candidates} == {*house.package.trials}


def test_a_listed_customer_is_told_by_a_model_that_had_not_seen_them(house: TrainingHouse) -> None:
    """Turn round what became of one: the model has another opinion, what is told of them not."""
    table = house.features.labelled(POPULATION, [TEST], house.contract)
    is_learned = by_customer([TEST], seed=3).rows(table, "learn")
    one = table.slice(int(np.flatnonzero(is_learned)[3]), 1)
    before = _told(house, one)
    outcomes = house.values(TEST, "is_churned").tolist()
    ids = house.features.tables[TEST]["customer_id"].to_pylist()
    position = ids.index(one["customer_id"][0].as_py())
    outcomes[position] = not outcomes[position]
    house.change(TEST, is_churned=outcomes)
    after = _told(house, one)

    assert before["one of the folds"] == after["one of the folds"]
    assert before["the model"] != after["the model"]


def _told(house: TrainingHouse, rows: pa.Table) -> dict[str, list[float]]:
    """Train, and return the margins the list and the model alone give."""
    model = house.registry.load(house.train(split="customer", horizon_days=0).version)
    matrix = encode(rows, house.contract).matrix

    return {
        "one of the folds": model.predictors.margins(matrix, rows["customer_id"]).tolist(),
        "the model": model.predictor.margins(matrix).tolist(),
    }


def test_the_model_is_looked_at_by_what_it_does_not_see(house: TrainingHouse) -> None:
    """It learns the same without it, and nothing of it is kept but how good the model is."""
    house.train()
    expected, seen = house.package, house.features.contracts[TEST]
    gender = Feature("gender", "categorical", "Gender")
    attributed = replace(seen, attributes=(gender,))
    (name,) = house.builder.contracts
    house.builder.contracts = {name: attributed}
    for as_of, table in house.features.tables.items():
        told = pa.array(np.resize(["f", "m", "m"], table.num_rows))
        house.features.tables[as_of] = table.append_column("gender", told)
        house.features.contracts[as_of] = attributed
    house.train(population={"protected": ("gender",)})
    package = house.package
    found = {each.name: each.is_protected for each in package.slices if each.feature == "gender"}

    assert {"gender = f": True, "gender = m": True} == found
    assert expected.data_fingerprint == package.data_fingerprint
    np.testing.assert_array_equal(expected.probabilities, package.probabilities)
    assert expected.reference.equals(package.reference)
    assert expected.golden.equals(package.golden)
    assert "It does not see, and is looked at by: gender." in card.text(package)
    assert "It does not see" not in card.text(expected)
