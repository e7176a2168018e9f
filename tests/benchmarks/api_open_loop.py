"""
How long answers take when requests come at a rate and wait for nobody, over a thousand connections.

A bare echo on the same settings is asked at each rate, just before the routes, and tells what the
machine did meanwhile. `make benchmark-api`, or `python -m tests.benchmarks.api_open_loop --help`.
Rates go up until answers take a second or some are refused. What was found is written to
docs/service-load.json once all of it is, of which `make docs` makes the table and the picture of
docs/service.md; a run that was stopped leaves that as it was, and the next begins with the rates.
"""

import argparse
import asyncio
import json
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pipelines.settings import ROOT
from tests.benchmarks import api_rates
from tests.benchmarks.api_business import running
from tests.benchmarks.api_load import Found, connected, open_loop, request
from tests.benchmarks.api_rates import Rate
from tests.benchmarks.api_servers import answering, echoing
from tests.e2e.at_rest import NIGHT
from tests.faults.business import POPULATION, Business
from tests.integration.service_night import PREDICT, features, made_key, night_of

FIRST_TOGETHER: Final = 8
RATES: Final = (50, 100, 200, 300, 400, 600, 800, 1000, 1300, 1600, 2000)
TOO_LONG_MS: Final = 1000.0
# The rate that has to be kept.
KEPT_RATE: Final = 100
FILES: Final = 8192


def asked_of(business: Business, key: str) -> dict[str, list[bytes]]:
    """Return requests of each kind, of every customer of the latest list; an echo is of nobody."""
    rows = features(business, [*night_of(business)])
    customers = [f"/v1/{POPULATION}/customers/{name}" for name in rows]

    return {
        "echo": [request("POST", "/echo", key, b"{}")],
        "published": [request("GET", path, key) for path in customers],
        "predict": [
            request(
                "POST",
                PREDICT,
                key,
                json.dumps({"customer_id": name, "features": row}).encode(),
            )
            for name, row in rows.items()
        ],
        "now": [request("GET", f"{path}/now", key) for path in customers],
    }


async def at_rate(
    port: int, connections: int, asked: list[bytes], *, rate: int, seconds: float
) -> Found:
    """
    Return what is found at a rate, over new connections.

    Each has asked once before: one that never has is ended after 10 s, perhaps just as it asks.
    """
    async with connected(port, connections) as lines:
        for begin in range(0, len(lines), FIRST_TOGETHER):
            first = lines[begin : begin + FIRST_TOGETHER]
            await asyncio.gather(*(line.ask(asked[0]) for line in first))
        return await open_loop(lines, asked, rate=rate, seconds=seconds, seed=rate)


def measured(
    ports: Mapping[str, int],
    asked: Mapping[str, list[bytes]],
    rates: Sequence[int],
    *,
    connections: int,
    seconds: float,
) -> list[Rate]:
    """
    Return what was found of every kind, rates upwards until answers take too long.

    All kinds are asked at a rate before any is at the next, so that they share what the machine
    does meanwhile; the echo as long as a route still is.
    """
    found, asking = list[Rate](), dict(asked)
    port_of = {kind: ports["echo" if kind == "echo" else "service"] for kind in asked}
    for kind, requests in asked.items():
        asyncio.run(at_rate(port_of[kind], 8, requests, rate=20, seconds=2))
    for rate in rates:
        for kind, requests in [*asking.items()]:
            told = asyncio.run(
                at_rate(port_of[kind], connections, requests, rate=rate, seconds=seconds)
            )
            one = Rate.of(kind, connections, rate, told)
            sys.stderr.write(f"{one} {told.errors or ''}\n")
            found.append(one)
            if one.errors or one.p95_ms > TOO_LONG_MS:
                del asking[kind]
        if not {*asking} - {"echo"}:
            break

    return found


def main() -> None:
    """Measure, write what was found, and fail where the rate that has to be kept is not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-api")
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each rate")
    parser.add_argument("--most-rate", type=int, default=max(RATES), help="leave out higher ones")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "service-load.json")
    chosen = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))
    with running(chosen.work) as business:
        asked = asked_of(business, made_key(business, per_hour=100_000_000))
        with echoing() as (_, echo), answering(business, "--as-of", NIGHT) as (_, service):
            ports = {"echo": echo, "service": service}
            found = measured(
                ports,
                asked,
                [rate for rate in RATES if rate <= chosen.most_rate],
                connections=chosen.connections,
                seconds=chosen.seconds,
            )
    api_rates.write(chosen.to, found)
    slow = [each for each in found if each.rate == KEPT_RATE and not each.is_kept]
    if slow:
        sys.exit("\n".join(f"not kept: {each}" for each in slow))


if __name__ == "__main__":
    main()
