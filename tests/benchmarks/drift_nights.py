"""Nights judged in memory by the product's own step, one after the other."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.ports.drift import DriftEngine
from pipelines.domain.ports.models import Model
from pipelines.domain.scoring.scoring import SCHEMA
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.steps.night.drift import drift
from pipelines.testing.drift import MemoryDrift
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryRegistry
from pipelines.testing.scores import MemoryScores

POPULATION = "subscribers"
NAME = f"churn-{POPULATION}"


@dataclass(frozen=True)
class Judge:
    """
    A population in memory whose nights are judged.

    Attributes:
        model: What scored them.
        contract: What they were built to.
        engine: The two-sample tests.
        snapshots: Earlier dates whose features stand.
        limits: When a difference counts.
    """

    model: Model
    contract: FeatureContract
    engine: DriftEngine
    snapshots: Mapping[date, pa.Table]
    limits: DriftLimits = DriftLimits()  # noqa: RUF009  as churn.toml has them

    def nights(
        self, tables: Iterable[tuple[date, pa.Table]], *, unjudged: int = 0
    ) -> Iterator[DriftReport]:
        """
        Judge one night after the other; each knows those before it.

        Args:
            unjudged: So many lists are published first, and their nights not judged.
            tables: As_of, and `customer_id`, the features and `churn_probability` of its customers.
        """
        store, scores = MemoryDrift(), MemoryScores()
        models = MemoryRegistry({NAME: [(ModelVersion(NAME, 1, "run", {}), self.model)]})
        for number, (as_of, table) in enumerate(tables):
            features = MemoryFeatures()
            for day, snapshot in self.snapshots.items():
                features.add(day, snapshot, self.contract)
            features.add(as_of, table, self.contract)
            run = scores.stage(
                population=POPULATION,
                as_of=as_of,
                model_name=NAME,
                model_version=1,
                contract_fingerprint=self.contract.fingerprint,
                batches=listed(table).to_batches(),
            )
            scores.publish(run)
            if number < unjudged:
                continue
            yield drift(
                population=POPULATION,
                as_of=as_of,
                settings=self.limits,
                features=features,
                scores=scores,
                models=models,
                kept=lambda _population: None,
                engine=self.engine,
                store=store,
            )


def listed(table: pa.Table) -> pa.Table:
    """Return the list of a night: customers and probabilities, and nothing anybody reads here."""
    rows = table.num_rows
    filled: dict[str, object] = {
        "customer_id": table["customer_id"],
        "churn_probability": table["churn_probability"],
        "risk_tier": ["low"] * rows,
        "recommended_action": ["none"] * rows,
    }
    columns = {name: filled.get(name, [None] * rows) for name in SCHEMA.names}

    return pa.table(columns, schema=SCHEMA)
