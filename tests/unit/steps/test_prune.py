"""What is forgotten of the past, what never is, and who is waited for."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import structlog.testing

from pipelines.domain.nights.retention import Night, Pruned
from pipelines.domain.ports.locks import Locks
from pipelines.errors import RunLocked
from pipelines.sections import Retention
from pipelines.steps.night.prune import prune
from pipelines.testing.locks import MemoryLocks
from pipelines.testing.nights import MemoryLogs, MemoryRefusedRows, MemoryTraces
from pipelines.testing.scores import MemoryScoreHistory, MemoryScores
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import ID_PREFIX, NIGHT, POPULATION, before, stage

KINDS = (
    "results",
    "drift",
    "alerts",
    "requests",
    "predictions",
    "pages of gates",
    "pages of nights",
)
RETENTION = Retention(
    scores_days=50,
    gate_results_days=40,
    drift_checks_days=30,
    alerts_days=20,
    refused_rows_days=15,
    requests_days=15,
    data_docs_days=10,
    logs_days=5,
)


@dataclass
class Business:
    """
    A population with a list and traces of every tenth night of sixty days.

    Attributes:
        scores: Its lists, of one customer each.
        traces: What its nights left, by kind.
        refused: One a night.
        logs: One a night.
    """

    scores: MemoryScores = field(default_factory=MemoryScores)
    traces: dict[str, MemoryTraces] = field(default_factory=dict)
    refused: MemoryRefusedRows = field(default_factory=MemoryRefusedRows)
    logs: MemoryLogs = field(default_factory=MemoryLogs)

    def __post_init__(self) -> None:
        """Let the nights pass."""
        nights = [before(days) for days in range(60, -1, -10)]
        for as_of in nights:
            self.scores.publish(stage(self.scores, [0.1], as_of=as_of))
            moment = datetime.combine(as_of, time(3), UTC)
            self.logs.written[Path(f"{as_of}.log")] = moment
            self.refused.refused_at.append(moment)
        for kind in KINDS:
            self.traces[kind] = MemoryTraces(kind, [Night(POPULATION, as_of) for as_of in nights])

    def prune(self, locks: Locks | None = None, journal: Journal | None = None) -> list[Pruned]:
        """Forget what is old by RETENTION."""
        history, logs, refused = MemoryScoreHistory(self.scores), self.logs, self.refused
        traces = [self.traces[kind] for kind in KINDS]
        if journal is not None:
            history, logs = journal.watch(history), journal.watch(logs)
            refused = journal.watch(refused)
            traces = [journal.watch(item) for item in traces]
        results, drift, alerts, requests, predictions, *pages = traces

        return prune(
            as_of=NIGHT,
            retention=RETENTION,
            populations=["trial", POPULATION],
            history=history,
            gate_results=results,
            drift_checks=drift,
            alerts=alerts,
            requests=requests,
            predictions=predictions,
            pages=pages,
            refused=refused,
            logs=logs,
            locks=MemoryLocks() if locks is None else locks,
        )


def test_every_kind_loses_what_is_older_than_its_own_days() -> None:
    """The night so many days back stays; a log is as old as the last line in it."""
    removed = Business().prune()

    assert [
        Pruned("scores", before(50), 1),
        Pruned("results", before(40), 2),
        Pruned("drift", before(30), 3),
        Pruned("alerts", before(20), 4),
        Pruned("requests", before(15), 5),
        Pruned("predictions", before(50), 1),
        Pruned("pages of gates", before(10), 5),
        Pruned("pages of nights", before(10), 5),
        Pruned("refused rows", before(15), 5),
        Pruned("logs of tasks", before(5), 6),
    ] == removed


def test_twice_removes_nothing_more() -> None:
    """It can run as often as people like."""
    business = Business()
    business.prune()

    assert [0] * 10 == [item.removed for item in business.prune()]


def test_the_last_published_night_and_what_waits_stay_whole() -> None:
    """However old: a population that is scored once a year keeps what its list was judged by."""
    business = Business()
    old = before(500)
    business.scores.publish(stage(business.scores, [0.2], population="trial", as_of=old))
    waiting = stage(business.scores, [0.3], as_of=old - timedelta(days=1))
    kept = {Night("trial", old), Night(POPULATION, waiting.as_of)}
    for traces in business.traces.values():
        traces.left += [*kept, Night("trial", waiting.as_of)]

    assert [1, 3, 4, 5, 6, 2, 6, 6, 5, 6] == [item.removed for item in business.prune()]
    assert [kept] * 7 == [
        {night for night in traces.left if night.as_of <= old}
        for traces in business.traces.values()
    ]


def test_nobody_writes_while_lists_are_forgotten() -> None:
    """Of any population: what a gate has just passed would be gone before it is published."""
    business, journal = Business(), Journal()
    business.prune(journal.locks, journal)
    writers = {"writer of subscribers", "writer of trial"}
    calls = {call.name: call.held for call in journal.calls}
    assert {
        "kept": writers,
        "forget": writers,
        "remove_before": writers,
        "forget_refused": set(),
        "discard_before": set(),
    } == calls

    other = Business()
    with pytest.raises(RunLocked, match="writer of trial"):
        other.prune(MemoryLocks({"writer of trial"}))
    assert [1] * 7 == [len(table) for table in other.scores.lists.values()]
    assert [7] * 7 == [len(traces.left) for traces in other.traces.values()]
    assert 7 == len(other.logs.written) == len(other.refused.refused_at)


def test_the_log_has_the_counts_and_nobody_in_them() -> None:
    """By kind."""
    with structlog.testing.capture_logs() as logs:
        Business().prune()

    assert 1 == logs[0]["removed"]["scores"]
    assert ID_PREFIX not in str(logs)
