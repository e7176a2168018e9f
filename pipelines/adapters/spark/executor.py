"""
What runs in each Python process of Spark's workers: a checked model, and `Recipe.scores_of`.

Knows neither the warehouse nor MLflow: it is handed rows, and the bytes of the model's files.
Whatever it raises ends in the logs of driver and workers, so that it names no value of a row.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.adapters.models import directory as model_directory
from pipelines.adapters.spark.job import TIER_BEFORE, Job, ModelFiles, versions
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.scoring import Before
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import ArtefactDamaged, ChurnError, ConfigError

if TYPE_CHECKING:
    from pyspark import Broadcast

Loaded = tuple[ModelSpec, CrossFitted]

# Models this process has checked, by the checksum of their manifest: it does many parts of a job.
CHECKED: dict[str, Loaded] = {}

# Of what a task is told: the file it is to score.
PATH = "path"
BATCH_ROWS = 65_536

# What stands before an expected failure in the text of Spark's own exceptions, and after it.
MARK, END = "churn-refusal:", ":end-of-refusal"


def scored_files(
    batches: Iterable[pa.RecordBatch], *, job: str, models: "Broadcast[Any]"
) -> Iterator[pa.RecordBatch]:
    """
    Score files of rows, as `scored` does.

    Args:
        batches: The column PATH says where they are.
        job: As `Job.to_json` wrote it.
        models: Handed to every worker once, as `scored` takes it.
    """
    paths = (path for batch in batches for path in batch[PATH].to_pylist())

    yield from scored((rows for path in paths for rows in _rows_of(path)), job=job, models=models)


def scored(
    batches: Iterable[pa.RecordBatch], *, job: str, models: "Broadcast[Any]"
) -> Iterator[pa.RecordBatch]:
    """
    Score one part of a list.

    Args:
        batches: Rows as the job promises them. Not modified.
        job: As `Job.to_json` wrote it.
        models: Handed to every worker once: names and bytes of the models' files, by the
            checksum of their manifest.

    Raises:
        RuntimeError: With an expected failure between MARK and END, or where another one arose.
    """
    try:
        recipe_of = _recipe(Job.from_json(job), models)
        for batch in batches:
            recipe = recipe_of(batch)
            yield recipe.scores_of(batch)
    except ChurnError as error:
        raise RuntimeError(f"{MARK}{refusal(error)}{END}") from None
    except Exception as error:
        # Its message may hold values of customers.
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        raise RuntimeError(f"{type(error).__name__} at {where}") from None


def refusal(error: ChurnError) -> str:
    """Return an expected failure as JSON."""
    return json.dumps([type(error).__name__, error.message, error.next_step])


def _rows_of(path: str) -> Iterator[pa.RecordBatch]:
    """Stream one file."""
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(BATCH_ROWS)


def _recipe(job: Job, models: "Broadcast[Any]") -> Callable[[pa.RecordBatch], Recipe]:
    """Return what makes the recipe of a batch; its models are checked, and what reads them."""
    found = versions()
    if differing := {*job.versions.items()} ^ {*found.items()}:
        names = sorted({name for name, _ in differing})
        told = (f"{name} {found.get(name)} for {job.versions.get(name)}" for name in names)
        raise ConfigError(
            f"a worker has {', '.join(told)}, and would score otherwise",
            next_step="make spark on this machine and on every worker, from one checkout",
        )
    spec, predictors = _checked(job.model, models)
    before = None
    if job.before is not None:
        before = Before(job.before.version, *_checked(job.before, models))
    recipe = Recipe(
        ModelVersion(job.model.name, job.model.version, "", {}),
        spec,
        predictors,
        job.tiers,
        job.bounds,
        is_for_everyone=job.is_for_everyone,
        before=before,
    )
    if not job.is_held:
        return lambda _: recipe

    return lambda batch: replace(recipe, tiers_before=_tiers_before(batch))


def _tiers_before(batch: pa.RecordBatch) -> Callable[[pa.Array], dict[str, str]]:
    """Return who tells the tiers the list before has the customers of *batch* in."""
    customer_ids = batch["customer_id"].cast(pa.string())
    pairs = zip(customer_ids.to_pylist(), batch[TIER_BEFORE].to_pylist(), strict=True)
    known: dict[str, str] = {name: tier for name, tier in pairs if tier is not None}

    def told(asked: pa.Array) -> dict[str, str]:
        return {name: known[name] for name in asked.to_pylist() if name in known}

    return told


def _checked(model: ModelFiles, models: "Broadcast[Any]") -> Loaded:
    """Return a model whose every byte is what was registered, checked once a process."""
    if model.manifest_sha256 not in CHECKED:
        files: Mapping[str, bytes] = models.value[model.manifest_sha256]
        with tempfile.TemporaryDirectory(prefix="churn-model-") as made:
            folder = Path(made)
            for name, content in files.items():
                (folder / name).write_bytes(content)
            if faults := model_directory.faults(folder, model.manifest_sha256):
                raise ArtefactDamaged(
                    f"what reached a worker of {model.name} version {model.version} is not what "
                    f"was registered: {'; '.join(faults)}",
                    next_step=f"delete {model.folder}, which is a copy, and run again",
                )
            loaded = model_directory.load(folder)
            CHECKED[model.manifest_sha256] = loaded.spec, loaded.predictors

    return CHECKED[model.manifest_sha256]
