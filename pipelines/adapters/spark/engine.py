"""Spark as what scores a list: rows handed over as files, a driver of its own, and files back."""

import json
import time
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import structlog

from pipelines import errors
from pipelines.adapters import scratch
from pipelines.adapters.models import directory as model_directory
from pipelines.adapters.models.registry import Registry
from pipelines.adapters.spark import configuration, driver_process, exchange
from pipelines.adapters.spark.job import Job, ModelFiles
from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.errors import ChurnError, ServiceFailed
from pipelines.sections import Spark

PACKAGE = Path(errors.__file__).parent
# What scoring imports of the package: no warehouse, no MLflow, no settings.
SHIPPED = ("domain", "adapters/libraries", "adapters/models", "adapters/spark")
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
        Return the scores of every row of *batches*, in any order, once everybody has one.

        Whoever takes them closes what is returned: rows and scores lie on a disk until then.

        Raises:
            ConfigError: A worker has other versions of what scores, or the folder for the exchange
                is not ours alone.
            ServiceFailed: The cluster does not answer, did not do it in time, or gave back another
                number of scores.
            ArtefactDamaged: What reached the workers is not the registered model.
            ContractMismatch: The rows are not what the model takes.
        """
        driver_process.require_reachable(self.settings.master)
        shared = Path(self.settings.folder) if self.settings.folder else self.home
        exchange.require_ours(shared)
        with ExitStack() as opened:
            exchanged = opened.enter_context(scratch.folder(shared, KIND))
            rows, scores = exchanged / "rows", exchanged / "scores"
            exported = exchange.export(
                batches,
                rows,
                file_rows=self.settings.file_rows,
                tiers_before=recipe.tiers_before,
            )
            log.info("handed_to_spark", rows=exported.rows, files=exported.files)
            found: Iterator[pa.RecordBatch] = iter(())
            if exported.rows:
                job = Job.of(
                    recipe,
                    model=self.files_of(recipe.version.version),
                    before=None if recipe.before is None else self.files_of(recipe.before.version),
                    rows=str(rows),
                    scores=str(scores),
                    wait_seconds=self.settings.wait_seconds,
                )
                started = time.monotonic()
                self._run(job)
                log.info("spark_scored", seconds=round(time.monotonic() - started, 1))
                found = exchange.scores(scores, exported.rows)
            given = _given(found, opened.pop_all())
            next(given)  # from here on it closes what is open, used or not

        return given

    def _run(self, job: Job) -> None:
        """Have Spark do *job*; raise what it refuses or fails with."""
        with scratch.folder(self.home, "driver") as own:
            found = self._answer(job, own)
        if "refusal" in found:
            raise refusal(*found["refusal"])
        if "failure" in found:
            raise ServiceFailed(
                f"Spark at {self.settings.master} did not score the list: {found['failure']}",
                next_step=f"read {self.logs / 'spark.log'}, and the logs of its workers; then run "
                "the command again, the list that is published stays meanwhile",
            )

    def _answer(self, job: Job, own: Path) -> dict[str, Any]:
        """Return what the driver says of *job*, having run it in the folder *own*."""
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
        if not answer.is_file():
            return {"failure": "its driver ended without an answer"}
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))

        return found


def _given(
    batches: Iterator[pa.RecordBatch], opened: ExitStack
) -> Generator[pa.RecordBatch, None, None]:
    """Yield nobody, and then *batches*; afterwards close what was *opened* for them."""
    with opened:
        yield pa.RecordBatch.from_pylist([], schema=SCHEMA)
        yield from batches


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
