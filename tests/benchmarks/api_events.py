"""
How long the database takes for the features of now of a customer with a thousand raw events.

`python -m tests.benchmarks.api_events --help`. The log is the music service that tests make up,
brought as `churn new` and `churn import` bring one; the busy customer is one of its many.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import psycopg
from psycopg.rows import dict_row

from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.service import now
from pipelines.adapters.service.now_functions import WarehouseNowFunctions
from pipelines.adapters.service.warmth import Warmth
from pipelines.adapters.warehouse import connection_options
from tests import music_service
from tests.e2e.churn_home import fresh
from tests.faults.server import Server
from tests.integration import event_projects
from tests.integration.event_logs import Example, music

NIGHT: Final = date(2026, 6, 20)
BUSY: Final = "busy"
MOST_MS: Final = 100.0
POPULATION: Final = "music"
SESSIONS: Final = 5


def busy(events: int) -> pd.DataFrame:
    """Return a customer with so many events in the half year before the night."""
    random = np.random.default_rng(5)
    end = datetime(NIGHT.year, NIGHT.month, NIGHT.day, tzinfo=UTC)
    ago = np.sort(random.uniform(0.01, 180, events))[::-1]
    at = [end - timedelta(days=float(each)) for each in ago]

    return pd.DataFrame(
        {
            "customer_id": BUSY,
            "occurred_at": at,
            "loaded_at": at,
            "page": random.choice([*music_service.PAGES], events),
            "length": random.lognormal(5.4, 0.35, events).round(5),
            "session": [f"s{number // 12}" for number in range(events)],
        }
    )


def build(server: Server, example: Example, rows: pd.DataFrame, folder: Path) -> None:
    """Load the log, build the features of the night, and make what asks them of one customer."""
    warehouse, log = server.wired.warehouse, example.log
    owner = type(warehouse)(server.url)
    named = rows.rename(columns={"occurred_at": "ts", "session": "sessionId"})
    event_projects.load(owner, log, named, example.types)
    owner.rows("select churn.index_declared_table(:name, 'ts')", {"name": log.raw_table})
    owner.execute(f"grant select on raw.{log.raw_table} to churn_pipeline")
    server.execute("analyze")
    project = event_projects.write(folder / "my", [log])
    dbt = Dbt(project, owner.url, "analytics", folder)
    built = dbt.build(
        "+fct_music_features", {"as_ofs": [str(NIGHT)], "known_at": str(NIGHT + timedelta(days=1))}
    )
    table = "fct_music_features"
    owner.execute("grant select on all tables in schema analytics to churn_pipeline")
    WarehouseNowFunctions(owner, "analytics").renew(
        POPULATION, built.compiled[table], built.contracts[table], NIGHT
    )
    owner.engine.dispose()


async def milliseconds(url: str, calls: int, *, is_warm: bool) -> tuple[float, list[float], float]:
    """
    Return how long the first call of a session took, each of those after it, and the warming.

    Args:
        url: `postgresql://…` with the role of the service.
        calls: How many calls after the first.
        is_warm: Whether the session asks before of nobody, as those of the service do.
    """
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True, row_factory=dict_row)
    statement, nobody = now.of_nobody(POPULATION)
    found = []
    async with connection:
        began = time.perf_counter()
        if is_warm:
            await Warmth([POPULATION])(connection)
        warmed = (time.perf_counter() - began) * 1000
        for _ in range(calls + 1):
            asked = {**nobody, "customer": BUSY, "as_of": NIGHT, "is_alone": False}
            began = time.perf_counter()
            cursor = await connection.execute(statement, asked, prepare=True)
            assert len(await cursor.fetchall()) == 1
            found.append((time.perf_counter() - began) * 1000)

    return found[0], found[1:], warmed


def main() -> None:
    """Measure, print, and fail where it takes too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--others", type=int, default=300)
    parser.add_argument("--calls", type=int, default=50)
    chosen = parser.parse_args()
    example = music()
    others = music_service.events(chosen.others, seed=3)
    rows = pd.concat([others, busy(chosen.events)], ignore_index=True)
    with fresh() as churn_home, tempfile.TemporaryDirectory() as folder:
        server = Server(churn_home)
        build(server, example, rows, Path(folder))
        url = connection_options.configured(server.url, role="churn_service")
        cold, warm = (
            [
                asyncio.run(milliseconds(url, chosen.calls // SESSIONS, is_warm=is_warm))
                for _ in range(SESSIONS)
            ]
            for is_warm in (False, True)
        )
        server.wired.warehouse.engine.dispose()
    after = [each for _, calls, _ in (*cold, *warm) for each in calls]
    median, worst = statistics.median(after), max(after)
    first = statistics.median(told for told, _, _ in cold)
    asked_first = statistics.median(told for told, _, _ in warm)
    warming = statistics.median(told for _, _, told in warm)
    sys.stdout.write(
        f"a customer with {chosen.events:,} of {len(rows):,} events: {median:.1f} ms, median of "
        f"{len(after)} calls; {worst:.1f} ms at most; {first:.1f} ms the first of a session, "
        f"and of one that has asked about nobody {asked_first:.1f} ms, {asked_first / first:.2f} "
        f"of it; to ask that takes {warming:.1f} ms\n"
    )
    if median > MOST_MS:
        sys.exit(f"it takes {median:.0f} ms, and at most {MOST_MS:g}")


if __name__ == "__main__":
    main()
