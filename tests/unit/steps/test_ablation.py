"""What is lost without a family of features."""

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest

from pipelines.domain.features.contract import FeatureContract
from tests.unit.steps.training_house import TEST, TrainingHouse


@pytest.fixture
def house(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> TrainingHouse:
    """A house whose plan says nothing about who leaves, unlike the fee and all else."""
    told = {"fee_eur": "price", "plan": "luck"}
    features = tuple(
        replace(feature, family=told.get(feature.name, "reasons"))
        for feature in made_up_contract.features
    )

    return TrainingHouse(made_up_customers, replace(made_up_contract, features=features))


def test_each_family_is_left_out_once(house: TrainingHouse) -> None:
    """On the folds of the search, with the chosen parameters, and never with rows of the test."""
    house.train()
    assert () == house.package.worth
    fitted = len(house.journal.of("fit"))
    report = house.train(is_ablated=True)

    assert report.worth == house.package.worth
    found = {each.family: each for each in report.worth}
    names = {feature.family for feature in house.contract.features}
    assert names == {*found}
    assert len(house.contract.features) == sum(each.features for each in report.worth)
    ablated = house.journal.of("fit")[2 * fitted :]
    assert 2 * (1 + len(names)) == len(ablated)
    most = max(len(call.kwargs["matrix"]) for call in ablated)
    assert most < house.package.counts["learn"]["rows"]
    assert [len(call.kwargs["contract"].features) for call in ablated[2:4]] == [
        call.kwargs["matrix"].shape[1] for call in ablated[2:4]
    ]


def test_what_tells_is_missed_and_what_does_not_is_not(house: TrainingHouse) -> None:
    """By more than chance, and by no more."""
    found = {each.family: each for each in house.train(is_ablated=True).worth}

    assert ["earn their place"] * 2 == [found[name].verdict for name in ("price", "reasons")]
    assert found["price"].auc.value > 0.02
    assert abs(found["luck"].auc.value) < 0.01


def test_what_a_family_costs_is_what_the_others_do_not(house: TrainingHouse) -> None:
    """On the last day that was learned from or tested on; what all need together is shared."""
    house.builder.seconds = {"fee_eur": 3.0, "plan": 0.01}
    found = {each.family: each for each in house.train(is_ablated=True).worth}

    assert TEST == house.journal.of("build_seconds")[0].kwargs["as_of"]
    assert ["75 % of 4 s", *["none of 4 s: shared"] * 2] == [
        found[name].cost_told for name in ("price", "luck", "reasons")
    ]


def test_of_one_family_nothing_can_be_left_out(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """There would be no feature."""
    one = tuple(replace(feature, family="all") for feature in made_up_contract.features)
    house = TrainingHouse(made_up_customers, replace(made_up_contract, features=one))

    assert () == house.train(is_ablated=True).worth
