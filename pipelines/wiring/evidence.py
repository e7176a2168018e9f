"""What nights tell for and against the champion, and what follows from it."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from datetime import date
from typing import TYPE_CHECKING

from pipelines.wiring import ahead
from pipelines.wiring.incidents import recording_incident
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.adapters.tables.outcomes import WarehouseOutcomes
    from pipelines.domain.drift.report import DriftReport
    from pipelines.domain.loop.decision import Decision
    from pipelines.domain.nights.performance import ListPerformance
    from pipelines.domain.nights.trials import TrialKey, TrialResult


def outcomes(installation: Installation, population: str, as_of: date) -> "list[ListPerformance]":
    """Measure the lists whose labels have matured, and tell of a champion that has grown old."""
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.night.champion_age import champion_age
    from pipelines.steps.night.outcomes import outcomes

    with recording_incident(installation, "outcomes", population, as_of):
        champion_age(
            population=population,
            as_of=as_of,
            maximum_days=installation.settings.promotion.champion_max_age_days,
            promotions=WarehousePromotions(installation.warehouse),
            outbox=WarehouseOutbox(installation.warehouse),
        )
        return outcomes(
            population=population,
            as_of=as_of,
            settings=installation.settings,
            models=installation.registry,
            outbox=WarehouseOutbox(installation.warehouse),
            store=_outcomes(installation, population),
        )


def judge_trials(
    installation: Installation, population: str, as_of: date
) -> "list[tuple[TrialKey, TrialResult]]":
    """Judge two models in service by what happened to those they were asked about."""
    from pipelines.adapters.tables.trials import WarehouseTrials
    from pipelines.steps.night.judge_trials import judge_trials

    with recording_incident(installation, "outcomes", population, as_of):
        return judge_trials(
            population=population, as_of=as_of, store=WarehouseTrials(installation.warehouse)
        )


def drift(installation: Installation, population: str, as_of: date) -> "DriftReport":
    """Compare the published night with the reference of the model that scored it."""
    with ahead.drift(installation), recording_incident(installation, "drift", population, as_of):
        from pipelines.adapters.tables.drift import WarehouseDrift
        from pipelines.steps.night.drift import drift

        return drift(
            population=population,
            as_of=as_of,
            settings=installation.settings.drift,
            features=installation.features,
            scores=installation.scores,
            models=installation.registry,
            kept=installation.registry.kept_champion,
            engine=installation.drift_engine(),
            store=WarehouseDrift(installation.warehouse),
        )


def govern(installation: Installation, population: str, as_of: date) -> "Decision":
    """Decide what follows from what drift and outcomes found."""
    from pipelines.adapters.tables.loop import WarehouseLoop
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.steps.night.govern import govern

    with recording_incident(installation, "drift", population, as_of):
        return govern(
            population=population,
            as_of=as_of,
            settings=installation.settings.loop,
            cooldown_days=installation.settings.drift.training_every_days,
            maximum_days=installation.settings.promotion.champion_max_age_days,
            store=WarehouseLoop(installation.warehouse),
            outcomes=_outcomes(installation, population),
            promotions=WarehousePromotions(installation.warehouse),
            outbox=WarehouseOutbox(installation.warehouse),
        )


def _outcomes(installation: Installation, population: str) -> "WarehouseOutcomes":
    """Return what happened to the customers of a population's lists."""
    from pipelines.adapters.tables.outcomes import WarehouseOutcomes

    return WarehouseOutcomes(
        installation.warehouse,
        installation.settings.warehouse.models_schema,
        installation.settings.population(population).label_model,
    )
