"""
What an answer of the service costs beside a bare echo on the same settings, in one run.

`make benchmark-api`, or `python -m tests.benchmarks.api --help`. CPU seconds are those of the
processes that answer, `churn serve` and the echo, and apart from them those of the database's
processes that serve clients; whoever asks is not counted. Each round measures every kind in turn,
so that all share whatever else the machine does; told are medians of rounds.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from pipelines.adapters.service.pool import Pool
from pipelines.settings import ROOT
from tests.benchmarks.api_business import running
from tests.benchmarks.api_load import closed_loop, request
from tests.benchmarks.api_servers import answering, cpu_seconds, database_seconds, echoing
from tests.e2e.at_rest import NIGHT
from tests.faults.business import POPULATION, Business
from tests.integration.service_night import BATCH, PREDICT, features, made_key, night_of

CONNECTIONS: Final = 32
BATCH_ROWS: Final = 1000
# As many requests of each kind as take about a second of CPU.
REQUESTS: Final = {"echo": 6000, "published": 2500, "predict": 2500, "now": 800, "batch": 8}
SELECTS: Final = 20_000
ACCOUNTS: Final = 100_000
# At most so many times an echo, and for the database so many prepared selects of one row.
BOUNDS: Final = {"published": 14.0, "predict": 9.0, "now": 25.0, "batch": 1.2}
NOW_SELECTS: Final = 50.0
SELECT = "select filler from benchmark_accounts where account_id = %(account_id)s"


@dataclass(frozen=True)
class Cost:
    """
    What one request costs; of a batch, what one row does.

    Attributes:
        server: CPU seconds of the process that answers.
        database: CPU seconds of the database's processes that serve clients.
    """

    server: float
    database: float


Round = Mapping[str, Cost]


def asked_of(business: Business, key: str) -> dict[str, list[bytes]]:
    """Return the requests of each kind."""
    names = [*night_of(business)]
    rows = features(business, names)
    bodies = [
        json.dumps({"customer_id": name, "features": row}).encode() for name, row in rows.items()
    ]
    many = [rows[names[number % len(names)]] for number in range(BATCH_ROWS)]
    batch = json.dumps({"rows": [{"features": row} for row in many]}).encode()
    customers = [f"/v1/{POPULATION}/customers/{name}" for name in names]
    kinds = {
        "echo": [request("POST", "/echo", key, bodies[0])],
        "published": [request("GET", path, key) for path in customers],
        "predict": [request("POST", PREDICT, key, body) for body in bodies],
        "now": [request("GET", f"{path}/now", key) for path in customers],
        "batch": [request("POST", BATCH, key, batch)],
    }

    return {
        kind: [asked[number % len(asked)] for number in range(REQUESTS[kind])]
        for kind, asked in kinds.items()
    }


def measured(
    business: Business,
    servers: Mapping[str, tuple[psutil.Process, int]],
    asked: Mapping[str, list[bytes]],
) -> dict[str, Cost]:
    """Return what each kind of request costs, and a select of the database, in this round."""
    found = {}
    for kind, requests in asked.items():
        process, port = servers["echo" if kind == "echo" else "service"]
        before = cpu_seconds(process), database_seconds(business)
        connections = 1 if kind == "batch" else CONNECTIONS
        asyncio.run(closed_loop(port, connections, requests))
        units = len(requests) * (BATCH_ROWS if kind == "batch" else 1)
        after = cpu_seconds(process), database_seconds(business)
        found[kind] = Cost((after[0] - before[0]) / units, (after[1] - before[1]) / units)
    found["select"] = Cost(0.0, select_seconds(business))

    return found


def select_seconds(business: Business) -> float:
    """Return the database's CPU seconds of a prepared select of one row by its primary key."""

    async def ask() -> float:
        pool = Pool(business.url, connections=1)
        await pool.open()
        try:
            for number in range(100):
                await pool.rows(SELECT, {"account_id": number + 1})
            before = database_seconds(business)
            for number in range(SELECTS):
                await pool.rows(SELECT, {"account_id": number * 7919 % ACCOUNTS + 1})
            return (database_seconds(business) - before) / SELECTS
        finally:
            await pool.close()

    return asyncio.run(ask())


@contextmanager
def service_and_echo(
    business: Business,
) -> Iterator[dict[str, tuple[psutil.Process, int]]]:
    """Have both servers for the block; the service answers of the latest night."""
    with echoing() as echo, answering(business, "--as-of", NIGHT) as service:
        yield {"echo": echo, "service": service}


def make_accounts(business: Business) -> None:
    """Make the table whose rows are selected, as pgbench does, if it is not there."""
    business.execute(
        "create table if not exists benchmark_accounts "
        "(account_id integer primary key, filler text not null)",
        "insert into benchmark_accounts select number, repeat('x', 84) "
        f"from generate_series(1, {ACCOUNTS}) as number on conflict do nothing",
        "analyze benchmark_accounts",
    )


def over(rounds: list[Round], ratio: Callable[[Round], float]) -> float:
    """Return the median of a ratio over rounds."""
    return statistics.median(ratio(each) for each in rounds)


def table(rounds: list[Round]) -> tuple[str, list[str]]:
    """Return a table in Markdown, and what is above its bound."""
    echo = over(rounds, lambda each: each["echo"].server)
    lines = [
        f"An echo takes {echo * 1e6:.0f} µs of CPU, a select of one row "
        f"{over(rounds, lambda each: each['select'].database) * 1e6:.0f} µs of the database.",
        "",
        "| a request, or a row of a batch | in echoes | at most | database, in selects | at most |",
        "|---|---|---|---|---|",
    ]
    above = []
    for kind, most in BOUNDS.items():
        of_echo = over(rounds, lambda each, kind=kind: each[kind].server / each["echo"].server)
        of_select = over(
            rounds, lambda each, kind=kind: each[kind].database / each["select"].database
        )
        most_selects = f"{NOW_SELECTS:g}" if kind == "now" else ""
        lines.append(f"| {kind} | {of_echo:.2f} | {most:g} | {of_select:.1f} | {most_selects} |")
        if of_echo > most:
            above.append(f"{kind} takes {of_echo:.2f} times an echo, and at most {most:g}")
        if most_selects and of_select > NOW_SELECTS:
            above.append(f"{kind} takes {of_select:.1f} selects, and at most {most_selects}")

    return "\n".join(lines), above


def main() -> None:
    """Measure, print a table, and fail where something is above its bound."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-api")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with running(chosen.work) as business:
        make_accounts(business)
        asked = asked_of(business, made_key(business, per_hour=100_000_000))
        rounds: list[Round] = []
        with service_and_echo(business) as servers:
            measured(business, servers, {kind: each[:200] for kind, each in asked.items()})
            for number in range(chosen.rounds):
                began = time.perf_counter()
                rounds.append(measured(business, servers, asked))
                sys.stderr.write(
                    f"round {number + 1} of {chosen.rounds}: {time.perf_counter() - began:.0f} s\n"
                    f"{table(rounds[-1:])[0]}\n"
                )
    told, above = table(rounds)
    sys.stdout.write(f"Medians of {len(rounds)} rounds:\n\n{told}\n")
    if above:
        sys.exit("\n".join(above))


if __name__ == "__main__":
    main()
