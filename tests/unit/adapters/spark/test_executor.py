"""What a worker does with a job: a checked model, or a refusal that names no value."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines import errors
from pipelines.adapters.models import directory
from pipelines.adapters.models.trainer import Trainer
from pipelines.adapters.spark import engine, executor
from pipelines.adapters.spark.job import TIER_BEFORE, Job, ModelFiles
from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import Size
from pipelines.errors import ArtefactDamaged, ChurnError, ConfigError, ServiceFailed
from pipelines.testing.contracts.models.customers import CONTRACT, customers, package_of
from pipelines.testing.contracts.scores.scoring_engine import TIERS, recipe_of


@dataclass(frozen=True)
class Broadcast:
    """What was handed to a worker."""

    value: dict[str, dict[str, bytes]]


@dataclass(frozen=True)
class Handed:
    """A job and its model, as they reach a worker."""

    recipe: Recipe
    job: Job
    files: dict[str, bytes]

    def scored(self, *batches: pa.RecordBatch, **changed: bytes) -> list[pa.RecordBatch]:
        """Score rows; files of the model may have been changed on their way."""
        files = {**self.files, **{f"{name}.json": text for name, text in changed.items()}}
        models = Broadcast({self.job.model.manifest_sha256: files})

        return [*executor.scored(batches, job=self.job.to_json(), models=models)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    """A logistic regression that was the model of the list before as well."""
    folder = tmp_path_factory.mktemp("model")
    directory.write(package_of(Trainer(), population="subscribers"), folder)
    recipe = recipe_of(directory.load(folder))
    model = ModelFiles(recipe.version.name, 2, str(folder), directory.manifest_sha256(folder))
    job = Job.of(
        recipe, model=model, before=replace(model, version=1), rows="r", scores="s", wait_seconds=1
    )

    return Handed(recipe, job, {path.name: path.read_bytes() for path in folder.iterdir()})


@pytest.fixture(autouse=True)
def _nothing_is_checked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is a process of its own."""
    monkeypatch.setattr(executor, "CHECKED", {})


def rows(number: int = 50) -> pa.RecordBatch:
    """Return customers, of whom those with an even number were in the highest tier."""
    table = customers(number).select(["customer_id", *CONTRACT.names])
    was = ["high" if int(name[1:]) % 2 == 0 else None for name in table["customer_id"].to_pylist()]

    return table.append_column(TIER_BEFORE, pa.array(was)).combine_chunks().to_batches()[0]


def test_a_worker_says_what_the_recipe_says(made: Handed, tmp_path: Path) -> None:
    """In every bit, who is held in a tier too; of the model's files nothing is left."""
    expected = made.recipe.scores_of(rows())
    assert expected != replace(made.recipe, tiers_before=None).scores_of(rows())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(tmp_path))
        assert [expected] == made.scored(rows())
    assert [] == [*tmp_path.iterdir()]


def test_a_job_is_the_same_after_its_way(made: Handed) -> None:
    """Tiers keep their order, and sized ones their sizes."""
    tiers = replace(
        TIERS, thresholds={"medium": 0.3}, sizes={"high": Size(percent=5.0)}, hold_log_odds=0.0
    )
    job = replace(made.job, before=None, tiers=tiers, bounds=TierBounds.of(tiers))

    assert made.job == Job.from_json(made.job.to_json())
    assert job == Job.from_json(job.to_json())
    assert tiers.names == Job.from_json(job.to_json()).tiers.names


def told(made: Handed, *batches: pa.RecordBatch, **changed: bytes) -> str:
    """Return what a worker's failure says."""
    with pytest.raises(RuntimeError) as caught:
        made.scored(*batches, **changed)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__

    return str(caught.value)


def refused(text: str) -> ChurnError:
    """Return the refusal in what Spark says of a worker."""
    assert text.startswith(executor.MARK)
    name, message, next_step = json.loads(
        text.removeprefix(executor.MARK).removesuffix(executor.END)
    )

    return engine.refusal(name, message, next_step)


@pytest.mark.parametrize("name", ["spec", "golden", "importances"])
def test_a_model_that_was_changed_on_its_way_scores_nobody(made: Handed, name: str) -> None:
    """Whichever of its files it is."""
    error = refused(told(made, rows(), **{name: b"{}"}))

    assert isinstance(error, ArtefactDamaged)
    assert f"{name}.json is not what was written" in error.message
    assert "churn-subscribers version 2" in error.message


def test_a_worker_of_other_versions_scores_nobody(made: Handed) -> None:
    """What they are there and here; a library more is another version too."""
    versions = {**made.job.versions, "numpy": "1.0", "xgboost": "9"}
    error = refused(told(replace(made, job=replace(made.job, versions=versions)), rows()))

    assert isinstance(error, ConfigError)
    assert f"numpy {made.job.versions['numpy']} for 1.0" in error.message
    assert "xgboost None for 9" in error.message
    assert "pyarrow" not in error.message


def test_a_worker_that_fails_otherwise_names_no_customer(made: Handed) -> None:
    """Where it failed, and not over whom."""
    broken = pa.RecordBatch.from_pydict({"customer_id": ["Karla"], TIER_BEFORE: [{"a": 1}]})
    text = told(replace(made, job=replace(made.job, is_held=True)), broken.select([0]))

    assert "KeyError at " in text
    assert "Karla" not in text


@pytest.mark.parametrize("kind", ChurnError.__subclasses__())
def test_a_refusal_arrives_as_it_was_raised(kind: type[ChurnError]) -> None:
    """Every kind there is."""
    found = refused(f"{executor.MARK}{executor.refusal(kind('m', next_step='n'))}{executor.END}")

    assert (kind, "m", "n") == (type(found), found.message, found.next_step)


def test_a_refusal_nobody_knows_is_a_service_that_failed() -> None:
    """Of another version of the package, say."""
    assert isinstance(engine.refusal("Nonsense", "m", "n"), ServiceFailed)
    assert ConfigError in vars(errors).values()
