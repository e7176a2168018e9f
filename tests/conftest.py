"""Real servers for every test: one embedded PostgreSQL a session, one database a test."""

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pytest
import structlog

from pipelines.adapters.local import postgres
from pipelines.adapters.warehouse import migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.settings import ROOT

COUNTER = itertools.count(1)


@pytest.fixture(autouse=True)
def _logs_stay_with_their_test() -> Iterator[None]:
    """Forget where a command run in this process has logged to: that file is closed by then."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """URL of a PostgreSQL server of our own, without a database."""
    with tempfile.TemporaryDirectory(prefix="churn-test-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        yield postgres.start(home)
        postgres.stop(home)


@pytest.fixture
def warehouse(server_url: str) -> Iterator[Warehouse]:
    """A warehouse of this test's own: migrated and empty."""
    name = f"test_{next(COUNTER)}"
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")  # type: ignore[arg-type]
        fresh = Warehouse(f"{server_url}/{name}")
        migrations.apply(fresh, ROOT / "sql" / "migrations")
        yield fresh
        fresh.engine.dispose()
        connection.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def made_up_contract() -> FeatureContract:
    """Six features of every kind, for models on customers made up in memory."""
    return FeatureContract(
        "fct_made_up",
        (
            Feature("fee_eur", "numeric", "Fee", unit="EUR a month"),
            Feature("tickets_28d", "numeric", "Tickets, last 28 days", unit="tickets"),
            Feature("idle_days", "numeric", "Time since last use", unit="days", nullable=True),
            Feature("is_autopay", "boolean", "Pays automatically"),
            Feature("plan", "categorical", "Plan", levels=("basic", "plus", "pro"), nullable=True),
            Feature("noise", "numeric", "Noise", nullable=True),
        ),
    )


@pytest.fixture(scope="session")
def made_up_customers() -> Callable[..., pa.Table]:
    """Labelled customers whose churn the features explain; few distinct values, some NULL."""

    def make(as_ofs: Sequence[date], rows: int = 2000, seed: int = 1) -> pa.Table:
        tables = []
        for as_of in as_ofs:
            random = np.random.default_rng([seed, as_of.toordinal()])
            fee = random.integers(50, 400, rows) / 10
            tickets = random.poisson(1.0, rows)
            idle = random.integers(0, 60, rows).astype(float)
            plan = random.integers(0, 3, rows)
            autopay = random.random(rows) < 0.6
            odds = 0.08 * (fee - 22) + 0.7 * tickets + 0.05 * (idle - 30) * (plan != 2) - autopay
            tables.append(
                pa.table(
                    {
                        "as_of": pa.repeat(pa.scalar(as_of, pa.date32()), rows),
                        "customer_id": [f"c{number:06d}" for number in range(rows)],
                        "noise": pa.array(random.normal(size=rows), mask=random.random(rows) < 0.2),
                        "plan": pa.array(
                            np.array(["basic", "plus", "pro"])[plan], mask=random.random(rows) < 0.1
                        ),
                        "is_autopay": autopay,
                        "idle_days": pa.array(idle, mask=random.random(rows) < 0.1),
                        "tickets_28d": tickets,
                        "fee_eur": fee,
                        "is_churned": random.random(rows) < 1 / (1 + np.exp(1.2 - odds)),
                    }
                )
            )
        return pa.concat_tables(tables)

    return make
