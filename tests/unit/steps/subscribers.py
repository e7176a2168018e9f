"""A population of a few hundred people, its settings, and models that score it."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.settings import ROOT, Settings
from pipelines.testing.models import LinearPredictor, MemoryModel
from pipelines.testing.scores import MemoryScores

POPULATION = "subscribers"
NIGHT = date(2026, 6, 30)
CONTRACT = FeatureContract(
    "fct_customer_features",
    (
        Feature("fee_eur", "numeric", "Fee", unit="EUR a month"),
        Feature("tickets_28d", "numeric", "Tickets, last 28 days", unit="tickets"),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True),
        Feature("is_autopay", "boolean", "Pays automatically"),
    ),
)
ID_PREFIX = "somebody"


def before(days: int) -> date:
    """Return the date that many days before the night."""
    return NIGHT - timedelta(days=days)


def configured(**tables: Mapping[str, Any]) -> Settings:
    """Return the settings of churn.toml, with keys of its tables or populations replaced."""
    data = tomllib.loads((ROOT / "churn.toml").read_text("utf-8"))
    for name, changes in tables.items():
        table = data["populations"] if name in data["populations"] else data
        table[name] = {**table[name], **changes}

    return Settings.model_validate({**data, "root": ROOT, "home": ROOT / "var"})


def customers(rows: int = 200, *, seed: int = 1, **columns: Sequence[object]) -> pa.Table:
    """
    Return customers, of whom those who pay more leave more often.

    Args:
        rows: How many.
        seed: The same gives the same.
        columns: Replace what would be made up.
    """
    random = np.random.default_rng(seed)
    fee = random.integers(10, 40, rows).astype(np.float64)
    made_up: dict[str, Any] = {
        "customer_id": [f"{ID_PREFIX}-{number:04d}" for number in range(rows)],
        "fee_eur": fee,
        "tickets_28d": random.integers(0, 5, rows),
        "plan": np.array(["basic", "pro"])[random.integers(0, 2, rows)],
        "is_autopay": random.random(rows) < 0.5,
        "is_churned": random.random(rows) < 1 / (1 + np.exp((25 - fee) / 3)),
    }

    return pa.table({**made_up, **columns})


def model(
    weights: Mapping[str, float],
    *,
    contract: FeatureContract = CONTRACT,
    split: Split | None = None,
    reference: pa.Table | None = None,
) -> MemoryModel:
    """
    Return a model that adds up weighted features around its average customer.

    Args:
        weights: By feature; of every other feature 0.
        contract: What it was trained on.
        split: Which rows it learned from; a year before the night without it.
        reference: What drift is measured against; nobody without it.
    """
    vector = np.array([weights.get(name, 0.0) for name in contract.names])
    calibrator = Calibrator.through(np.array([25.0 * vector[0]]), np.array([0.5]))
    long_ago = Split((before(420), before(390)), (before(360),), 1)

    return MemoryModel(
        spec=ModelSpec(POPULATION, "logistic", NIGHT, contract, calibrator, split or long_ago),
        predictor=LinearPredictor(vector),
        importances={name: float(name in weights) for name in contract.names},
        sample=pa.table({}) if reference is None else reference,
    )


def stage(
    scores: MemoryScores,
    probabilities: Sequence[float],
    *,
    as_of: date = NIGHT,
    version: int = 1,
    population: str = POPULATION,
    ids: Sequence[object] | pa.ChunkedArray | None = None,
) -> ScoreRun:
    """Stage a list of as many customers as there are probabilities."""
    rows = len(probabilities)
    named = [f"{ID_PREFIX}-{number:04d}" for number in range(rows)] if ids is None else ids
    columns: dict[str, Sequence[object]] = {
        name: [None] * rows for name in SCHEMA.names if name.startswith("reason")
    }
    table = pa.table(
        {
            "customer_id": named,
            "churn_probability": probabilities,
            "risk_tier": ["low"] * rows,
            "recommended_action": ["none"] * rows,
            **columns,
        },
        schema=SCHEMA,
    )

    return scores.stage(
        population=population,
        as_of=as_of,
        model_name=f"churn-{population}",
        model_version=version,
        contract_fingerprint=CONTRACT.fingerprint,
        batches=table.to_batches(),
    )
