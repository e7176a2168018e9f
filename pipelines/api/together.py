"""Work that is cheaper together: what comes while some is being done is done next, at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from pipelines.errors import ChurnError

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """
    Does the work of many who wait, in the order they came, without ever waiting for more of them.

    Args:
        work: Returns a result for each item, in their order.
        most: Items that are worked on at once.
    """

    def __init__(self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    async def __call__(self, item: T) -> R:
        """Return the result for *item*; what went wrong with another one is not raised here."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._until_nobody_waits())

        return await future

    async def _until_nobody_waits(self) -> None:
        """Work on what is there, over and over."""
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            # Who has left meanwhile, because it took too long, needs no result.
            await self._worked_on([each for each in taken if not each[1].done()])

    async def _worked_on(self, taken: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        """Hand each their result, or what went wrong."""
        if not taken:
            return
        try:
            results = await self._work([item for item, _ in taken])
        except Exception as error:
            # What is expected to go wrong does so for all; anything else may be about one of them.
            if len(taken) > 1 and not isinstance(error, ChurnError):
                for each in taken:
                    await self._worked_on([each])
                return
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(taken, results, strict=True):
            if not future.done():
                future.set_result(result)
