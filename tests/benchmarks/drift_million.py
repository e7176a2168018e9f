"""A million customers with sixty features, judged in a process of their own: seconds and memory."""

import logging
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import structlog

from pipelines.adapters.drift.scipy_engine import ScipyEngine
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.steps.night.drift import drift
from pipelines.testing.drift import MemoryDrift
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import LinearPredictor, MemoryModel, MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.benchmarks.drift_nights import NAME, POPULATION, listed

CUSTOMERS = 1_000_000
FEATURES = 60
BATCH = 64_000
NIGHT = date(2026, 3, 1)
CONTRACT = FeatureContract(
    "fct_customer_features",
    tuple(Feature(f"number_{index}", "numeric", "Number") for index in range(FEATURES)),
)


@dataclass
class Streamed(MemoryFeatures):
    """A feature store that makes its customers as they are read, as a database streams them."""

    def batches_at_risk(
        self,
        population: str,
        as_of: date,
        contract: FeatureContract,
        *,
        is_ordered: bool = True,  # noqa: ARG002  it always is
    ) -> Iterator[pa.RecordBatch]:
        """Stream a million customers."""
        assert (population, as_of) == (POPULATION, NIGHT)
        for start in range(0, CUSTOMERS, BATCH):
            rows = min(BATCH, CUSTOMERS - start)
            ids = [f"C{number:07}" for number in range(start, start + rows)]
            numbers = made(start + 1, rows)
            yield pa.RecordBatch.from_pydict(
                {"customer_id": ids, **{name: numbers[name] for name in contract.names}}
            )


def made(seed: int, rows: int) -> dict[str, np.ndarray]:
    """Return numbers of which every third is mostly zero."""
    random = np.random.default_rng(seed)

    return {
        name: random.normal(size=rows)
        if index % 3
        else random.poisson(0.05, rows).astype(np.float64)
        for index, name in enumerate(CONTRACT.names)
    }


def main() -> None:
    """Judge one night and print what it took."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    learned = pa.table(made(0, 20_000))
    split = Split((NIGHT,), (NIGHT,), 1)
    unsampled = MemoryModel(
        spec=ModelSpec(POPULATION, "xgboost", NIGHT, CONTRACT, Calibrator.line(1.0, 0.0), split),
        predictor=LinearPredictor(np.random.default_rng(3).normal(0.0, 0.2, FEATURES), -2.0),
        importances=dict.fromkeys(CONTRACT.names, 1 / FEATURES),
        sample=learned,
    )
    says = pa.array(unsampled.probabilities(learned))
    model = replace(unsampled, sample=learned.append_column("churn_probability", says))
    scores, customers = MemoryScores(), Streamed(contracts={NIGHT: CONTRACT})
    ids = [f"C{number:07}" for number in range(CUSTOMERS)]
    probabilities = np.concatenate(
        [
            model.probabilities(batch)
            for batch in customers.batches_at_risk(POPULATION, NIGHT, CONTRACT)
        ]
    )
    scores.publish(
        scores.stage(
            population=POPULATION,
            as_of=NIGHT,
            model_name=NAME,
            model_version=1,
            contract_fingerprint=CONTRACT.fingerprint,
            batches=listed(
                pa.table({"customer_id": ids, "churn_probability": probabilities})
            ).to_batches(),
        )
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    report = drift(
        population=POPULATION,
        as_of=NIGHT,
        settings=DriftLimits(),
        features=customers,
        scores=scores,
        models=MemoryRegistry({NAME: [(ModelVersion(NAME, 1, "run", {}), model)]}),
        kept=lambda _population: None,
        engine=ScipyEngine(),
        store=MemoryDrift(),
    )
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(
        f"{CUSTOMERS:,} customers with {FEATURES} features: {report.verdict}, {seconds:.1f} s of "
        f"at most 30, {peak / 1e6:.2f} GB of at most 1.5 ({before / 1e6:.2f} before, the list "
        "and what made it)\n"
    )


if __name__ == "__main__":
    main()
