"""What scores lists elsewhere, held to one contract."""

import functools
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.domain.ports.scores import ScoringEngine
from pipelines.domain.scoring.recipe import Recipe
from pipelines.errors import ArtefactDamaged
from pipelines.sections import Spark
from pipelines.testing.contracts.models.customers import package_of
from pipelines.testing.contracts.scores.scoring_engine import ScoringEngineContract, recipe_of
from pipelines.testing.models import MemoryRegistry, MemoryTrainer
from pipelines.testing.scores import MemoryScoringEngine
from tests.spark import spark_python


class TestMemoryScoringEngine(ScoringEngineContract):
    """The double."""

    @pytest.fixture(scope="class")
    @classmethod
    def recipe(cls) -> Recipe:
        """A line."""
        registry = MemoryRegistry()
        package = package_of(MemoryTrainer(), population="subscribers")

        return recipe_of(registry.load(registry.register(package, params={})))

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> ScoringEngine:
        """In this process."""
        return MemoryScoringEngine()


@pytest.mark.server
@pytest.mark.story
class TestSparkEngine(ScoringEngineContract):
    """Two threads of Spark on this machine, with trees."""

    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Of the engine and its model."""
        return tmp_path_factory.mktemp("spark")

    @pytest.fixture(scope="class")
    @classmethod
    def recipe(cls, folder: Path) -> Recipe:
        """Boosted trees."""
        from pipelines.adapters.models import directory  # noqa: PLC0415  takes 1 s
        from pipelines.adapters.models.trainer import Trainer  # noqa: PLC0415

        package = package_of(Trainer(), population="subscribers", family="xgboost")
        directory.write(package, folder / "model")

        return recipe_of(directory.load(folder / "model"))

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, folder: Path, recipe: Recipe) -> ScoringEngine:
        """Starts the driver for every list; files of 100 rows make it several tasks."""
        from pipelines.adapters.models import directory  # noqa: PLC0415  takes 1 s
        from pipelines.adapters.spark.engine import SparkEngine  # noqa: PLC0415
        from pipelines.adapters.spark.job import ModelFiles  # noqa: PLC0415

        def files_of(version: int, *, model: Path) -> ModelFiles:
            manifest = directory.manifest_sha256(model)

            return ModelFiles(recipe.version.name, version, str(model), manifest)

        return SparkEngine(
            settings=Spark(master="local[2]", file_rows=100),
            home=folder / "home",
            logs=folder / "logs",
            python=spark_python(),
            files_of=functools.partial(files_of, model=folder / "model"),
        )

    def test_a_damaged_model_is_refused_by_the_workers(
        self, engine: ScoringEngine, recipe: Recipe, rows: list[pa.RecordBatch], folder: Path
    ) -> None:
        """One byte of it changed behind our back; what is left of it lies nowhere."""
        booster = folder / "model" / "booster.ubj"
        shutil.copy(booster, folder / "kept.ubj")
        booster.write_bytes(booster.read_bytes()[:-1] + b"?")
        try:
            with pytest.raises(ArtefactDamaged, match=r"booster\.ubj is not what was written"):
                next(engine.scored(iter(rows), recipe))
        finally:
            shutil.move(folder / "kept.ubj", booster)
