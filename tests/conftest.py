"""Real servers for every test: one embedded PostgreSQL a worker, one database a test."""

import gc
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
import structlog

from pipelines import settings
from pipelines.adapters.local import postgres
from pipelines.adapters.warehouse import migrations
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.settings import ROOT
from tests import databases, dbt_forks, few_trials, once
from tests.e2e import at_rest as at_rest_business
from tests.faults import told

COUNTER = itertools.count(1)
CONTRACTS = ROOT / "tests" / "contracts"
RUN = pytest.StashKey[Path]()
# A test with one of these fixtures needs a server; `make quick` leaves it out.
SERVERS = {"server_home", "server_url", "at_rest", "run_folder"}
# Begun first, so that no worker is left with one of them at the end; the others take seconds. Those
# of `make stories` and those of `make test`, as each is where it takes longer. Between the one that
# makes the business at rest and the others that copy it are some that need none.
LONGEST = (
    *("test_airflow", "test_spark", "test_real_data", "test_secrets_canary", "test_faults_models"),
    *("test_own_customers", "test_drift_chance", "test_import_real_data", "test_postgres"),
    *("test_gate_sources", "test_import_declared", "test_bad_input"),
    *("test_nights", "test_together", "test_times", "test_prune", "test_faults_records"),
    *("test_any_file", "test_erasure"),
    *("test_parsed_projects", "test_several_tables", "test_gate_history", "test_features_leaks"),
    *("test_forgotten_population", "test_features_by_hand", "test_train", "test_neighbour"),
    *("test_service", "test_registry", "test_roles", "test_any_population", "test_faults_sources"),
    *("test_event_features", "test_gate_features", "test_directory", "test_any_source"),
    *("test_import_declared_faults", "test_any_declared", "test_stopped", "test_server"),
)

# Collections of garbage are a tenth of what a gate costs in a process with all our libraries.
gc.set_threshold(100_000, 50, 50)


@pytest.fixture(autouse=True)
def _a_command_leaves_nothing() -> Iterator[None]:
    """
    Forget what a command run in this process has set for the whole of it.

    Where it logs to is closed by then, and under its name (PGAPPNAME) the sessions of later tests
    would be taken for those of a command that has not ended.
    """
    with mock.patch.dict(os.environ):
        yield
    structlog.reset_defaults()


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run; a worker takes part in the run of the process that started it."""
    worker = getattr(config, "workerinput", None)
    config.stash[RUN] = Path(worker["run"]) if worker else once.begin()
    dbt_forks.use()
    # Whoever runs the tests may have customers of their own beside the checkout.
    settings.PROJECT = config.stash[RUN] / "no-project"
    os.environ["CHURN_PROJECT"] = str(settings.PROJECT)
    os.environ["CHURN_CONFIG"] = str(few_trials.written(config.stash[RUN] / "churn.toml"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which run it takes part in."""
    node.workerinput["run"] = str(node.config.stash[RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run."""
    if not hasattr(config, "workerinput"):
        once.end(config.stash[RUN])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server or hold no double, and put the longest files first."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))
    for item in items:
        if SERVERS & {*getattr(item, "fixturenames", ())}:
            item.add_marker("server")
        is_double = item.cls is not None and item.cls.__name__.startswith("TestMemory")
        if item.path.is_relative_to(CONTRACTS) and not is_double:
            item.add_marker("adapter")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the faults told, whichever worker ran them."""
    told.summarise(terminalreporter)


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Path:
    """The folder that all workers of this run share."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def at_rest(run_folder: Path) -> Path:
    """State folder of a business with a champion and two published nights; nothing of it runs."""
    return once.made(run_folder, "at_rest", at_rest_business.made)


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """State folder of a PostgreSQL server of our own, which runs."""
    with tempfile.TemporaryDirectory(prefix="churn-test-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        postgres.start(home, is_durable=False)
        yield home
        postgres.stop(home)


@pytest.fixture(scope="session")
def server_url(server_home: Path) -> str:
    """URL of that server for its superuser, who may create databases; without one."""
    return postgres.superuser_url(server_home)


@pytest.fixture(scope="session")
def migrated(server_url: str) -> Iterator[str]:
    """Name of a database that is migrated and empty, to be copied."""
    with databases.created(server_url, "migrated") as warehouse:
        migrations.apply(warehouse, ROOT / "sql" / "migrations")
        warehouse.engine.dispose()
        yield "migrated"


@pytest.fixture
def warehouse(server_url: str, migrated: str) -> Iterator[Warehouse]:
    """A warehouse of this test's own: migrated and empty."""
    with databases.created(server_url, f"test_{next(COUNTER)}", template=migrated) as fresh:
        yield fresh


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
