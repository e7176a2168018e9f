"""What a training refuses to learn from."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import ConfigError, ContractMismatch, LeakSuspected, NotEnoughLabels
from tests.unit.steps.subscribers import NIGHT
from tests.unit.steps.training_house import CALIBRATE, FIT, OPEN, ROWS, TEST, TrainingHouse


@pytest.fixture
def house(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> TrainingHouse:
    """Snapshots a model can be trained on."""
    return TrainingHouse(made_up_customers, made_up_contract)


def test_features_that_know_the_future_are_refused(house: TrainingHouse) -> None:
    """One snapshot learned from, in its turn, is built again from what was known then."""
    house.builder.differences = {FIT[1]: ["idle_days", "tickets_28d"], FIT[0]: ["fee_eur"]}

    assert (
        "2 features of 2026-04-01 change when rows from after it are taken away: idle_days, "
        "tickets_28d",
        "restrict them to rows that happened and were loaded before as_of; if only their SQL "
        "changed since that day was built, churn backfill builds it again",
    ) == house.refusal(LeakSuspected)
    assert [{"model": "fct_customer_features", "as_of": FIT[1]}] == [
        call.kwargs for call in house.journal.of("replay_differences")
    ]


def test_what_is_protected_has_to_be_there(house: TrainingHouse) -> None:
    """A model that was never looked at by gender must not look as if it had been."""
    named = {"protected": ("gender",), "bands": ("age", "fee_eur")}

    assert (
        "protected or bands of [populations.subscribers] name 2 that are no features or "
        "attributes: age, gender",
        "churn contract --population subscribers lists them",
    ) == house.refusal(ConfigError, population=named)


def test_a_feature_that_tells_the_outcome_all_alone_is_refused(house: TrainingHouse) -> None:
    """It is named with its AUC; whether values or their lack tell makes no difference."""
    for as_of in (*FIT, CALIBRATE):
        is_churned = house.values(as_of, "is_churned")
        house.change(
            as_of,
            fee_eur=np.where(is_churned, 10.0, 20.0),
            idle_days=[None if churned else 3.0 for churned in is_churned],
        )
    message, next_step = house.refusal(LeakSuspected)

    assert (
        "2 features may know who left: "
        "fee_eur alone tells who left (AUC 1.00): known only afterwards?; "
        "idle_days alone tells who left (AUC 1.00): known only afterwards?"
    ) == message
    assert (
        "check what they are made of; if one was known on the day, say so under "
        '[populations.subscribers]: accepted_leaks = { fee_eur = "how it was" }'
    ) == next_step


def test_how_much_a_feature_may_tell_alone_is_a_setting(house: TrainingHouse) -> None:
    """What is real passes when the bound is raised to it, and not below."""
    for as_of in (*FIT, CALIBRATE):
        house.change(as_of, fee_eur=np.where(house.values(as_of, "is_churned"), 10.0, 20.0))
    house.refusal(LeakSuspected, maximum_single_feature_auc=0.999)

    assert "champion" == house.train(maximum_single_feature_auc=1.0).alias


def test_a_feature_a_person_answers_for_is_learned_from(house: TrainingHouse) -> None:
    """Under its name in churn.toml, with the reason; another one is suspect all the same."""
    for as_of in (*FIT, CALIBRATE):
        house.change(as_of, fee_eur=np.where(house.values(as_of, "is_churned"), 10.0, 20.0))
    house.refusal(LeakSuspected, accepted_leaks={"idle_days": "counted every night"})

    assert "champion" == house.train(accepted_leaks={"fee_eur": "set at sign-up"}).alias


@pytest.mark.parametrize("part", ["learn", "test"])
def test_a_part_with_too_few_who_stayed_is_refused(house: TrainingHouse, part: str) -> None:
    """In whichever part; the error counts all parts."""
    as_ofs = {"learn": (*FIT, CALIBRATE), "test": (TEST,)}[part]
    few, rows = 19, ROWS * len(as_ofs)
    for number, as_of in enumerate(as_ofs):
        is_rare = np.arange(ROWS) < (few if number == 0 else 0)
        house.change(as_of, is_churned=~is_rare)
    message, next_step = house.refusal(NotEnoughLabels)

    assert "each part needs 20 churners and as many who stayed; churners found: learn " in message
    assert f"{part} {rows - few} of {rows}" in message
    assert ("churn backfill --population subscribers --as-of 2026-06-30") == next_step


def test_too_few_churners_are_refused_wherever_they_are(house: TrainingHouse) -> None:
    """6 in each snapshot; tested on as many of them as leave one to learn from."""
    for as_of in (*FIT, CALIBRATE, TEST):
        house.change(as_of, is_churned=np.arange(ROWS) < 6)
    message, _ = house.refusal(NotEnoughLabels)

    assert "test 18 of 900" in message


def test_where_every_snapshot_is_built_no_backfill_is_advised(house: TrainingHouse) -> None:
    """Of a log of three weeks there is no earlier day to build."""
    for as_of in (*FIT, CALIBRATE, TEST):
        house.change(as_of, is_churned=np.arange(ROWS) < 6)
    _, next_step = house.refusal(NotEnoughLabels, population={"snapshots": 4})

    assert "longer history, or set minimum_churners under [training]" in next_step


def test_a_small_business_is_tested_on_more_than_one_snapshot(house: TrainingHouse) -> None:
    """12 of 300 leave: two snapshots have enough of them, and the two before are learned from."""
    for as_of in (CALIBRATE, TEST):
        house.change(as_of, is_churned=np.arange(ROWS) % 25 == 0)
    report = house.train()

    assert (CALIBRATE, TEST) == report.split.test
    assert {"rows": 600, "churners": 24} == report.counts["test"]


def test_just_enough_of_both_kinds_will_do(house: TrainingHouse) -> None:
    """20 churners of 300."""
    for as_of in (CALIBRATE, TEST):
        house.change(as_of, is_churned=np.arange(ROWS) < 20)

    assert 20 == house.train().counts["test"]["churners"]


@pytest.mark.parametrize(("split", "left"), [("time", [TEST]), ("customer", [])])
def test_too_few_snapshots_are_refused(house: TrainingHouse, split: str, left: list[date]) -> None:
    """A split in time takes two, one by customer takes one; an open one is none."""
    house.features.known = dict.fromkeys((*left, OPEN), NIGHT)
    message, next_step = house.refusal(NotEnoughLabels, split=split)

    assert "matured labels" in message
    assert next_step.startswith("churn backfill --from DATE --to DATE --as-of DATE")


def test_snapshots_built_to_different_contracts_are_refused(house: TrainingHouse) -> None:
    """Before anything is read or built again."""
    other = FeatureContract(house.contract.table, house.contract.features[:3])
    house.features.contracts[FIT[0]] = other
    message, next_step = house.refusal(ContractMismatch)

    assert (
        "1 of 4 snapshots were built to another contract than "
        f"{house.contract.fingerprint}: 2026-03-02"
    ) == message
    assert next_step.startswith(
        "churn backfill --population subscribers --from 2026-03-02 --to 2026-03-02"
    )
    assert [] == house.journal.order("labelled", "replay_differences")
