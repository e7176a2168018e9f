"""A night is read, scored and written at the same time: one list, or none."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import psycopg
import pyarrow as pa
import pytest

from pipelines.adapters.models.families import logistic
from pipelines.adapters.tables.features import WarehouseFeatures
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import ContractMismatch, DatabaseUnavailable, Stopped
from pipelines.sections import Population
from pipelines.steps.night.score import score
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.models import MemoryModel, MemoryRegistry

POPULATION, NIGHT, CUSTOMERS = "made_up", date(2026, 3, 1), 4_000
TIERS = TierPolicy({"medium": 0.3, "high": 0.6}, {"low": "none", "medium": "mail", "high": "call"})
BUILT = "analytics.fct_made_up"
PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class House:
    """A warehouse with a night of features, and a model that scores them."""

    warehouse: Warehouse
    table: pa.Table
    model: MemoryModel

    def score(self, *, workers: int = 2, batch_bytes: int = 20_000) -> ScoreRun:
        """Score the night; 20 kB are some 300 customers."""
        version = ModelVersion(f"churn-{POPULATION}", 1, "run", {})
        models = MemoryRegistry({version.name: [(version, self.model)]})
        models.set_alias(version, "champion")
        reading = replace(self.warehouse, batch_bytes=batch_bytes)

        return score(
            population=POPULATION,
            as_of=NIGHT,
            features=store(reading),
            models=models,
            scores=WarehouseScores(self.warehouse),
            tiers=TIERS,
            locks=self.warehouse,
            outbox=MemoryOutbox(),
            workers=workers,
        )

    def spoil(self, column: str, expression: str) -> None:
        """Put a view in the place of the features whose row of customer c003000 is *expression*."""
        names = ", ".join(name for name in self.table.column_names if name != column)
        self.warehouse.execute(f"alter table {BUILT} rename to fct_sound")
        self.warehouse.execute(
            f"create view {BUILT} as select {names}, "
            f"case when customer_id = 'c003000' then {expression} else {column} end as {column} "
            "from analytics.fct_sound"
        )

    def statuses(self) -> list[tuple[str, int]]:
        """Return the status of each run and how many scores there are of it."""
        return [
            tuple(row)
            for row in self.warehouse.rows(
                "select status, (select count(*) from churn.scores as score "
                "where score.run_id = run.run_id) from churn.score_runs as run order by run_id"
            )
        ]


def store(warehouse: Warehouse) -> WarehouseFeatures:
    """Return the feature table."""
    population = Population(feature_model="fct_made_up", label_model="fct_left", sources=())

    return WarehouseFeatures(warehouse, "analytics", {POPULATION: population})


@pytest.fixture
def house(
    warehouse: Warehouse,
    made_up_contract: FeatureContract,
    made_up_customers: Callable[..., pa.Table],
) -> House:
    """Nobody is scored yet."""
    table = made_up_customers([NIGHT], rows=CUSTOMERS).combine_chunks()
    warehouse.execute(
        f"create table {BUILT} (as_of date, customer_id text, noise double precision, plan text, "
        "is_autopay boolean, idle_days double precision, tickets_28d bigint, "
        "fee_eur double precision, is_churned boolean)"
    )
    # Not in the order of the customers.
    mixed = table.take(np.random.default_rng(1).permutation(CUSTOMERS))
    warehouse.ingest("analytics", {"fct_made_up": mixed})
    store(warehouse).record_build(
        POPULATION, as_ofs=[NIGHT], contract=made_up_contract, known_at=NIGHT
    )
    matrix = encode(table, made_up_contract).matrix
    left = table["is_churned"].to_numpy(zero_copy_only=False)
    fitted = logistic.fit(
        matrix, left, parameters=logistic.DEFAULTS, contract=made_up_contract, seed=1
    )
    spec = ModelSpec(
        POPULATION,
        "logistic",
        NIGHT,
        made_up_contract,
        Calibrator.line(1.0, 0.0),
        Split((NIGHT,), (NIGHT,), 1),
        usual={"fee_eur": 20.0},
    )

    return House(warehouse, table, MemoryModel(spec, fitted.predictor, {}, table))


@pytest.fixture(autouse=True)
def no_thread_is_left() -> object:
    """Whatever a test does to it, reader and workers end with the night."""
    before = {*threading.enumerate()}
    yield
    for each in {*threading.enumerate()} - before:
        each.join(PATIENCE_SECONDS)
        assert not each.is_alive(), each.name


def test_the_list_does_not_depend_on_batches_or_workers(house: House) -> None:
    """It has one hash, which is that of everybody scored at once in the order of their ids."""
    predictors = house.model.predictors
    whole = score_batch(
        house.table.sort_by("customer_id").to_batches()[0],
        spec=house.model.spec,
        predictors=predictors,
        tiers=TIERS,
    )
    at_once = WarehouseScores(house.warehouse).stage(
        population=POPULATION,
        as_of=NIGHT,
        model_name="m",
        model_version=1,
        contract_fingerprint="f",
        batches=[whole],
    )
    cuts = [(5_000, 1), (20_000, 2), (20_000, 4), (10_000_000, 2)]
    runs = [house.score(workers=workers, batch_bytes=size) for size, workers in cuts]

    assert {(CUSTOMERS, at_once.scores_hash)} == {(run.rows, run.scores_hash) for run in runs}
    reading = store(replace(house.warehouse, batch_bytes=5_000))
    assert 20 < len([*reading.batches_at_risk(POPULATION, NIGHT, house.model.spec.contract)])


@pytest.mark.parametrize(
    ("column", "expression", "raised"),
    [
        ("fee_eur", "1 / (char_length(customer_id) - 7)", DatabaseUnavailable),
        ("fee_eur", "pg_terminate_backend(pg_backend_pid())::integer", DatabaseUnavailable),
        ("fee_eur", "null", ContractMismatch),
    ],
    ids=["its query fails", "its session ends", "a batch breaks its promise"],
)
def test_a_night_that_cannot_be_read_leaves_the_list_before(
    house: House, column: str, expression: str, raised: type[Exception]
) -> None:
    """Half way through, with scores of others on their way: not one of them is kept."""
    first = house.score()
    house.spoil(column, expression)
    with pytest.raises(raised):
        house.score()

    assert [("staged", CUSTOMERS), ("staging", 0)] == house.statuses()
    assert first == WarehouseScores(house.warehouse).staged(POPULATION, NIGHT)


def test_a_night_that_cannot_be_written_leaves_the_list_before(house: House) -> None:
    """The table refuses one row of a later batch; what is being read and scored is let go."""
    house.score()
    house.warehouse.execute(
        "alter table churn.scores add check (run_id = 1 or customer_id <> 'c003000')"
    )
    with pytest.raises(adbc.Error, match="check constraint"):
        house.score()

    assert [("staged", CUSTOMERS), ("staging", 0)] == house.statuses()


def test_a_night_is_stopped_though_its_reader_waits(house: House) -> None:
    """Somebody has locked the features: a signal ends the night all the same, without scores."""

    def stop(*_: object) -> None:
        raise Stopped

    usual = signal.signal(signal.SIGALRM, stop)
    with psycopg.connect(house.warehouse.url) as blocking:
        blocking.execute(f"lock table {BUILT} in access exclusive mode")
        signal.alarm(1)
        begun = time.monotonic()
        with pytest.raises(Stopped):
            house.score()
        signal.signal(signal.SIGALRM, usual)

    assert 0.9 < time.monotonic() - begun < 30
    assert [("staging", 0)] == house.statuses()


def test_no_run_is_taken_from_under_its_scores(house: House) -> None:
    """Neither by deleting it nor by emptying the table; one without scores may go."""
    house.score()
    run = house.score()
    with psycopg.connect(house.warehouse.url, autocommit=True) as owner:
        for statement in (
            f"delete from churn.score_runs where run_id = {run.run_id}",
            "truncate churn.score_runs cascade",
        ):
            with pytest.raises(
                (psycopg.errors.ForeignKeyViolation, psycopg.errors.InsufficientPrivilege)
            ):
                owner.execute(statement)
        owner.execute(f"delete from churn.scores where run_id = {run.run_id}")
        owner.execute(f"delete from churn.score_runs where run_id = {run.run_id}")

    assert [("rejected", CUSTOMERS)] == house.statuses()
