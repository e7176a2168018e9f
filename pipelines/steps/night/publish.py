"""Make tonight's list the one people see."""

from datetime import date

import structlog

from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import NothingStaged

log = structlog.get_logger(__name__)


def publish(*, population: str, as_of: date, scores: Scores, locks: Locks) -> ScoreRun:
    """
    Publish the staged run of *as_of*.

    A staged list equal to the published one is dropped, so a re-run changes nothing; another
    list supersedes it, and so does an equal one if the published one was changed by hand. With
    nothing staged and a list published, the work was done before.

    Args:
        population: Its name in churn.toml.
        as_of: The date of the night.
        scores: The score runs.
        locks: One writer a population.

    Returns:
        The run people now see.

    Raises:
        NothingStaged: There is nothing to publish, the scores gate has not passed it, or what it
            was scored from was refused or has been replaced.
        RunLocked: Another writer is at work.
    """
    with locks.lock(f"writer of {population}"):
        published = scores.published(population, as_of)
        try:
            staged = scores.staged(population, as_of)
        except NothingStaged:
            if published is None:
                raise
            log.info("already_published", as_of=str(as_of), run_id=published.run_id)
            return published

        unfit = scores.unfit(staged)
        if unfit is not None:
            raise NothingStaged(
                f"run {staged.run_id} of {population} {as_of} was scored from what is not fit to "
                f"use: {unfit.reason}",
                next_step=f"mend it, then churn {unfit.command} --population {population} "
                f"--as-of {as_of} and what follows it",
            )
        if not scores.passed_gate(staged.run_id):
            raise NothingStaged(
                f"run {staged.run_id} of {population} {as_of} has not passed the scores gate",
                next_step=f"churn gate scores --population {population} --as-of {as_of}",
            )
        if (
            published is not None
            and _is_same_list(staged, published)
            and scores.is_intact(published)
        ):
            scores.discard(staged.run_id, f"equal to published run {published.run_id}")
            log.info("list_unchanged", as_of=str(as_of), run_id=published.run_id)
            return published

        scores.publish(staged)

    log.info("published", as_of=str(as_of), run_id=staged.run_id, rows=staged.rows)

    return staged


def _is_same_list(staged: ScoreRun, published: ScoreRun) -> bool:
    """Tell whether two runs say the same of the same customers, by the same model."""
    return (staged.scores_hash, staged.model_version) == (
        published.scores_hash,
        published.model_version,
    )
