"""Models from a directory and in memory, held to the same contract."""

import pytest

from pipelines.domain.ports.models import Model
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.package import ModelPackage
from pipelines.testing.contracts.models.customers import package_of
from pipelines.testing.contracts.models.model import ModelContract
from pipelines.testing.models import MemoryRegistry, MemoryTrainer


class TestMemoryModel(ModelContract):
    """The double."""

    @pytest.fixture(scope="class")
    @classmethod
    def package(cls) -> ModelPackage:
        """A line."""
        return package_of(MemoryTrainer(), population="subscribers")

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, package: ModelPackage) -> Model:
        """Registered and loaded."""
        registry = MemoryRegistry()

        return registry.load(registry.register(package, params={}))


class TestLoadedModel(ModelContract):
    """A directory of files, of every family."""

    @pytest.fixture(scope="class", params=FAMILIES)
    @classmethod
    def package(cls, request: pytest.FixtureRequest) -> ModelPackage:
        """Each family."""
        from pipelines.adapters.models.trainer import Trainer  # noqa: PLC0415  takes 1 s

        return package_of(Trainer(), population="subscribers", family=request.param)

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, package: ModelPackage, tmp_path_factory: pytest.TempPathFactory) -> Model:
        """Written and read."""
        from pipelines.adapters.models import directory  # noqa: PLC0415  takes 1 s

        folder = tmp_path_factory.mktemp("model")
        directory.write(package, folder)

        return directory.load(folder)
