"""What scores lists elsewhere, held to one contract."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.adapters.models import directory
from pipelines.adapters.models.trainer import Trainer
from pipelines.adapters.spark.engine import SparkEngine
from pipelines.adapters.spark.job import ModelFiles
from pipelines.domain.ports.scores import ScoringEngine
from pipelines.domain.scoring.recipe import Recipe
from pipelines.errors import ArtefactDamaged, ServiceFailed
from pipelines.sections import Spark
from pipelines.settings import ROOT
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


def engine_in(folder: Path, python: Path) -> SparkEngine:
    """Return an engine whose models are in *folder*; files of 100 rows make several tasks."""
    model = folder / "model"

    def files_of(version: int) -> ModelFiles:
        manifest = directory.manifest_sha256(model)

        return ModelFiles("churn-subscribers", version, str(model), manifest)

    return SparkEngine(
        settings=Spark(master="local[2]", file_rows=100),
        home=folder / "home",
        logs=folder / "logs",
        python=python,
        files_of=files_of,
    )


class TestSparkEngineWithoutSpark(ScoringEngineContract):
    """All of the engine but Spark, whose place something takes that does its work."""

    @pytest.fixture(scope="class")
    @classmethod
    def folder(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Of the engine and its model; its name is no pattern, whoever reads it."""
        folder = tmp_path_factory.mktemp("spark") / "ho me [x]{y}ü"
        folder.mkdir()

        return folder

    @pytest.fixture(scope="class")
    @classmethod
    def recipe(cls, folder: Path) -> Recipe:
        """Boosted trees."""
        package = package_of(Trainer(), population="subscribers", family="xgboost")
        directory.write(package, folder / "model")

        return recipe_of(directory.load(folder / "model"))

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, folder: Path) -> SparkEngine:
        """Starts a process for every list."""
        python = folder / "python"
        stand_in = ROOT / "tests" / "spark_stand_in.py"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P "{stand_in}" "$@"\n')
        python.chmod(0o755)

        return engine_in(folder, python)

    def test_a_damaged_model_is_refused_by_the_workers(
        self, engine: ScoringEngine, recipe: Recipe, rows: list[pa.RecordBatch], folder: Path
    ) -> None:
        """One byte of it changed behind our back; of rows and scores nothing is left."""
        booster = folder / "model" / "booster.ubj"
        shutil.copy(booster, folder / "kept.ubj")
        booster.write_bytes(booster.read_bytes()[:-1] + b"?")
        try:
            with pytest.raises(ArtefactDamaged, match=r"booster\.ubj is not what was written"):
                next(engine.scored(iter(rows), recipe))
        finally:
            shutil.move(folder / "kept.ubj", booster)
        kept = {"cluster.conf", "cluster.conf.lock", ".list.lock", ".driver.lock"}
        assert kept == {path.name for path in (folder / "home").iterdir()}

    def test_scores_nobody_took_are_gone_once_closed(
        self, engine: SparkEngine, recipe: Recipe, rows: list[pa.RecordBatch]
    ) -> None:
        """Rows and scores of customers lie nowhere, be it that nobody began to read them."""
        scored = engine.scored(iter(rows), recipe)
        assert [*engine.home.glob(".list-*/scores/part-*")]
        scored.close()
        assert [] == [*engine.home.glob(".list-*")]

    @pytest.mark.parametrize(
        ("does", "told"),
        [
            ("exit 1", "ended without an answer"),
            ('echo \'{"failure": "PARQUET"}\' > "$4"', "did not score the list: PARQUET"),
            ("echo '{}' > \"$4\"", "gave back 0 scores of 600 customers"),
        ],
    )
    def test_a_driver_that_fails_is_told(
        self,
        engine: SparkEngine,
        recipe: Recipe,
        rows: list[pa.RecordBatch],
        *,
        tmp_path: Path,
        does: str,
        told: str,
    ) -> None:
        """Whatever it says, or says nothing of, or says without having done it."""
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{does}\n")
        python.chmod(0o755)

        with pytest.raises(ServiceFailed, match=told):
            replace(engine, python=python).scored(iter(rows), recipe)
        assert [] == [*engine.home.glob(".list-*")]


@pytest.mark.server
@pytest.mark.story
class TestSparkEngine(TestSparkEngineWithoutSpark):
    """Two threads of Spark on this machine, with trees."""

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, folder: Path) -> SparkEngine:
        """Starts the driver for every list."""
        return engine_in(folder, spark_python())
