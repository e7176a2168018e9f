"""Who asks a server: connections that are kept, in a closed loop or at a rate that never waits."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

CONNECT_TOGETHER = 50


def request(method: str, path: str, key: str | None = None, body: bytes | None = None) -> bytes:
    """Return a request as it is sent."""
    lines = [f"{method} {path} HTTP/1.1", "Host: service"]
    if key is not None:
        lines.append(f"Authorization: Bearer {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]

    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


class Line(asyncio.Protocol):
    """One connection, on which one request is asked at a time; answers name their length."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[int] | None = None
        self._found = bytearray()
        self._ends_at = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Tell the status of an answer once it is whole."""
        self._found += data
        if not self._ends_at:
            head = self._found.find(b"\r\n\r\n")
            if head < 0:
                return
            lowered = bytes(self._found[:head]).lower()
            length = lowered.partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._ends_at = head + 4 + int(length)
        if len(self._found) >= self._ends_at and self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            if not waiting.done():
                waiting.set_result(int(self._found[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits that there will be no answer."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("the server ended it"))

    async def ask(self, asked: bytes) -> int:
        """Send a request; return the status of its answer."""
        assert self._transport is not None
        self._found.clear()
        self._ends_at = 0
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(asked)

        return await self._waiting

    def close(self) -> None:
        """End the connection."""
        assert self._transport is not None
        self._transport.close()


@contextlib.asynccontextmanager
async def connected(port: int, connections: int) -> AsyncIterator[list[Line]]:
    """Have so many connections to a server of this machine for the block."""
    loop, lines = asyncio.get_running_loop(), list[Line]()
    while len(lines) < connections:
        made = await asyncio.gather(
            *(
                loop.create_connection(Line, "127.0.0.1", port)
                for _ in range(min(CONNECT_TOGETHER, connections - len(lines)))
            )
        )
        lines += [line for _, line in made]
    try:
        yield lines
    finally:
        for line in lines:
            line.close()


async def closed_loop(port: int, connections: int, asked: Sequence[bytes]) -> None:
    """Ask everything once, the next on a connection as soon as it was answered; each has to be."""
    left = deque(asked)

    async def ask(line: Line) -> None:
        while left:
            status = await line.ask(left.popleft())
            assert status == 200, f"answered {status}"

    async with connected(port, connections) as lines:
        await asyncio.gather(*map(ask, lines))


@dataclass
class Found:
    """
    What an open loop has found.

    Attributes:
        seconds: From when a request was due to its answer, of those that were answered 200.
        errors: Other statuses and lost connections, by their name.
        lasted: Seconds until the last answer.
    """

    seconds: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    lasted: float = 0.0


async def open_loop(
    lines: Sequence[Line], asked: Sequence[bytes], *, rate: float, seconds: float, seed: int
) -> Found:
    """
    Ask at a rate, however long answers take: at times drawn from a seed, as strangers would come.

    Args:
        lines: Connections, taken in turns. A request whose turn finds all of them busy waits for
            one, and its time runs.
        asked: Requests, taken in turns.
        rate: Requests a second.
        seconds: For so long.
        seed: Of the times.
    """
    drawn, found = random.Random(seed), Found()
    free: asyncio.Queue[Line] = asyncio.Queue()
    for line in lines:
        free.put_nowait(line)
    began, due, tasks, number = time.perf_counter(), 0.0, set[asyncio.Task[None]](), 0

    async def ask(request: bytes, due: float) -> None:
        line = await free.get()
        try:
            status = await line.ask(request)
        except OSError as error:
            name = type(error).__name__
        else:
            free.put_nowait(line)
            name = str(status)
        if name == "200":
            found.seconds.append(time.perf_counter() - began - due)
        else:
            found.errors[name] = found.errors.get(name, 0) + 1

    while due < seconds:
        wait = due - (time.perf_counter() - began)
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(ask(asked[number % len(asked)], due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        number += 1
        due += drawn.expovariate(rate)
    if tasks:
        await asyncio.wait([*tasks], timeout=60)
    found.lasted = time.perf_counter() - began

    return found
