"""Small lists of scores, and staging them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import SCHEMA

POPULATION = "subscribers"
NIGHT, NEXT_NIGHT = date(2026, 3, 1), date(2026, 3, 2)


def batch(
    probabilities: Mapping[str, float], reason: str | None = None, stored: str | None = None
) -> pa.RecordBatch:
    """Return the scores of customers, in the order they are named."""
    rows = len(probabilities)

    return pa.RecordBatch.from_pydict(
        {
            "customer_id": [*probabilities],
            "churn_probability": [*probabilities.values()],
            "risk_tier": ["low"] * rows,
            "recommended_action": ["none"] * rows,
            "reason_1": [reason] * rows,
            "reason_2": [None] * rows,
            "reason_3": [None] * rows,
            "reasons": [stored] * rows,
        },
        schema=SCHEMA,
    )


def stage(
    scores: Scores,
    *batches: pa.RecordBatch,
    population: str = POPULATION,
    as_of: date = NIGHT,
    version: int = 1,
    **kept: Mapping[str, Any],
) -> ScoreRun:
    """Stage *batches* as a run of *population*, which keeps what else is said of it."""
    return scores.stage(
        population=population,
        as_of=as_of,
        model_name=f"churn-{population}",
        model_version=version,
        contract_fingerprint="abcdef012345",
        batches=batches,
        **kept,
    )


def stage_two(scores: Scores, probability: float, as_of: date = NIGHT) -> ScoreRun:
    """Stage a list in which two customers have one *probability*."""
    return stage(scores, batch({"C1": probability, "C2": probability}), as_of=as_of)


def status_of(scores: Scores, run: ScoreRun) -> tuple[str, str | None]:
    """Return status and reason that *run* has by now."""
    (found,) = [known for known in scores.runs(run.population) if known.run_id == run.run_id]

    return found.status, found.reason
