"""Spark as what scores a list: rows handed over as files, a driver of its own, and files back."""

import contextlib
import json
import time
import zipfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import structlog

from pipelines import errors
from pipelines.adapters import scratch
from pipelines.adapters.models import directory as model_directory
from pipelines.adapters.models.registry import Registry
from pipelines.adapters.spark import configuration, driver_process, exchange
from pipelines.adapters.spark.job import Job, ModelFiles
from pipelines.domain.scoring.recipe import Recipe
from pipelines.errors import ChurnError, ServiceFailed
from pipelines.sections import Spark

PACKAGE = Path(errors.__file__).parent
# What scoring imports of the package: no warehouse, no MLflow, no settings.
SHIPPED = ("domain", "adapters/models", "adapters/spark")
KIND = "list"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SparkEngine:
    """
    A cluster of Spark, or threads of this machine that do as if they were one.

    Attributes:
        settings: `[spark]` of churn.toml.
        home: Folder of what the installation keeps for Spark.
        logs: Folder of logs; the driver writes spark.log there.
        python: Interpreter of the driver's environment.
        files_of: Given the version of a model, it returns its checked files.
    """

    settings: Spark
    home: Path
    logs: Path
    python: Path
    files_of: Callable[[int], ModelFiles]

    def scored(
        self, batches: Iterable[pa.RecordBatch], recipe: Recipe
    ) -> Generator[pa.RecordBatch, None, None]:
        """
        Yield the scores of every row of *batches*, in any order; nobody's before everybody's.

        Raises:
            ConfigError: There is no Java.
            ServiceFailed: The cluster does not answer, did not do it in time, or gave back another
                number of scores.
            ArtefactDamaged: What reached the workers is not the registered model.
            ContractMismatch: The rows are not what the model takes.
        """
        driver_process.require_reachable(self.settings.master)
        shared = Path(self.settings.folder) if self.settings.folder else self.home
        with (
            scratch.folder(shared, KIND) as exchanged,
            scratch.folder(self.home, "driver") as own,
        ):
            rows, scores = exchanged / "rows", exchanged / "scores"
            exported = exchange.export(
                batches,
                rows,
                file_rows=self.settings.file_rows,
                tiers_before=recipe.tiers_before,
            )
            log.info("handed_to_spark", rows=exported.rows, files=exported.files)
            if not exported.rows:
                return
            job = Job.of(
                recipe,
                model=self.files_of(recipe.version.version),
                before=None if recipe.before is None else self.files_of(recipe.before.version),
                rows=str(rows),
                scores=str(scores),
                wait_seconds=self.settings.wait_seconds,
            )
            started = time.monotonic()
            self._run(job, exchanged, own)
            log.info("spark_scored", seconds=round(time.monotonic() - started, 1))
            yield from exchange.scores(scores, exported.rows)

    def _run(self, job: Job, exchanged: Path, own: Path) -> None:
        """Have Spark do *job*; raise what it refuses or fails with."""
        code = own / "pipelines.zip"
        _pack(code)
        conf = own / "conf"
        configuration.write(self.settings, configuration.cluster_file(self.home), folder=conf)
        asked, answer = own / "job.json", own / "answer.json"
        asked.write_text(job.to_json(), "utf-8")
        driver_process.run(
            self.python,
            [asked, answer, code],
            code=code,
            conf=conf,
            host=self.settings.driver_host,
            worker_python=self.settings.worker_python,
            log=self.logs / "spark.log",
            seconds=self.settings.job_seconds,
        )
        found = {}
        with contextlib.suppress(FileNotFoundError):
            found = json.loads(answer.read_text("utf-8"))
        if "refusal" in found:
            raise refusal(*found["refusal"])
        if "failure" in found or not (exchanged / "scores").is_dir():
            raise ServiceFailed(
                f"Spark at {self.settings.master} did not score the list: "
                f"{found.get('failure', 'its driver ended without an answer')}",
                next_step=f"read {self.logs / 'spark.log'}, and the logs of its workers; then run "
                "the command again, the list that is published stays meanwhile",
            )


def files_of(registry: Registry, population: str, version: int) -> ModelFiles:
    """
    Return the files of a registered model, every byte of which is what was registered.

    Args:
        registry: Knows it.
        population: Whom it scores.
        version: Its number.

    Raises:
        ArtefactDamaged: They are not.
    """
    found = registry.numbered(population, version)
    path = registry.load(found).path

    return ModelFiles(found.name, version, str(path), model_directory.manifest_sha256(path))


def _pack(path: Path) -> None:
    """Write what the driver and the workers import of ours as a zip."""
    files = [PACKAGE / "__init__.py", PACKAGE / "errors.py", PACKAGE / "adapters" / "__init__.py"]
    for room in SHIPPED:
        files += sorted((PACKAGE / room).rglob("*.py"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, file.relative_to(PACKAGE.parent))


def refusal(name: str, message: str, next_step: str) -> ChurnError:
    """Return an expected failure of a worker as it was raised there."""
    kinds = {kind.__name__: kind for kind in ChurnError.__subclasses__()}

    return kinds.get(name, ServiceFailed)(message, next_step=next_step)
