"""A champion that has grown old is told once, and stays."""

from datetime import date, timedelta

import pytest

from pipelines.domain.training.promotion import Promotion
from pipelines.steps.night.champion_age import AGED, champion_age
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.models import MemoryPromotions
from tests.unit.steps.subscribers import NIGHT, POPULATION, before

MAXIMUM = 180


def decision(as_of: date, version: int, *, is_promoted: bool = True) -> Promotion:
    """Return a decision on a version."""
    return Promotion(
        population=POPULATION,
        as_of=as_of,
        champion_version=None,
        challenger_version=version,
        is_promoted=is_promoted,
        reason="r",
    )


class House:
    """Decisions, and alerts about them."""

    def __init__(self, *decisions: Promotion) -> None:
        self.promotions, self.outbox = MemoryPromotions([*decisions]), MemoryOutbox()

    def look(self, as_of: date = NIGHT) -> bool:
        """Look at the champion of a night."""
        return champion_age(
            population=POPULATION,
            as_of=as_of,
            maximum_days=MAXIMUM,
            promotions=self.promotions,
            outbox=self.outbox,
        )

    def alerts(self) -> list[tuple[date, str]]:
        """Return date and title of the alerts that are open."""
        found = self.outbox.unresolved(POPULATION, before(1000), NIGHT + timedelta(days=1000))
        assert {AGED} >= {recorded.alert.kind for recorded in found}

        return [(recorded.alert.as_of, recorded.alert.title) for recorded in found]


@pytest.mark.parametrize(("days", "is_aged"), [(MAXIMUM, False), (MAXIMUM + 1, True)])
def test_it_is_told_from_a_day_on(days: int, is_aged: bool) -> None:
    """Not on the last day it may have."""
    house = House(decision(before(days), 1))

    assert is_aged is house.look()
    assert ([(NIGHT, "version 1 of subscribers is old")] if is_aged else []) == house.alerts()


def test_it_is_told_once() -> None:
    """Not every night, however long it stays."""
    house = House(decision(before(300), 1))
    for days in (0, 1, 2, 40):
        assert house.look(NIGHT + timedelta(days=days))

    assert [(NIGHT, "version 1 of subscribers is old")] == house.alerts()


def test_a_new_champion_ends_it() -> None:
    """And one that is old as well is told by its own number."""
    house = House(decision(before(400), 1))
    house.look()
    house.promotions.record(decision(NIGHT, 2))
    assert not house.look(NIGHT + timedelta(days=1))
    assert [] == house.alerts()

    later = NIGHT + timedelta(days=300)
    assert house.look(later)
    assert [(later, "version 2 of subscribers is old")] == house.alerts()


def test_a_champion_of_before_is_as_old_as_it_was() -> None:
    """Who returned to it does not make it younger."""
    house = House(decision(before(400), 1), decision(before(10), 2), decision(before(1), 1))

    assert house.look()


def test_what_was_tried_is_told() -> None:
    """How many challengers were no better, or that there was none."""
    alone = House(decision(before(300), 1))
    tried = House(
        decision(before(300), 1),
        *(decision(before(days), 2, is_promoted=False) for days in (30, 20)),
    )
    for house, words in ((alone, "No challenger was judged"), (tried, "2 decisions since then")):
        house.look()
        (recorded,) = house.outbox.unresolved(POPULATION, NIGHT, NIGHT)
        assert words in recorded.alert.body
        assert "It goes on scoring." in recorded.alert.body


def test_a_night_again_knows_what_was_decided_by_then() -> None:
    """Later decisions are not looked at, and without a champion nothing is old."""
    assert not House().look()
    assert not House(decision(NIGHT + timedelta(days=1), 1)).look()
