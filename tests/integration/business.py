"""A small business with two published nights, made once and copied for every test."""

import zlib
from datetime import date
from pathlib import Path

import pyarrow as pa

from pipelines import settings
from pipelines.adapters.tables.raw import WarehouseRawTables
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.steps.data.load_demo import load_demo
from pipelines.wiring import data, night
from pipelines.wiring.installation import Installation

NIGHTS = [date(2026, 9, 30), date(2026, 10, 1)]
POPULATION = "subscribers"


def installation_of(warehouse: Warehouse, home: Path, **environ: str) -> Installation:
    """Return an installation on *warehouse*."""
    environ |= {"CHURN_HOME": str(home), "CHURN_DATABASE_URL": warehouse.url}

    return Installation(settings.load(environ))


def stage(installation: Installation, as_of: date, population: str = POPULATION) -> ScoreRun:
    """Stage a list of everybody the features know; the same customer has the same score."""
    contract = installation.features.contract(population, as_of)
    ids = [
        name for b in installation.features.batches(as_of, contract) for name in b[0].to_pylist()
    ]
    nothing = pa.nulls(len(ids), pa.string())
    batch = pa.RecordBatch.from_pydict(
        {
            "customer_id": ids,
            "churn_probability": [0.01 + 0.2 * zlib.crc32(name.encode()) / 2**32 for name in ids],
            "risk_tier": ["low"] * len(ids),
            "recommended_action": ["none"] * len(ids),
            **{f"reason_{number}": nothing for number in (1, 2, 3)},
            "reasons": nothing,
        }
    )

    return installation.scores.stage(
        population=population,
        as_of=as_of,
        model_name=f"churn-{population}",
        model_version=1,
        contract_fingerprint=contract.fingerprint,
        batches=[batch],
    )


def make(warehouse: Warehouse, home: Path) -> None:
    """Fill a migrated database: 300 customers, features of two nights, their lists published."""
    load_demo(
        customers=300,
        months=6,
        seed=7,
        until=NIGHTS[-1],
        raw=WarehouseRawTables(warehouse),
        locks=warehouse,
    )
    installation = installation_of(warehouse, home)
    data.build_features(installation, POPULATION, NIGHTS, NIGHTS[-1])
    for as_of in NIGHTS:
        stage(installation, as_of)
        night.gate(installation, "scores", POPULATION, as_of)
        night.publish(installation, POPULATION, as_of)
    for used in (installation.warehouse, warehouse):
        used.engine.dispose()  # a database somebody is connected to is no template
