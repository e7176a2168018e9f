"""A night in memory, beside the training its model learned from."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.drift.report import DriftReport
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import ChurnError
from pipelines.steps.night.drift import drift
from pipelines.testing.drift import MemoryDrift, MemoryEngine
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryModel, MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.listed_model import ListedModel
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import (
    CONTRACT,
    NIGHT,
    POPULATION,
    configured,
    customers,
    model,
    stage,
)

ROWS = 400
DRIFTED = (0.5, 1e-9)
PROBABILITIES = np.linspace(0.1, 0.9, ROWS)


def reference(**columns: Any) -> pa.Table:
    """Return customers as the model met them at training, with their probabilities."""
    table = customers(ROWS, **columns).drop_columns(["customer_id", "is_churned"])

    return table.append_column("churn_probability", pa.array(PROBABILITIES))


@dataclass
class ListedModels(MemoryRegistry):
    """
    Models that say what the list of the night says.

    Attributes:
        scores: Where it is published.
    """

    scores: MemoryScores = field(default_factory=MemoryScores)

    def load(self, version: ModelVersion) -> MemoryModel:
        """Return the model as if it had made the list."""
        published = self.scores.probabilities(POPULATION, NIGHT)

        return ListedModel.of(super().load(version), published)


class JudgedNight:
    """A night whose features and scores are those of the training."""

    def __init__(self) -> None:
        self.features, self.scores, self.models = MemoryFeatures(), MemoryScores(), MemoryRegistry()
        self.features.add(NIGHT, customers(ROWS), CONTRACT)
        self.models.add(model({"fee_eur": 0.3}, reference=reference()))
        self.scores.publish(stage(self.scores, PROBABILITIES.tolist()))
        self.kept: ModelVersion | None = None
        self.is_list_told_by_model = True
        self.engine, self.store, self.journal = MemoryEngine(), MemoryDrift(), Journal()
        # At once, so that a test needs one night; those of persistence set their own.
        self.settings = configured(
            drift={"sample_rows": 1000, "training_every_days": 7, "drifted_nights": 1}
        ).drift

    def double_fees(self) -> None:
        """Let everybody pay twice of what they paid, significantly."""
        fees = [2 * fee for fee in customers(ROWS)["fee_eur"].to_pylist()]
        self.features.add(NIGHT, customers(ROWS, fee_eur=fees), CONTRACT)
        self.engine.answers = {"fee_eur": DRIFTED}

    def judge(self) -> DriftReport:
        """Judge the night."""
        models = self.models
        if self.is_list_told_by_model:
            models = ListedModels(
                models.models, models.aliases, models.params, models.damaged, self.scores
            )

        return drift(
            population=POPULATION,
            as_of=NIGHT,
            settings=self.settings,
            features=self.features,
            scores=self.scores,
            models=self.journal.watch(models),
            kept=lambda _population: self.kept,
            engine=self.journal.watch(self.engine),
            store=self.journal.watch(self.store),
        )

    def refusal(self, kind: type[ChurnError]) -> tuple[str, str]:
        """Return message and next step of the refusal to judge, after which nothing is kept."""
        with pytest.raises(kind) as refused:
            self.judge()
        assert {} == self.store.reports

        return refused.value.message, refused.value.next_step
