"""Snapshots to train on, in memory, and what a training made of them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.report import TrainReport
from pipelines.errors import ChurnError
from pipelines.steps.model.train import train
from pipelines.testing.features import MemoryBuilder, MemoryFeatures
from pipelines.testing.models import MemoryPromotions, MemoryRegistry, MemoryTrainer
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import NIGHT, POPULATION, before, configured

ROWS = 300
FIT, CALIBRATE, TEST, OPEN = (before(120), before(90)), before(60), before(30), before(29)


class TrainingHouse:
    """Four matured snapshots and one that is open, a trainer and an empty registry."""

    def __init__(self, customers: Callable[..., pa.Table], contract: FeatureContract) -> None:
        self.features, self.contract = MemoryFeatures(label_days=30), contract
        for as_of in (*FIT, CALIBRATE, TEST, OPEN):
            self.features.add(as_of, customers([as_of], rows=ROWS), contract)
        self.builder = MemoryBuilder(
            self.features,
            {configured().population(POPULATION).feature_model: contract},
            lambda as_of: customers([as_of]),
        )
        self.trainer, self.registry = MemoryTrainer(), MemoryRegistry()
        self.promotions, self.journal = MemoryPromotions(), Journal()

    def train(
        self,
        *,
        split: str = "time",
        horizon_days: int = 30,
        population: Mapping[str, Any] | None = None,
        promotion: Mapping[str, Any] | None = None,
        tiers: Mapping[str, Any] | None = None,
        accepted_leaks: Mapping[str, str] | None = None,
        is_ablated: bool = False,
        **training: Any,
    ) -> TrainReport:
        """Train on what had matured by the night; the rest are keys of tables of churn.toml."""
        return train(
            population=POPULATION,
            as_of=NIGHT,
            settings=configured(
                subscribers={
                    "horizon_days": horizon_days,
                    "gap_days": 0,
                    "split": split,
                    "snapshot_every_days": 30,
                    "snapshots": 12,
                    "bands": (),
                    "accepted_leaks": accepted_leaks or {},
                    **(population or {}),
                },
                training={
                    "seed": 3,
                    "minimum_churners": 20,
                    "bootstrap_resamples": 10,
                    **training,
                },
                promotion=promotion or {},
                tiers=tiers or {},
            ),
            features=self.journal.watch(self.features),
            builder=self.journal.watch(self.builder),
            trainer=self.journal.watch(self.trainer),
            registry=self.journal.watch(self.registry),
            promotions=self.journal.watch(self.promotions),
            is_ablated=is_ablated,
        )

    def refusal(self, kind: type[ChurnError], **arguments: Any) -> tuple[str, str]:
        """Return message and next step of a refusal, after which no model is there."""
        with pytest.raises(kind) as refused:
            self.train(**arguments)
        assert {} == self.registry.models == self.registry.aliases
        assert [] == self.promotions.recorded
        assert [] == self.journal.of("search") == self.journal.of("fit")

        return refused.value.message, refused.value.next_step

    def change(self, as_of: date, **columns: Any) -> None:
        """Replace columns of one snapshot."""
        table = self.features.tables[as_of]
        for name, values in columns.items():
            table = table.set_column(table.schema.get_field_index(name), name, pa.array(values))
        self.features.tables[as_of] = table

    def values(self, as_of: date, feature: str) -> np.ndarray:
        """Return one feature of one snapshot; NULL as NaN."""
        return self.features.tables[as_of][feature].to_numpy()

    @property
    def package(self) -> ModelPackage:
        """What was registered last."""
        package: ModelPackage = self.journal.of("register")[-1].args[0]

        return package

    @property
    def aliases(self) -> dict[str, int]:
        """Which version every alias means."""
        return {alias: number for (_, alias), number in self.registry.aliases.items()}
