"""A challenger that a person does not want."""

import pytest
import structlog.testing

from pipelines.errors import ApprovalNeeded
from pipelines.steps.model.promote import PromotionReport
from pipelines.steps.model.reject import reject
from tests.unit.steps.subscribers import NIGHT, POPULATION, model
from tests.unit.steps.test_promote import BAD, GOOD, House


def rejected(house: House, name: str = "Ada King") -> PromotionReport:
    """Reject the challenger of *house*."""
    return reject(
        population=POPULATION,
        as_of=NIGHT,
        rejected_by=name,
        registry=house.registry,
        promotions=house.promotions,
    )


def waiting() -> House:
    """Return a house whose challenger waits for a person."""
    house = House(champion=model(BAD), challenger=model(GOOD))
    with pytest.raises(ApprovalNeeded):
        house.promote(policy="approval")

    return house


def test_who_rejects_is_in_the_record_and_the_champion_stays() -> None:
    """The challenger is none any more, and the ledger has the name beside why it waited."""
    house = waiting()
    with structlog.testing.capture_logs() as logs:
        report = rejected(house)

    asked, said = house.promotions.recorded
    assert said == report.promotion
    assert (True, False) == (asked.is_waiting, said.is_waiting)
    assert ("Ada King", False, 1, 2) == (
        said.rejected_by,
        said.is_promoted,
        said.champion_version,
        said.challenger_version,
    )
    assert "subscribers: version 2 was rejected: rejected by Ada King" == str(report)
    assert {"champion": 1} == house.aliases
    assert [("challenger_rejected", 2)] == [(each["event"], each["version"]) for each in logs]


def test_the_next_challenger_is_judged() -> None:
    """A rejection is of one version."""
    house = waiting()
    rejected(house)
    house.registry.set_alias(house.registry.add(model(GOOD)), "challenger")

    assert house.promote().promotion.is_promoted
    assert {"champion": 3} == house.aliases


def test_a_rejection_that_was_cut_short_is_completed() -> None:
    """Recorded, and the registry did not follow: rejected or judged again, it does now."""
    for again in (rejected, lambda house: house.promote(policy="approval")):
        house = waiting()
        first = rejected(house, "Ada King").promotion
        house.registry.set_alias(house.registry.numbered(POPULATION, 2), "challenger")

        assert first == again(house).promotion
        assert 2 == len(house.promotions.recorded)
        assert {"champion": 1} == house.aliases


def test_who_makes_it_the_challenger_again_has_to_approve() -> None:
    """A person may take back what a person said, and only by name."""
    house = waiting()
    rejected(house)
    house.registry.set_alias(house.registry.numbered(POPULATION, 2), "challenger")

    promotion = house.promote(policy="approval", approved_by="Grace Hopper").promotion
    assert (True, None) == (promotion.is_promoted, promotion.rejected_by)
    assert {"champion": 2} == house.aliases


def test_the_first_model_can_be_rejected_and_then_there_is_none() -> None:
    """Where there is no champion, none comes of it."""
    house = House(challenger=model(GOOD))

    assert rejected(house).promotion.champion_version is None
    assert {} == house.aliases


def test_without_a_challenger_nobody_is_rejected() -> None:
    """And a champion whose promotion was cut short is none."""
    promoted = House(champion=model(BAD), challenger=model(GOOD))
    promoted.promote()
    promoted.registry.set_alias(promoted.registry.numbered(POPULATION, 2), "challenger")
    before = [*promoted.promotions.recorded]

    assert "subscribers: no challenger" == str(rejected(House(champion=model(GOOD))))
    assert rejected(promoted).promotion is None
    assert before == promoted.promotions.recorded
    assert 2 == promoted.aliases["champion"]
