"""Real servers for every test: one embedded PostgreSQL a session, one database a test."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipelines.adapters import migrations, postgres
from pipelines.adapters.warehouse import Warehouse
from pipelines.settings import ROOT

COUNTER = itertools.count(1)


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
