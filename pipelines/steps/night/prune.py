"""Forget the oldest of what nights leave behind."""

import contextlib
from collections.abc import Sequence
from datetime import date, timedelta

import structlog

from pipelines.domain.nights.retention import Pruned
from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.scores import ScoreHistory
from pipelines.domain.ports.traces import Logs, RefusedRows, Traces
from pipelines.sections import Retention

log = structlog.get_logger(__name__)


def prune(
    *,
    as_of: date,
    retention: Retention,
    populations: Sequence[str],
    history: ScoreHistory,
    gate_results: Traces,
    drift_checks: Traces,
    alerts: Traces,
    requests: Traces,
    predictions: Traces,
    pages: Sequence[Traces],
    refused: RefusedRows,
    logs: Logs,
    locks: Locks,
) -> list[Pruned]:
    """
    Delete what is older than its retention, but for the nights whose lists always stay.

    Doing it twice removes nothing more. What was removed stays removed if a later kind fails.

    Args:
        as_of: The date from which days are counted back.
        retention: How many days of each kind stay.
        populations: Every population; nobody may be writing their lists.
        history: The lists of the past, which know the nights that always stay.
        gate_results: What gates found.
        drift_checks: What drift found.
        alerts: What people were told, once it was resolved.
        requests: What programs asked of the service.
        predictions: What two models said of customers, whose outcomes lists of then have.
        pages: The pages of gates and of nights.
        refused: What imports refused.
        logs: What servers and tasks wrote.
        locks: One writer a population.

    Returns:
        What was removed, by kind: scores first, logs last.

    Raises:
        RunLocked: A writer is at work; nothing is deleted.
    """
    scores_before = as_of - timedelta(days=retention.scores_days)
    traces = [
        (gate_results, retention.gate_results_days),
        (drift_checks, retention.drift_checks_days),
        (alerts, retention.alerts_days),
        (requests, retention.requests_days),
        (predictions, retention.scores_days),
        *((item, retention.data_docs_days) for item in pages),
    ]
    with contextlib.ExitStack() as held:
        for name in sorted(populations):
            held.enter_context(locks.lock(f"writer of {name}"))
        kept = history.kept()
        removed = [Pruned("scores", scores_before, history.forget(scores_before))]
        for item, days in traces:
            before = as_of - timedelta(days=days)
            removed.append(Pruned(item.kind, before, item.remove_before(before, kept)))
    refused_before = as_of - timedelta(days=retention.refused_rows_days)
    removed.append(Pruned("refused rows", refused_before, refused.forget_refused(refused_before)))
    logs_before = as_of - timedelta(days=retention.logs_days)
    removed.append(Pruned("logs of tasks", logs_before, logs.discard_before(logs_before)))
    log.info("pruned", as_of=str(as_of), removed={item.kind: item.removed for item in removed})

    return removed
