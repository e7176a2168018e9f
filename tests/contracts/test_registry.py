"""MLflow and the registry in memory, held to the same contract."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.adapters.models.registry import Registry
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.package import ModelPackage
from pipelines.testing.contracts.models.customers import package_of
from pipelines.testing.contracts.models.registry import RegistryContract
from pipelines.testing.models import MemoryRegistry, MemoryTrainer
from tests import databases


class TestMemoryRegistry(RegistryContract[MemoryRegistry]):
    """The double."""

    @pytest.fixture(scope="class")
    @classmethod
    def package(cls) -> ModelPackage:
        """A line."""
        return package_of(MemoryTrainer(), population="subscribers")

    @pytest.fixture
    def registry(self) -> MemoryRegistry:
        """No version yet."""
        return MemoryRegistry()

    def damage(self, registry: MemoryRegistry, version: ModelVersion) -> None:
        """Say so."""
        registry.damaged.add((version.name, version.version))


class TestMlflow(RegistryContract[Registry]):
    """MLflow on a database, its artefacts in a folder."""

    @pytest.fixture(scope="class")
    @classmethod
    def package(cls) -> ModelPackage:
        """The family that is fitted fastest."""
        from pipelines.adapters.models.trainer import Trainer  # noqa: PLC0415  takes 1 s

        return package_of(Trainer(), population="subscribers")

    @pytest.fixture(scope="class")
    @classmethod
    def registry(
        cls, server_url: str, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Registry]:
        """One for all of them: MLflow takes seconds to make its tables."""
        home = tmp_path_factory.mktemp("registry")
        with databases.created(server_url, "contract_registry") as database:
            yield Registry(database.url, home / "artifacts", home / "models")

    def damage(self, registry: Registry, version: ModelVersion) -> None:
        """Change a number in the artefact; nothing of it is in the cache yet."""
        run = registry.client.get_run(version.run_id)
        artefacts = Path(run.info.artifact_uri.removeprefix("file://"))
        (stored,) = artefacts.rglob("coefficients.json")
        stored.write_text(stored.read_text("utf-8").replace("1", "2", 1), "utf-8")
        shutil.rmtree(registry.cache, ignore_errors=True)
