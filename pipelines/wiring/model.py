"""Training and promotion of models."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

from pipelines.wiring.incidents import recording_incident
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.scoring.versions import ModelVersion
    from pipelines.domain.training.promotion import Promotion
    from pipelines.domain.training.report import TrainReport
    from pipelines.steps.model.benchmark import BenchmarkReport
    from pipelines.steps.model.preview import PreviewReport
    from pipelines.steps.model.promote import PromotionReport

# Of a table that is benchmarked; of a larger one every so many.
MOST_ROWS = 5_000_000


def train(
    installation: Installation, population: str, as_of: date, *, is_ablated: bool = False
) -> "TrainReport":
    """Train, register and, where there is no champion, crown a model."""
    from pipelines.adapters.models.trainer import Trainer
    from pipelines.adapters.tables.loop import WarehouseLoop
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.model.train import train
    from pipelines.wiring import data

    decided = WarehouseLoop(installation.warehouse).decision(population, as_of)
    with recording_incident(installation, "train", population, as_of):
        return train(
            population=population,
            as_of=as_of,
            settings=installation.settings,
            features=installation.features,
            builder=installation.dbt_of(population),
            trainer=Trainer(),
            registry=installation.registry,
            promotions=WarehousePromotions(installation.warehouse),
            is_ablated=is_ablated,
            cause=decided.cause if decided and decided.action == "retrain" else "",
            on=data.table_days(installation, population, as_of),
        )


def benchmark(
    installation: Installation,
    source: str,
    *,
    as_of: date,
    label: str,
    key: str | None,
    time: str | None,
    ignored: Collection[str],
    accepts: Mapping[str, str],
) -> "BenchmarkReport":
    """Train on a labelled table as on a population; nothing is loaded and nothing registered."""
    from pipelines.adapters.models.rivals import rivals
    from pipelines.adapters.models.trainer import Trainer
    from pipelines.steps.model.benchmark import benchmark
    from pipelines.wiring import data

    found = data.inspect(installation, [source], as_of=as_of, label=label, most_rows=MOST_ROWS)

    return benchmark(
        found=found.tables[0],
        key=key or found.tables[0].owner,
        time=time,
        ignored=ignored,
        accepts=accepts,
        training=installation.settings.training,
        tiers=installation.settings.tiers,
        business=installation.settings.business,
        trainer=Trainer(),
        rivals=rivals(),
    )


def promote(
    installation: Installation, population: str, as_of: date, approved_by: str | None = None
) -> "PromotionReport":
    """Make the challenger champion if it is better, or cannot be judged and a person approves."""
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.model.promote import promote

    with recording_incident(installation, "promote", population, as_of):
        return promote(
            population=population,
            as_of=as_of,
            settings=installation.settings,
            features=installation.features,
            registry=installation.registry,
            promotions=WarehousePromotions(installation.warehouse),
            scores=installation.scores,
            approved_by=approved_by,
        )


def reject(
    installation: Installation, population: str, as_of: date, rejected_by: str
) -> "PromotionReport":
    """Set the challenger aside in the name of a person."""
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.model.reject import reject

    with recording_incident(installation, "promote", population, as_of):
        return reject(
            population=population,
            as_of=as_of,
            rejected_by=rejected_by,
            registry=installation.registry,
            promotions=WarehousePromotions(installation.warehouse),
        )


def preview(installation: Installation, population: str, as_of: date) -> "PreviewReport | None":
    """Score a night with champion and challenger, and write nothing."""
    from pipelines.steps.model.preview import preview

    return preview(
        population=population,
        as_of=as_of,
        settings=installation.settings,
        features=installation.features,
        registry=installation.registry,
        scores=installation.scores,
    )


def rollback_model(installation: Installation, population: str, as_of: date) -> "Promotion":
    """Make the champion before the current one champion again."""
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.model.promote import rollback_model

    return rollback_model(
        population=population,
        as_of=as_of,
        registry=installation.registry,
        promotions=WarehousePromotions(installation.warehouse),
    )


def decisions(
    installation: Installation, population: str
) -> "tuple[list[Promotion], ModelVersion | None]":
    """Return every decision about champions, oldest first, and what MLflow calls champion."""
    from pipelines.adapters.tables.promotions import WarehousePromotions

    return (
        WarehousePromotions(installation.warehouse).history(population),
        installation.registry.version(population, "champion"),
    )


def record_checksums(installation: Installation) -> "list[ModelVersion]":
    """Record the checksums of champions from before they were recorded; return those champions."""
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.model.promote import record_checksum

    recorded = [
        record_checksum(
            population=population,
            registry=installation.registry,
            promotions=WarehousePromotions(installation.warehouse),
        )
        for population in installation.settings.populations
    ]

    return [version for version in recorded if version is not None]
