"""Which snapshots a training takes, in which parts, and to which contract they were built."""

from datetime import date
from typing import Any

import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.errors import ContractMismatch, FeaturesMissing, NotEnoughLabels
from pipelines.sections import Population
from pipelines.steps.inputs.training_snapshots import divided, shared_contract
from pipelines.testing.features import MemoryFeatures
from tests.unit.steps.subscribers import CONTRACT, POPULATION, before, configured, customers

SEED = 7


def rules(**changes: Any) -> Population:
    """Return the rules of the population: 35 days of gap and horizon, a snapshot every 10."""
    usual = {
        "gap_days": 5,
        "horizon_days": 30,
        "split": "time",
        "snapshot_every_days": 10,
        "snapshots": 12,
    }

    return configured(subscribers={**usual, **changes}).population(POPULATION)


def days(*back: int) -> list[date]:
    """Return those days before the night."""
    return [before(number) for number in back]


def test_by_time_no_label_learned_from_was_open_when_the_test_began() -> None:
    """Test on the latest, calibrate 35 days before it, fit on what had closed 35 days earlier."""
    available = days(120, 110, 100, 90, 80, 70, 60, 50, 40)

    assert Split((before(120), before(110)), (before(75),), (before(40),), SEED) == divided(
        [*available, before(75)], rules(), SEED
    )


@pytest.mark.parametrize(("back", "is_taken"), [(74, False), (75, True)])
def test_gap_and_horizon_lie_between_what_is_learned_and_the_test(
    back: int, is_taken: bool
) -> None:
    """34 days before the test is too late to learn from, 35 days before is not."""
    available = days(back, 40)
    if is_taken:
        assert days(75, 40) == divided(available, rules(), SEED).snapshots
    else:
        with pytest.raises(NotEnoughLabels) as refused:
            divided(available, rules(), SEED)
        assert (
            "1 snapshots have matured labels a split in time can use; it takes 2 that are 35 days "
            "apart, better 4"
        ) == refused.value.message
        assert refused.value.next_step.startswith("churn backfill --from DATE --to DATE")


def test_snapshots_are_as_far_apart_and_as_many_as_churn_toml_says() -> None:
    """Counted back from the latest; one that is too near is left out."""
    available = days(130, 120, 119, 110, 105, 100, 40)

    assert days(110, 100, 40) == divided(available, rules(snapshots=3), SEED).snapshots
    assert days(120, 100, 40) == (divided(available, rules(snapshot_every_days=20), SEED).snapshots)


def test_by_customer_every_snapshot_serves_every_part() -> None:
    """Customers are divided instead, so no time has to lie between snapshots."""
    chosen = (before(50), before(40))
    by_customer = rules(split="customer")

    assert Split(chosen, chosen, chosen, SEED) == divided([*chosen], by_customer, SEED)
    with pytest.raises(NotEnoughLabels, match="no snapshot has matured labels"):
        divided([], by_customer, SEED)


def test_one_contract_is_shared_by_all_snapshots() -> None:
    """That of the latest; dates that take no part may have another."""
    store, other = MemoryFeatures(), FeatureContract(CONTRACT.table, CONTRACT.features[:2])
    store.add(before(120), customers(1), other)
    for as_of in days(100, 75, 40):
        store.add(as_of, customers(1), CONTRACT)
    split = Split((before(100),), (before(75),), (before(40),), SEED)

    assert CONTRACT == shared_contract(store, POPULATION, split)


def test_snapshots_of_another_contract_are_refused() -> None:
    """How many of how many, which, and the backfill that builds them again."""
    store, other = MemoryFeatures(), FeatureContract(CONTRACT.table, CONTRACT.features[:2])
    for as_of in days(100, 75):
        store.add(as_of, customers(1), other)
    for as_of in days(90, 40):
        store.add(as_of, customers(1), CONTRACT)
    split = Split((before(100), before(90)), (before(75),), (before(40),), SEED)
    with pytest.raises(ContractMismatch) as refused:
        shared_contract(store, POPULATION, split)

    assert (
        f"2 of 4 snapshots were built to another contract than {CONTRACT.fingerprint}: "
        "2026-03-22, 2026-04-16",
        "churn backfill --population subscribers --from 2026-03-22 --to 2026-04-16 --every DAYS "
        "--as-of DATE",
    ) == (refused.value.message, refused.value.next_step)


def test_a_snapshot_that_was_never_built_is_refused() -> None:
    """There is no contract to share."""
    split = Split((before(75),), (before(75),), (before(40),), SEED)
    with pytest.raises(FeaturesMissing, match="2026-05-21"):
        shared_contract(MemoryFeatures(), POPULATION, split)
