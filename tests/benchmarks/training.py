"""
What a training holds in memory: rows made up, encoded, searched, fitted and judged.

`make benchmark-training`, or `python -m tests.benchmarks.training --help`. Each size is a process
of its own, whose largest resident memory is told after every stage, with a digest of the model: a
mend that saves memory has to leave that as it was.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import by_time
from pipelines.domain.training.training_set import TrainingSet
from pipelines.settings import ROOT, load
from pipelines.steps.model.learn import learn
from tests.benchmarks.scoring_warehouse import LEVELS, contract

FEATURES, SNAPSHOTS, SEED = 60, 5, 7
BATCH_ROWS = 65_536
LABEL_DAYS = 30
FIRST = date(2026, 1, 1)
DAYS = tuple(FIRST + timedelta(days=LABEL_DAYS * number) for number in range(SNAPSHOTS))


def batches(rows: int, features: FeatureContract) -> Iterator[pa.RecordBatch]:
    """Yield made-up rows as the feature store does; no more than a batch is there at a time."""
    customers = rows // SNAPSHOTS
    for day, as_of in enumerate(DAYS):
        for begin in range(0, customers, BATCH_ROWS):
            size = min(BATCH_ROWS, customers - begin)
            rng = np.random.default_rng([SEED, day, begin])
            columns = [_column(each, rng, size) for each in features.features]
            odds = 0.8 * np.log1p(columns[0]) - 0.5 * np.log1p(columns[1]) - 2.2
            arrays = {
                "as_of": pa.array([as_of] * size, pa.date32()),
                "customer_id": pa.array([f"C{begin + number:08}" for number in range(size)]),
                "is_churned": pa.array(rng.random(size) < 1 / (1 + np.exp(-odds))),
            }
            for each, values in zip(features.features, columns, strict=True):
                is_level = each.kind == "categorical"
                arrays[each.name] = pa.array(np.array(LEVELS)[values] if is_level else values)
            yield pa.RecordBatch.from_pydict(arrays)


def _column(feature: Feature, rng: np.random.Generator, size: int) -> np.ndarray:
    """Return the values of one feature."""
    if feature.kind == "boolean":
        return rng.random(size) < 0.3
    if feature.kind == "categorical":
        return rng.integers(0, len(LEVELS), size)

    return np.floor(rng.exponential(3, size) * 100) / 100


def train(rows: int) -> None:
    """Train once, and tell what it took after each stage."""
    features = contract(FEATURES)
    settings = load({})
    training = settings.training.model_copy(update={"search_trials": 1, "families": ("xgboost",)})
    _tell("imports", rows)
    split = by_time(DAYS, label_days=LABEL_DAYS, seed=SEED)
    made = TrainingSet.of(batches(rows, features), features, split)
    _tell("rows encoded", rows, fingerprint=made.fingerprint)
    package = learn(
        made,
        trainer=Trainer(),
        training=training,
        tiers=settings.tiers,
        business=settings.business,
        population="subscribers",
        as_of=DAYS[-1],
        label_days=LABEL_DAYS,
        is_told_at_once=False,
    )
    weights = hashlib.sha256(package.fitted.weights).hexdigest()[:16]
    _tell("trained", rows, model=weights, auc=package.evaluation["auc"].value)


def _tell(stage: str, rows: int, **more: str | float) -> None:
    """Write a line of what was taken so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = {"rows": rows, "stage": stage, "peak_mb": round(peak), "cpu_s": time.process_time()}
    sys.stdout.write(f"{json.dumps({**line, **more})}\n")
    sys.stdout.flush()


def main() -> None:
    """Train on each number of rows, in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[200_000, 1_000_000, 5_000_000])
    parser.add_argument("--only", type=int, help="train here, on so many rows")
    chosen = parser.parse_args()
    if chosen.only:
        train(chosen.only)
        return
    for rows in chosen.rows:
        command = [sys.executable, "-m", "tests.benchmarks.training", "--only", str(rows)]
        subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
