"""What is said of a customer between two nights, whatever says it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

import pytest

from pipelines.domain.ports.service import FeaturesNow
from pipelines.domain.serving.now import AskedNow, NotAskedNow
from pipelines.domain.serving.records import checked
from pipelines.testing.contracts.service.now_functions import NIGHT, POPULATION

H = TypeVar("H")
R = TypeVar("R")

TABLE = "usage_events"
KNOWN, UNKNOWN = "it's \"the\" $1; '')) --", "nobody"
FOUND_AT = datetime(2026, 2, 28, 12, tzinfo=UTC)


def event(number: int, **changes: object) -> dict[str, Any]:
    """Return an event as a program sends it."""
    return {
        "event_id": f"e{number}",
        "event_type": "session",
        "quantity": 1.5,
        "occurred_at": "2026-02-03T04:05:06+00:00",
        **changes,
    }


class FeaturesNowContract(ABC, Generic[H]):
    """
    Tests of a population whose customers have one feature, the number of their `usage_events`.

    KNOWN has two of them before NIGHT. A subclass provides where they are as the fixture `house`.
    """

    @abstractmethod
    def opened(self, house: H) -> AbstractAsyncContextManager[FeaturesNow]:
        """Have what is asked."""

    def asked(self, house: H, work: Callable[[FeaturesNow], Awaitable[R]]) -> R:
        """Return what *work* asks."""

        async def asking() -> R:
            async with self.opened(house) as features:
                return await work(features)

        return asyncio.run(asking())

    def features(self, house: H, *asked: AskedNow, as_of: date = NIGHT) -> list[Any]:
        """Return the features of some customers."""
        return self.asked(house, lambda features: features.features(POPULATION, asked, as_of))

    def sent(self, house: H, customer_id: str, *events: object) -> dict[str, list[dict[str, Any]]]:
        """Return events as rows."""
        tables = self.asked(house, lambda features: features.tables(POPULATION))
        found = checked({TABLE: [*events]}, tables, customer_id, FOUND_AT)
        assert () == found.faults

        return found.rows

    def test_a_customer_has_what_is_stored_of_them(self, house: H) -> None:
        """Whatever their id is; nobody knows another, and who is not known has no features."""
        found = self.features(house, AskedNow(KNOWN), AskedNow(UNKNOWN))

        assert [{"usage_events": 2}, None] == found
        assert [{"usage_events": 2}] == self.features(house, AskedNow(KNOWN))
        assert [None] == self.features(house, AskedNow("\0"))

    def test_whoever_is_asked_for_twice_has_the_same_twice(self, house: H) -> None:
        """Nobody too; beside those with records of their own, and in a thousand rows at once."""
        sent = self.sent(house, KNOWN, event(7))
        asked = (AskedNow(KNOWN), AskedNow(UNKNOWN), AskedNow(KNOWN, sent), AskedNow(KNOWN, sent))
        stored, more = {"usage_events": 2}, {"usage_events": 3}

        assert [stored, None, more, more] * 5 == self.features(house, *asked * 5)
        assert [stored, None] * 1000 == self.features(house, *asked[:2] * 1000)

    def test_an_earlier_date_knows_less(self, house: H) -> None:
        """There was nothing then."""
        assert [None] == self.features(house, AskedNow(KNOWN), as_of=date(2025, 1, 1))

    def test_records_are_added_to_what_is_stored(self, house: H) -> None:
        """Or stand alone, of the same customer and in one question."""
        records = self.sent(house, KNOWN, event(11), event(12), event(13))
        found = self.features(
            house,
            *(AskedNow(KNOWN, records), AskedNow(KNOWN, records, is_alone=True)),
            *(AskedNow(KNOWN), AskedNow(KNOWN, is_alone=True)),
        )

        counts = [5, 3, 2, None]
        assert counts == [row and row["usage_events"] for row in found]

    def test_records_of_nobody_known_stand_alone(self, house: H) -> None:
        """And leave nothing behind."""
        records = self.sent(house, UNKNOWN, event(1))

        assert [{"usage_events": 1}] == self.features(house, AskedNow(UNKNOWN, records))
        assert [None] == self.features(house, AskedNow(UNKNOWN))

    def test_it_tells_whom_it_knows(self, house: H) -> None:
        """Of whom there is anything."""

        async def known(features: FeaturesNow) -> list[bool]:
            return [await features.is_known(POPULATION, name) for name in (KNOWN, UNKNOWN, "\0")]

        assert [True, False, False] == self.asked(house, known)

    def test_of_another_population_nothing_can_be_asked(self, house: H) -> None:
        """Whatever it is called."""

        async def refused(features: FeaturesNow) -> None:
            for other in ("members", "players; --", '"players"'):
                with pytest.raises(NotAskedNow):
                    await features.tables(other)
                with pytest.raises(NotAskedNow):
                    await features.features(other, [AskedNow(KNOWN)], NIGHT)

        self.asked(house, refused)
