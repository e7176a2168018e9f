"""
What a list costs that a cluster of Spark scores, beside the same list scored here.

`make benchmark-spark`, or `python -m tests.benchmarks.spark 20000 100000`. The cluster is a master
and two workers of one core each on this machine: what it tells is what Spark costs beside its work,
and not how fast many machines are. Both ways are run in turns and have to give the same list. A
round is a line of a file; a benchmark that is stopped goes on where it was.
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
from typing import Any

import structlog

from pipelines.adapters.models.directory import MANIFEST, manifest_sha256
from pipelines.adapters.spark import driver_process
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
WORKERS = 2  # threads here, and workers of the cluster


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
        workers=WORKERS,
    )
    scores.publish(staged)

    return staged, time.monotonic() - started


def measure(made: MadeWarehouse, told: Path, *, rounds: int, is_local: bool) -> None:
    """Do the rounds that are missing in *told*: both ways in turns, which give one list."""
    there = "local[2]" if is_local else "cluster"
    done = len(runs(told, made.customers, there))
    if done >= rounds:
        return
    with ExitStack() as opened:
        opened.callback(made.stop)
        warehouse = made.started()
        opened.callback(warehouse.engine.dispose)
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="churn-spark-")))
        (folder / "cluster").mkdir()
        url = there
        if not is_local:
            url = opened.enter_context(cluster(folder / "home", folder / "cluster")).url
        files = model_files(made, warehouse, folder / "model")
        engine = SparkEngine(
            settings=Spark(master=url, executor_memory="512m"),
            home=folder / "home",
            logs=folder / "logs",
            python=driver_process.interpreter(ROOT),
            files_of=lambda _: files,
        )
        for number in range(done, rounds):
            sys.stderr.write(f"{made.customers:,}, {there}: round {number + 1} of {rounds}\n")
            (here, took_here), (list_there, took_there) = (
                scored(made, warehouse, how) for how in (None, engine)
            )
            assert here.scores_hash == list_there.scores_hash, (here, list_there)
            run = {"customers": made.customers, "by": there, "here": took_here, "there": took_there}
            with told.open("a", encoding="utf-8") as lines:
                lines.write(f"{json.dumps(run)}\n")


def runs(told: Path, customers: int, there: str) -> list[dict[str, Any]]:
    """Return the rounds of so many customers that were measured before."""
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    found = [json.loads(line) for line in lines]

    return [run for run in found if (run["customers"], run["by"]) == (customers, there)]


def line(told: Path, customers: int, there: str) -> str:
    """Return the medians of so many customers as a line of Markdown."""
    found = runs(told, customers, there)
    here, away = (statistics.median(run[way] for run in found) for way in ("here", "there"))

    return (
        f"| {customers:,} | {there} | {len(found)} | {here:.1f} | {away:.1f} | {away / here:.1f} |"
    )


def main() -> None:
    """Measure what is missing and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("customers", type=int, nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=ROOT / "var" / "benchmark-scoring")
    parser.add_argument("--local", action="store_true", help="two threads in place of a cluster")
    chosen = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    chosen.work.mkdir(parents=True, exist_ok=True)
    told, there = chosen.work / "spark.jsonl", "local[2]" if chosen.local else "cluster"
    lines = [
        "| customers | Spark | runs | here, s | by Spark, s | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for customers in chosen.customers:
        folder = chosen.work / f"{customers}x{FEATURES}x{DEPTH}"
        made = MadeWarehouse(folder, customers, features=FEATURES, depth=DEPTH)
        measure(made, told, rounds=chosen.runs, is_local=chosen.local)
        lines.append(line(told, customers, there))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
