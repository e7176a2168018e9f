"""Wires what decides whether a model is trained."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from datetime import date
from typing import TYPE_CHECKING

from pipelines.wiring.incidents import recording_incident
from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.retraining.decision import RetrainingDecision


def decide(installation: Installation, population: str, as_of: date) -> "RetrainingDecision":
    """Decide what follows from drift and outcomes."""
    from pipelines.adapters.tables.drift import WarehouseDrift
    from pipelines.adapters.tables.outbox import WarehouseOutbox
    from pipelines.adapters.tables.outcomes import WarehouseOutcomes
    from pipelines.adapters.tables.promotions import WarehousePromotions
    from pipelines.adapters.tables.retrainings import WarehouseRetrainings
    from pipelines.domain.retraining.governor import Patience
    from pipelines.steps.night.decide import decide

    settings = installation.settings
    with recording_incident(installation, "decide", population, as_of):
        return decide(
            population=population,
            as_of=as_of,
            patience=Patience(
                cooldown_days=settings.drift.training_every_days,
                most_a_month=settings.retraining.most_a_month,
                tries=settings.retraining.tries,
            ),
            scores=installation.scores,
            drift=WarehouseDrift(installation.warehouse),
            outcomes=WarehouseOutcomes(
                installation.warehouse,
                settings.warehouse.models_schema,
                settings.population(population).label_model,
            ),
            promotions=WarehousePromotions(installation.warehouse),
            retrainings=WarehouseRetrainings(installation.warehouse),
            outbox=WarehouseOutbox(installation.warehouse),
        )
