"""Which snapshots a training takes, in which parts, and to which contract they were built."""

from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.training.snapshots import (
    divide,
    replayed,
    require_declared,
    shared_contract,
    wanted,
    week_before,
)
from pipelines.errors import ContractMismatch, NotEnoughLabels
from tests.unit.steps.subscribers import CONTRACT, POPULATION, before

SEED = 7


def divided(available: list[date], **changes: Any) -> Split:
    """Divide as a population with 35 days of gap and horizon and a snapshot every 10 would."""
    usual = {"by": "time", "every_days": 10, "count": 12, "label_days": 35, "seed": SEED}
    churners = dict.fromkeys(available, 50)

    return divide(churners, **{**usual, "minimum_churners": 50, **changes})


def days(*back: int) -> list[date]:
    """Return those days before the night."""
    return [before(number) for number in back]


def test_by_time_no_label_learned_from_was_open_when_the_test_began() -> None:
    """Test on the latest, learn from what had closed when it began, 35 days before."""
    available = days(100, 90, 80, 75, 70, 60, 50, 40)

    assert Split((before(95), before(85), before(75)), (before(40),), SEED) == divided(
        [*available, before(85), before(95)]
    )


@pytest.mark.parametrize(("back", "is_taken"), [(74, False), (75, True)])
def test_gap_and_horizon_lie_between_what_is_learned_and_the_test(
    back: int, is_taken: bool
) -> None:
    """34 days before the test is too late to learn from, 35 days before is not."""
    available = days(back, 40)
    if is_taken:
        assert days(75, 40) == divided(available).snapshots
    else:
        with pytest.raises(NotEnoughLabels) as refused:
            divided(available)
        assert (
            "1 snapshots have matured labels a split in time can use; it takes 2 that are 35 days "
            "apart, better 4"
        ) == refused.value.message
        assert refused.value.next_step.startswith("churn backfill --from DATE --to DATE")


def test_snapshots_are_as_far_apart_and_as_many_as_churn_toml_says() -> None:
    """Counted back from the latest; one that is too near is left out."""
    available = days(130, 120, 119, 110, 105, 100, 40)

    assert days(110, 100, 40) == divided(available, count=3).snapshots
    assert days(120, 100, 40) == (divided(available, every_days=20).snapshots)


def test_by_customer_every_snapshot_serves_both_parts() -> None:
    """Customers are divided instead, so no time has to lie between snapshots."""
    chosen = (before(50), before(40))

    assert Split(chosen, chosen, SEED) == divided([*chosen], by="customer")
    with pytest.raises(NotEnoughLabels, match="no snapshot has matured labels"):
        divided([], by="customer")


OTHER = FeatureContract(CONTRACT.table, CONTRACT.features[:2])


def test_one_contract_is_shared_by_all_snapshots() -> None:
    """That of the latest."""
    assert CONTRACT == shared_contract(dict.fromkeys(days(100, 75, 40), CONTRACT), POPULATION)


def test_snapshots_of_another_contract_are_refused() -> None:
    """How many of how many, which, and the backfill that builds them again."""
    contracts = dict.fromkeys(days(100, 75), OTHER) | dict.fromkeys(days(90, 40), CONTRACT)
    with pytest.raises(ContractMismatch) as refused:
        shared_contract(contracts, POPULATION)

    assert (
        f"2 of 4 snapshots were built to another contract than {CONTRACT.fingerprint}: "
        "2026-03-22, 2026-04-16",
        "churn backfill --population subscribers --from 2026-03-22 --to 2026-04-16 --every DAYS "
        "--as-of DATE",
    ) == (refused.value.message, refused.value.next_step)


def refusal(built: FeatureContract, declared: FeatureContract) -> tuple[str, str]:
    """Return message and next step of refusing two snapshots."""
    with pytest.raises(ContractMismatch) as refused:
        require_declared(
            built, declared, days(75, 40), population=POPULATION, as_of=date(2026, 6, 30)
        )

    return refused.value.message, refused.value.next_step


def test_snapshots_from_before_a_feature_was_added_are_refused() -> None:
    """What they lack, and the command that builds them: no leak is suspected."""
    added = CONTRACT.names[2:]
    require_declared(CONTRACT, CONTRACT, [], population=POPULATION, as_of=date(2026, 6, 30))

    assert (
        "2 snapshots, 2026-04-16 to 2026-05-21, were built before the features changed: they lack "
        f"{', '.join(sorted(added))}",
        "churn backfill --population subscribers --as-of 2026-06-30",
    ) == refusal(OTHER, CONTRACT)
    assert f"they have {', '.join(sorted(added))}, which is gone" in refusal(CONTRACT, OTHER)[0]
    turned = FeatureContract(CONTRACT.table, CONTRACT.features[::-1])
    assert "they declare some otherwise" in refusal(CONTRACT, turned)[0]


def test_every_snapshot_is_replayed_in_turn() -> None:
    """One a week, the same on each of its days; after as many weeks as there are, all were."""
    snapshots = [before(90), before(60), before(30)]
    monday = date(2026, 6, 29)
    weeks = [
        {replayed(snapshots, monday + timedelta(days=7 * week + day)) for day in range(7)}
        for week in range(3)
    ]

    assert [1, 1, 1] == [*map(len, weeks)]
    assert {*snapshots} == set.union(*weeks)
    assert before(30) == replayed([before(30)], monday)


def test_snapshots_are_wanted_on_the_days_there_are() -> None:
    """Month ends of 28 to 31 days, those that `divide` then takes; without days, any will do."""
    ends = [date(2026, month, 1) for month in range(1, 8)]
    found = wanted(date(2026, 6, 20), every_days=28, count=4, label_days=31, on=ends)

    assert [date(2026, month, 1) for month in (3, 4, 5, 6)] == found
    assert found == divided(found, every_days=28, count=4, label_days=31).snapshots
    everyone = wanted(
        date(2026, 6, 20), every_days=28, count=2, label_days=31, by="customer", on=ends
    )
    assert [date(2026, 5, 1), date(2026, 6, 1)] == everyone
    assert [date(2026, 6, 6), date(2026, 6, 20)] == wanted(
        date(2026, 6, 20), every_days=14, count=2, label_days=31
    )


def test_the_week_before_a_training_has_each_weekday() -> None:
    """None of them the day of the training itself."""
    days = week_before(date(2026, 7, 1))

    assert {*range(7)} == {day.weekday() for day in days}
    assert (date(2026, 6, 24), date(2026, 6, 30)) == (days[0], days[-1])
