"""Make tonight's list the one people see."""

from datetime import date
from typing import Protocol

import structlog

from pipelines.domain.ports import Locks
from pipelines.domain.scoring.publishable import Unfit
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import NothingStaged

log = structlog.get_logger(__name__)


class Runs(Protocol):
    """Score runs, staged and published."""

    def staged(self, population: str, as_of: date) -> ScoreRun:
        """Return the run that waits; NothingStaged if none does."""

    def published(self, population: str, as_of: date) -> ScoreRun | None:
        """Return the run people see, or None."""

    def passed_gate(self, run_id: int) -> bool:
        """Tell whether the scores gate was run on it and let it pass."""

    def unfit(self, run: ScoreRun) -> Unfit | None:
        """Return what speaks against publishing *run*, from what it was scored from; or None."""

    def publish(self, run: ScoreRun) -> None:
        """Flip it in one transaction."""

    def discard(self, run_id: int, reason: str) -> None:
        """Reject it and remove its scores."""


def publish(*, population: str, as_of: date, runs: Runs, locks: Locks) -> ScoreRun:
    """
    Publish the staged run of *as_of*.

    A staged list equal to the published one is dropped, so a re-run changes nothing; another
    list supersedes it. With nothing staged and a list published, the work was done before.

    Args:
        population: Whose list.
        as_of: Its date.
        runs: Where runs are kept.
        locks: One writer a population.

    Returns:
        The run people now see.

    Raises:
        NothingStaged: There is nothing to publish, the scores gate has not passed it, or what it
            was scored from was refused or has been replaced.
        RunLocked: Another writer is at work.
    """
    with locks.lock(f"writer of {population}"):
        published = runs.published(population, as_of)
        try:
            staged = runs.staged(population, as_of)
        except NothingStaged:
            if published is None:
                raise
            log.info("already_published", as_of=str(as_of), run_id=published.run_id)
            return published

        unfit = runs.unfit(staged)
        if unfit is not None:
            raise NothingStaged(
                f"run {staged.run_id} of {population} {as_of} was scored from what is not fit to "
                f"use: {unfit.reason}",
                next_step=f"mend it, then churn {unfit.command} --population {population} "
                f"--as-of {as_of} and what follows it",
            )
        if not runs.passed_gate(staged.run_id):
            raise NothingStaged(
                f"run {staged.run_id} of {population} {as_of} has not passed the scores gate",
                next_step=f"churn gate scores --population {population} --as-of {as_of}",
            )
        if published is not None and _is_same_list(staged, published):
            runs.discard(staged.run_id, f"equal to published run {published.run_id}")
            log.info("list_unchanged", as_of=str(as_of), run_id=published.run_id)
            return published

        runs.publish(staged)

    log.info("published", as_of=str(as_of), run_id=staged.run_id, rows=staged.rows)

    return staged


def _is_same_list(staged: ScoreRun, published: ScoreRun) -> bool:
    """Tell whether two runs say the same of the same customers, by the same model."""
    return (staged.scores_hash, staged.model_version) == (
        published.scores_hash,
        published.model_version,
    )
