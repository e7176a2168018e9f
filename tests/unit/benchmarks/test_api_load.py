"""What asks a server at a rate: every request is told of, and late ones are late."""

import asyncio
import contextlib
import queue
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from docs.generate.line_chart import Point, chart
from docs.generate.service_load import load_picture, service_load
from tests.benchmarks import api_rates
from tests.benchmarks.api_load import Found, closed_loop, connected, open_loop, request
from tests.benchmarks.api_open_loop import measured
from tests.benchmarks.api_rates import Rate, knee
from tests.load.run import picture, shown

OK, BUSY = "HTTP/1.1 200 OK", "HTTP/1.1 503 Service Unavailable"


@contextlib.asynccontextmanager
async def answering(*statuses: str, seconds: float = 0.0) -> AsyncIterator[int]:
    """Have a server that answers by turns, in two pieces; "" ends the connection."""
    number = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"Content-Length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                status, number = statuses[number % len(statuses)], number + 1
                await asyncio.sleep(seconds)
                if not status:
                    break
                writer.write(f"{status}\r\nContent-Length: 4\r\n\r\nab".encode())
                await writer.drain()
                writer.write(b"cd")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def found(*statuses: str, connections: int = 4, rate: float = 200, seconds: float = 0.0) -> Found:
    """Return what an open loop of half a second finds of such a server."""

    async def scenario() -> Found:
        async with (
            answering(*statuses, seconds=seconds) as port,
            connected(port, connections) as lines,
        ):
            asked = [request("GET", "/"), request("POST", "/", "key", b"{}")]
            return await open_loop(lines, asked, rate=rate, seconds=0.5, seed=1)

    return asyncio.run(scenario())


def test_every_answer_and_every_error_is_counted() -> None:
    """By what it was; about as many as the rate says, at the same times each time."""
    told = found(OK, BUSY, OK, OK)
    again = found(OK)

    assert {"503"} == {*told.errors}
    assert 60 < len(told.seconds) + sum(told.errors.values()) < 140
    assert len(again.seconds) == len(told.seconds) + sum(told.errors.values())
    assert {} == again.errors


def test_a_connection_that_is_lost_is_an_error() -> None:
    """And is asked nothing more."""
    told = found(OK, OK, "", connections=40)

    assert {"ConnectionResetError"} == {*told.errors}
    assert 0 < sum(told.errors.values()) <= 40


def test_who_waits_for_a_connection_waits() -> None:
    """An answer's time begins when it was due: of a server that is too slow it grows."""
    told = found(OK, connections=1, rate=40, seconds=0.05)

    assert max(told.seconds) > 0.2
    assert told.lasted > 0.6


def test_a_closed_loop_asks_everything_once_and_refuses_a_refusal() -> None:
    """The figures of servers that refuse would be good."""

    async def scenario(*statuses: str) -> None:
        async with answering(*statuses) as port:
            await closed_loop(port, 3, [request("GET", "/")] * 10)

    began = time.perf_counter()
    asyncio.run(scenario(OK))
    with pytest.raises(AssertionError, match="503"):
        asyncio.run(scenario(OK, BUSY))

    assert time.perf_counter() - began < 30


KEPT = Rate("now", 1000, 100, 500, 0, 9.5, 40.0, 80.0)
RATES = [
    *(replace(KEPT, rate=rate) for rate in (400, 50, 100)),
    replace(KEPT, rate=200, p95_ms=100.1),
    replace(KEPT, kind="published", rate=100, errors=1),
]


def test_a_knee_is_before_the_first_rate_that_is_not_kept() -> None:
    """Whatever comes after it; a rate without an answer is not kept either."""
    assert 100 == knee(RATES[:4])
    assert 0 == knee(RATES[4:])
    assert not Rate.of("now", 1000, 100, Found()).is_kept
    times = Rate.of("now", 1000, 100, Found([0.01] * 99 + [0.5], {"503": 2}))
    assert (99 + 1, 2, 10.0, 10.0) == (times.answered, times.errors, times.p50_ms, times.p95_ms)


def test_what_was_found_is_kept_as_it_was(tmp_path: Path) -> None:
    """A line each."""
    api_rates.write(tmp_path / "rates.json", RATES)

    assert RATES == api_rates.read(tmp_path / "rates.json")
    assert len(RATES) + 2 == len((tmp_path / "rates.json").read_text("utf-8").splitlines())


def test_the_docs_tell_knees_and_draw_what_is_not_kept_empty() -> None:
    """In a picture that fetches nothing."""
    told, drawn = service_load(RATES), load_picture(RATES)

    assert "now up to 100, published at none of the rates." in told
    assert "| published | 100 | 500 | 1 | 10 | 40 | 80 |" in told
    assert 2 == drawn.count('fill="#fff" stroke=')
    assert 5 == drawn.count("<circle")
    outside = drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert [] == re.findall(r"://|@import|url\(|href|<script", outside)


def test_a_chart_has_names_that_are_text() -> None:
    """And takes a single point, and times of nothing."""
    drawn = chart(
        {"<b>": [Point(3, 0.0)]}, title="a & b", axis="n", ticks=[3], source="x", bound_ms=1
    )

    assert "&lt;b&gt;" in drawn
    assert "a &amp; b" in drawn
    assert "nan" not in drawn


def test_what_locust_found_is_a_table_and_a_picture() -> None:
    """Of all its requests, from the first second that has an answer."""
    history = [
        {"Timestamp": str(100 + second), "Name": name, "50%": told, "95%": told, "99%": told}
        for second, told in ((0, "N/A"), (1, "4"), (2, "9"))
        for name in ("now", "Aggregated")
    ]
    stats = {
        "Name": "now",
        "Request Count": "1200",
        "Failure Count": "0",
        "Requests/s": "20.37",
        "50%": "4",
        "95%": "9",
        "99%": "9",
    }

    assert 3 * 2 == picture(history).count("<circle")
    assert shown([stats]).endswith("| now | 1,200 | 0 | 20 | 4 | 9 | 9 |")


@contextlib.contextmanager
def beside(*statuses: str) -> Iterator[int]:
    """Have such a server on a thread of its own; its port."""
    loop, port = asyncio.new_event_loop(), queue.SimpleQueue[int]()

    async def until_cancelled() -> None:
        async with answering(*statuses) as listening:
            port.put(listening)
            await asyncio.Event().wait()

    served = asyncio.ensure_future(until_cancelled(), loop=loop)

    def serve() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(served)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield port.get(timeout=60)
    finally:
        loop.call_soon_threadsafe(served.cancel)
        thread.join(60)
        loop.close()


def test_every_kind_is_asked_at_a_rate_before_any_is_at_the_next() -> None:
    """The echo first, as long as a route is asked; one that refuses is not asked at the next."""
    asked = {kind: [request("GET", "/", kind)] for kind in ("echo", "published", "now")}
    with beside(OK) as echo, beside(OK) as service:
        rates = measured(
            {"echo": echo, "service": service}, asked, (20, 40), connections=4, seconds=0.3
        )
    with beside(OK) as echo, beside(BUSY) as service:
        refused = measured(
            {"echo": echo, "service": service}, asked, (20, 40), connections=4, seconds=0.3
        )

    kinds = ["echo", "published", "now"]
    assert [(kind, rate) for rate in (20, 40) for kind in kinds] == [
        (each.kind, each.rate) for each in rates
    ]
    assert [(kind, 20) for kind in kinds] == [(each.kind, each.rate) for each in refused]
    drawn = load_picture(rates)
    assert all(f">{kind}</text>" in drawn for kind in kinds)
