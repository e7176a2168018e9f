"""
What a list costs that a cluster of Spark scores, beside the same list scored by one process here.

`make benchmark-spark`, or `python -m tests.benchmarks.spark 20000 100000`. The cluster is a master
and two workers of one core each on this machine: what it tells is what Spark costs beside its work,
and not how fast many machines are. Both ways are run in turns and have to give the same list.
"""

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import structlog

from pipelines.adapters.models.directory import MANIFEST, manifest_sha256
from pipelines.adapters.spark.engine import SparkEngine
from pipelines.adapters.spark.job import ModelFiles
from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.ports.models import Model
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.sections import Spark
from pipelines.settings import ROOT, load
from pipelines.steps.night.score import score
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.locks import MemoryLocks
from tests.benchmarks.scoring_warehouse import BOOSTER, NIGHT, POPULATION, MadeWarehouse
from tests.spark import cluster

GOLDEN_ROWS = 20
FEATURES, DEPTH = 70, 4


def model_files(made: MadeWarehouse, warehouse: Warehouse, folder: Path) -> ModelFiles:
    """Write the champion as a model directory; return what Spark is told of it."""
    registry = made.registry()
    version = registry.champion(POPULATION)
    assert version is not None
    folder.mkdir()
    (folder / BOOSTER).write_bytes((made.folder / BOOSTER).read_bytes())
    contents = {
        "spec": registry.load(version).spec.to_dict(),
        "golden": _golden(made, warehouse, registry.load(version)),
        **{name: {} for name in ("importances", "training", "evaluation")},
    }
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    ]
    (folder / MANIFEST).write_text("".join(lines), "ascii")

    return ModelFiles(version.name, version.version, str(folder), manifest_sha256(folder))


def _golden(made: MadeWarehouse, warehouse: Warehouse, model: Model) -> dict[str, object]:
    """Return some customers without their ids, and their scores."""
    first = next(made.store(warehouse).batches(NIGHT, made.contract)).slice(0, GOLDEN_ROWS)
    rows = first.select(list(made.contract.names))

    return {
        "rows": rows.to_pylist(),
        "churn_probability": model.probabilities(rows).tolist(),
    }


def scored(
    made: MadeWarehouse, warehouse: Warehouse, engine: SparkEngine | None
) -> tuple[ScoreRun, float]:
    """Score, stage and publish a list; return its run, and how many seconds that took."""
    scores, started = WarehouseScores(warehouse), time.monotonic()
    staged = score(
        population=POPULATION,
        as_of=NIGHT,
        features=made.store(warehouse),
        models=made.registry(),
        scores=scores,
        tiers=load({}).tiers,
        locks=MemoryLocks(),
        outbox=MemoryOutbox(),
        engine=engine,
    )
    scores.publish(staged)

    return staged, time.monotonic() - started


def measured(customers: int, work: Path, runs: int) -> str:
    """Return a line of the table for so many customers."""
    made = MadeWarehouse(
        work / f"{customers}x{FEATURES}x{DEPTH}", customers, features=FEATURES, depth=DEPTH
    )
    seconds: dict[str, list[float]] = {"here": [], "spark": []}
    with ExitStack() as opened:
        opened.callback(made.stop)
        warehouse = made.started()
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="churn-spark-")))
        (folder / "cluster").mkdir()
        running = opened.enter_context(cluster(folder / "home", folder / "cluster"))
        files = model_files(made, warehouse, folder / "model")
        engine = SparkEngine(
            settings=Spark(master=running.url, executor_memory="512m"),
            home=folder / "home",
            logs=folder / "logs",
            python=running.python,
            files_of=lambda _: files,
        )
        for number in range(runs):
            hashes = {}
            for way, how in (("here", None), ("spark", engine)):
                sys.stderr.write(f"{customers:,}: round {number + 1} of {runs}: {way}\n")
                run, took = scored(made, warehouse, how)
                seconds[way].append(took)
                hashes[way] = run.scores_hash
            assert hashes["here"] == hashes["spark"], hashes
        warehouse.engine.dispose()
    here, spark = (statistics.median(seconds[way]) for way in ("here", "spark"))

    return f"| {customers:,} | {runs} | {here:.1f} | {spark:.1f} | {spark / here:.2f} |"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("customers", type=int, nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-scoring")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    lines = [measured(each, chosen.work, chosen.runs) for each in chosen.customers]
    head = "| customers | runs | here, s | Spark, s | ratio |\n|---|---|---|---|---|\n"
    sys.stdout.write(head + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
