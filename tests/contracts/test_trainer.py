"""The model families and the trainer in memory, held to the same contract."""

import pytest

from pipelines.domain.ports.models import Trainer
from pipelines.testing.contracts.models.trainer import TrainerContract
from pipelines.testing.models import MemoryTrainer


class TestMemoryTrainer(TrainerContract):
    """The double."""

    @pytest.fixture
    def trainer(self) -> Trainer:
        """Fits a line."""
        return MemoryTrainer()


class TestTrainer(TrainerContract):
    """scikit-learn and XGBoost."""

    @pytest.fixture
    def trainer(self) -> Trainer:
        """Fits each family."""
        from pipelines.adapters.models import trainer  # noqa: PLC0415  takes 1 s

        return trainer.Trainer()
