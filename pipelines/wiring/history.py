"""Lists of the past: roll back, prune, erase a customer, and the audit trail."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.privacy.audit_trail import AuditTrail
    from pipelines.domain.privacy.erasure import Erasure


def rollback_scores(installation: Installation, population: str, as_of: date) -> int:
    """Return to the earlier list of a date; return its run."""
    from pipelines.adapters.tables.score_history import ScoreHistory
    from pipelines.steps.night.score_history import rollback_scores

    return rollback_scores(
        population=population,
        as_of=as_of,
        history=ScoreHistory(installation.warehouse),
        locks=installation.warehouse,
    )


def prune(installation: Installation, as_of: date, keep_days: int) -> tuple[date, int]:
    """
    Forget scores and pages of gates more than *keep_days* before *as_of*.

    Returns:
        The date before which everything went, and the number of scores.
    """
    from pipelines.adapters.tables.score_history import ScoreHistory
    from pipelines.steps.night.score_history import prune

    before = as_of - timedelta(days=keep_days)
    forgotten = prune(
        before=before,
        populations=[*installation.settings.populations],
        history=ScoreHistory(installation.warehouse),
        locks=installation.warehouse,
    )
    installation.data_docs.forget(before)

    return before, forgotten


def erase(installation: Installation, customer_id: str) -> "Erasure":
    """Remove every row of one customer, for good."""
    from pipelines.adapters.tables.erasures import WarehouseErasures
    from pipelines.domain.imports.files import SOURCES
    from pipelines.steps.data.erase import erase

    populations = installation.settings.populations

    return erase(
        customer_id=customer_id,
        populations=[*populations],
        imports=[*SOURCES],
        store=WarehouseErasures(
            installation.warehouse,
            installation.settings.warehouse.raw_schema,
            installation.settings.warehouse.models_schema,
            {name: population.feature_model for name, population in populations.items()},
        ),
        locks=installation.warehouse,
    )


def audit(installation: Installation) -> "AuditTrail":
    """Return what was done to the past, verified."""
    from pipelines.adapters.tables.audit_log import WarehouseAudit

    return WarehouseAudit(installation.warehouse).trail()
