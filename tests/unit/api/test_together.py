"""Work that is done together: everybody gets their own result, or their own fault."""

import asyncio
from collections.abc import Sequence

import pytest

from pipelines.api.together import Together
from pipelines.errors import DatabaseUnavailable


def run(items: Sequence[int], *, most: int = 100) -> tuple[list[object], list[list[int]]]:
    """Return what became of items that are asked for at once, and which were done together."""
    batches: list[list[int]] = []

    async def work(taken: Sequence[int]) -> list[int]:
        batches.append([*taken])
        await asyncio.sleep(0.01)
        if -1 in taken:
            raise ValueError("minus one")
        if -2 in taken:
            raise DatabaseUnavailable("down", next_step="")
        return [item * 2 for item in taken]

    async def scenario() -> list[object]:
        together = Together(work, most)
        first = asyncio.create_task(together(0))
        await asyncio.sleep(0.001)
        others = [together(item) for item in items]
        return [await first, *await asyncio.gather(*others, return_exceptions=True)]

    return asyncio.run(scenario()), batches


def test_who_comes_while_others_are_served_is_served_next_at_once() -> None:
    """In the order they came, each with their own result; nobody waits for company."""
    results, batches = run([1, 2, 3, 4, 5], most=3)

    assert [0, 2, 4, 6, 8, 10] == results
    assert [[0], [1, 2, 3], [4, 5]] == batches


def test_what_is_wrong_with_one_is_raised_to_that_one() -> None:
    """The others are done again without it."""
    results, batches = run([1, -1, 3])

    assert [0, 2, 6] == [each for each in results if not isinstance(each, ValueError)]
    assert isinstance(results[2], ValueError)
    assert [[0], [1, -1, 3], [1], [-1], [3]] == batches


def test_what_is_wrong_for_all_is_not_tried_for_each() -> None:
    """A database that is down is down for everybody."""
    results, batches = run([1, -2, 3])

    assert [DatabaseUnavailable] * 3 == [type(each) for each in results[1:]]
    assert [[0], [1, -2, 3]] == batches


def test_who_has_left_is_not_worked_for() -> None:
    """Their place is taken by the next."""
    done: list[list[int]] = []
    others_came = asyncio.Event()

    async def work(taken: Sequence[int]) -> list[int]:
        done.append([*taken])
        if taken[0] == 0:
            await others_came.wait()
        return [*taken]

    async def scenario() -> int:
        together = Together(work, 10)
        first = asyncio.create_task(together(0))
        while not done:
            await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await together(1)
        last = asyncio.create_task(together(2))
        await asyncio.sleep(0)
        others_came.set()
        await first
        found = await last
        assert 0 == len(together)
        return found

    assert 2 == asyncio.run(scenario())
    assert [[0], [2]] == done
