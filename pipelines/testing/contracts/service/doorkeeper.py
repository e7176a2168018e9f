"""Who is let in, wherever keys are kept."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

from pipelines.domain.access.keys import Admission, KeyShown, ServedRequest
from pipelines.domain.ports.service import ApiKeys, Doorkeeper
from pipelines.testing.contracts.service.api_keys import created

KEY, NOBODYS = (1).to_bytes(32), (99).to_bytes(32)
DESK = "subscribers"


class DoorkeeperContract(ABC):
    """
    Tests of a door without a key.

    A subclass provides the keys as the fixture `keys`, and the door by `opened`.
    """

    @abstractmethod
    def opened(self, keys: ApiKeys) -> AbstractAsyncContextManager[Doorkeeper]:
        """Have the door of these keys, in the running loop."""

    @abstractmethod
    def recorded(self, keys: ApiKeys) -> list[ServedRequest]:
        """Return what was written down, oldest first; a customer as their hash, hexadecimal."""

    def test_a_key_is_let_in_to_what_it_is_for(self, keys: ApiKeys) -> None:
        """By kind of route and by population; each time it is counted."""
        key = created(keys)
        found = self._asked(
            keys, (KEY, "published", DESK), (KEY, "predict", DESK), (KEY, "predict", None)
        )

        assert [
            Admission("admitted", key.api_key_id, (DESK,), left) for left in (99, 98, 97)
        ] == found

    def test_every_route_and_population_is_a_star(self, keys: ApiKeys) -> None:
        """Also those that there are not yet."""
        created(keys, routes=["*"], populations=["*"])

        assert ["admitted", "admitted"] == self._verdicts(
            keys, (KEY, "models", None), (KEY, "published", "players")
        )

    def test_what_a_key_is_not_for_is_refused_and_not_counted(self, keys: ApiKeys) -> None:
        """Another kind of route, or somebody else's customers."""
        key = created(keys)
        found = self._asked(
            keys, (KEY, "models", DESK), (KEY, "published", "players"), (KEY, "published", DESK)
        )

        assert ["out of scope", "out of scope", "admitted"] == [each.verdict for each in found]
        assert {key.api_key_id} == {each.api_key_id for each in found}
        assert 99 == found[-1].requests_left

    def test_a_key_nobody_made_is_unknown(self, keys: ApiKeys) -> None:
        """However many there are."""
        created(keys)

        assert [Admission("unknown")] == self._asked(keys, (NOBODYS, "published", DESK))

    def test_a_revoked_or_expired_key_is_refused_at_once(self, keys: ApiKeys) -> None:
        """The next request is."""
        first = created(keys, 1)
        created(keys, 2, expires_at=datetime.now(UTC) - timedelta(seconds=1))
        asked = KeyShown(KEY, "published", DESK)

        async def scenario() -> list[str]:
            async with self.opened(keys) as door:
                (before,) = await door.admit([asked])
                keys.revoke(first.api_key_id)
                after, expired = await door.admit(
                    [asked, KeyShown((2).to_bytes(32), "published", DESK)]
                )

            return [before.verdict, after.verdict, expired.verdict]

        assert ["admitted", "revoked", "expired"] == asyncio.run(scenario())

    def test_nobody_is_let_in_more_often_than_the_limit(self, keys: ApiKeys) -> None:
        """Many at once among them; who comes too late is told when the next hour begins."""
        created(keys, requests_an_hour=7)
        created(keys, 2)
        asked = KeyShown(KEY, "published", DESK)

        async def scenario() -> list[Admission]:
            async with self.opened(keys) as door:
                many = await asyncio.gather(*[door.admit([asked]) for _ in range(20)])
                other = await door.admit([KeyShown((2).to_bytes(32), "published", DESK)])

            return [each for (each,) in [*many, other]]

        *found, other = asyncio.run(scenario())
        late = [each for each in found if each.verdict == "over its limit"]

        assert [*range(7)] == sorted(
            each.requests_left for each in found if each.verdict == "admitted"
        )
        assert 13 == len(late)
        assert all(0 < each.retry_after_seconds <= 3600 for each in late)
        assert "admitted" == other.verdict

    def test_those_who_come_together_are_let_in_as_one_by_one(self, keys: ApiKeys) -> None:
        """The first of them, of each key and for whatever it asks; the others are told when."""
        key = created(keys, requests_an_hour=7)
        other = created(keys, 2, requests_an_hour=2)
        mine = [KeyShown(KEY, route, DESK) for route in ("published", "predict")]
        theirs = KeyShown((2).to_bytes(32), "published", DESK)
        asked = [*mine, theirs, KeyShown(NOBODYS, "published", DESK)] * 5
        asked.append(KeyShown(KEY, "models", DESK))

        async def scenario() -> tuple[list[Admission], list[Admission], list[Admission]]:
            async with self.opened(keys) as door:
                first = await door.admit(asked[:4])
                return first, await door.admit(asked[4:]), await door.admit([])

        first, found, nobody = asyncio.run(scenario())
        by_key: dict[int | None, list[str]] = {}
        for each in [*first, *found]:
            by_key.setdefault(each.api_key_id, []).append(each.verdict)

        assert [] == nobody
        assert ["admitted"] * 3 + ["unknown"] == [each.verdict for each in first]
        assert {5, 6} == {each.requests_left for each in first[:2]}
        assert 7 == by_key[key.api_key_id].count("admitted")
        assert 3 == by_key[key.api_key_id].count("over its limit")
        assert "out of scope" == found[-1].verdict
        assert ["admitted"] * 2 + ["over its limit"] * 3 == by_key[other.api_key_id]
        assert ["unknown"] * 5 == by_key[None]
        left = [each.requests_left for each in [*first, *found] if each.verdict == "admitted"]
        assert [0, 0, 1, 1, 2, 3, 4, 5, 6] == sorted(left)
        late = [each for each in found if each.verdict == "over its limit"]
        assert all(0 < each.retry_after_seconds <= 3600 for each in late)

    def test_whoever_has_a_token_is_let_in_as_often_as_is_said(self, keys: ApiKeys) -> None:
        """Each subject by itself, many requests at once, and told when the next hour begins."""

        async def scenario() -> tuple[list[Admission], Admission, Admission]:
            async with self.opened(keys) as door:
                many = [*await asyncio.gather(*[door.admit_subject("desk", 7) for _ in range(20)])]
                other = await door.admit_subject("it's another", 7)
                more = await door.admit_subject("desk", 8)
                subject = many[0].token_subject_id
                await door.record(
                    [ServedRequest("r1", None, "customer", DESK, 200, token_subject_id=subject)]
                )

            return many, other, more

        found, other, more = asyncio.run(scenario())
        late = [each for each in found if each.verdict == "over its limit"]

        assert [*range(7)] == sorted(
            each.requests_left for each in found if each.verdict == "admitted"
        )
        assert 13 == len(late)
        assert all(0 < each.retry_after_seconds <= 3600 for each in late)
        assert 1 == len({each.token_subject_id for each in [*found, more]})
        assert ("admitted", 6) == (other.verdict, other.requests_left)
        assert other.token_subject_id not in {None, more.token_subject_id}
        assert ("admitted", 0) == (more.verdict, more.requests_left)
        (written,) = self.recorded(keys)
        assert more.token_subject_id == written.token_subject_id

    def test_what_was_answered_is_written_down(self, keys: ApiKeys) -> None:
        """Without the customer: the same one is the same hash, and another is another."""
        key = created(keys)
        asked = [
            ServedRequest("r1", key.api_key_id, "customers", DESK, 200, 3, 1, "C1"),
            ServedRequest("r2", key.api_key_id, "customers", DESK, 404, None, 1, "C2"),
            ServedRequest("r3", key.api_key_id, "customers", DESK, 200, 3, 1, "C1"),
            ServedRequest("r4", None, "models", None, 401),
        ]

        async def scenario() -> None:
            async with self.opened(keys) as door:
                await door.record(asked[:1])
                await door.record(asked[1:])
                await door.record([])

        asyncio.run(scenario())
        found = self.recorded(keys)

        assert [
            ("r1", 200, 3, 1),
            ("r2", 404, None, 1),
            ("r3", 200, 3, 1),
            ("r4", 401, None, None),
        ] == [(each.request_id, each.status, each.model_version, each.rows) for each in found]
        assert [key.api_key_id] * 3 + [None] == [each.api_key_id for each in found]
        hashes = [each.customer_id for each in found]
        assert hashes[0] == hashes[2] != hashes[1]
        assert not {"C1", "C2"} & {*hashes}
        assert hashes[3] is None

    def _asked(self, keys: ApiKeys, *requests: tuple[bytes, str, str | None]) -> list[Admission]:
        """Return what becomes of requests, one after the other."""

        async def scenario() -> list[Admission]:
            async with self.opened(keys) as door:
                told = [await door.admit([KeyShown(*request)]) for request in requests]

                return [each for (each,) in told]

        return asyncio.run(scenario())

    def _verdicts(self, keys: ApiKeys, *requests: tuple[bytes, str, str | None]) -> list[str]:
        """Return the verdicts on requests."""
        return [each.verdict for each in self._asked(keys, *requests)]
