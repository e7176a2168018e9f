"""Lists of the past: roll back, prune, erase a customer, and the audit trail."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from datetime import date
from typing import TYPE_CHECKING

from pipelines.wiring.installation import Installation

if TYPE_CHECKING:
    from pipelines.domain.nights.retention import Pruned
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


def prune(installation: Installation, as_of: date, keep_days: int | None) -> "list[Pruned]":
    """
    Forget what is older than the retention of churn.toml.

    Args:
        installation: The installation.
        as_of: The date from which days are counted back.
        keep_days: Goes before the retention of scores and of pages; None leaves those as they are.

    Returns:
        What was removed, by kind.
    """
    from pipelines.adapters.files.report_folder import ReportFolder
    from pipelines.adapters.loads.refused_rows import WarehouseRefusedRows
    from pipelines.adapters.local.log_files import LogFolders
    from pipelines.adapters.service.served_requests import ServedRequests
    from pipelines.adapters.tables import night_traces
    from pipelines.adapters.tables.night_traces import WarehouseTraces
    from pipelines.adapters.tables.score_history import ScoreHistory
    from pipelines.adapters.tables.trials import WarehouseTrials
    from pipelines.steps.night.prune import prune

    settings, warehouse = installation.settings, installation.warehouse
    by_hand = {"scores_days": keep_days, "data_docs_days": keep_days} if keep_days else {}

    return prune(
        as_of=as_of,
        retention=settings.retention.model_copy(update=by_hand),
        populations=[*settings.populations],
        history=ScoreHistory(warehouse),
        gate_results=WarehouseTraces(warehouse, night_traces.GATE_RESULTS),
        drift_checks=WarehouseTraces(warehouse, night_traces.DRIFT_CHECKS),
        alerts=WarehouseTraces(warehouse, night_traces.ALERTS),
        requests=ServedRequests(warehouse),
        predictions=WarehouseTrials(warehouse),
        pages=[installation.data_docs, ReportFolder(settings.home / "reports")],
        refused=WarehouseRefusedRows(warehouse),
        logs=LogFolders(
            servers=settings.home / "logs",
            # Airflow's default is the second, for what its DAG processor writes.
            tasks=(settings.home / "logs" / "airflow", settings.home / "airflow" / "logs"),
        ),
        locks=warehouse,
    )


def erase(installation: Installation, customer_id: str) -> "Erasure":
    """Remove every row of one customer, for good."""
    from pipelines.adapters.files import declarations
    from pipelines.adapters.tables.erasures import WarehouseErasures
    from pipelines.domain.imports.declared import LOADED
    from pipelines.steps.data.erase import erase

    return erase(
        customer_id=customer_id,
        populations=[*installation.settings.populations],
        imports=declarations.names(installation.settings.project),
        store=WarehouseErasures(
            installation.warehouse,
            {LOADED, installation.settings.warehouse.raw_schema},
            installation.settings.warehouse.models_schema,
        ),
        locks=installation.warehouse,
    )


def audit(installation: Installation) -> "AuditTrail":
    """Return what was done to the past, verified."""
    from pipelines.adapters.warehouse.audit_log import WarehouseAudit

    return WarehouseAudit(installation.warehouse).trail()
