"""Lists of the past: return to the one before, and forget the oldest."""

import contextlib
from collections.abc import Sequence
from datetime import date

import structlog

from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.scores import ScoreHistory
from pipelines.errors import NothingStaged

log = structlog.get_logger(__name__)


def rollback_scores(*, population: str, as_of: date, history: ScoreHistory, locks: Locks) -> int:
    """
    Make the earlier list of *as_of* the one people see.

    Both lists stay; doing it twice returns to where one was.

    Args:
        population: Its name in churn.toml.
        as_of: The date of the night.
        history: The lists of the past.
        locks: One writer a population.

    Returns:
        The run people now see.

    Raises:
        NothingStaged: The date has no list, or no earlier one.
        RunLocked: Another writer is at work.
    """
    with locks.lock(f"writer of {population}"):
        changed = history.return_to_earlier(population, as_of)
    if changed is None:
        raise NothingStaged(
            f"{population} has no earlier list of {as_of} to return to",
            next_step=f"churn runs --population {population}",
        )
    log.info("rolled_back", as_of=str(as_of), run_id=changed[0], to_run_id=changed[1])

    return changed[1]


def prune(*, before: date, populations: Sequence[str], history: ScoreHistory, locks: Locks) -> int:
    """
    Delete the scores of dates before *before*, but for the last list of each population.

    Args:
        before: The first date that stays.
        populations: Every population; nobody may be writing their lists.
        history: The lists of the past.
        locks: One writer a population.

    Returns:
        Number of scores.

    Raises:
        RunLocked: A writer is at work; nothing is deleted.
    """
    with contextlib.ExitStack() as held:
        for name in sorted(populations):
            held.enter_context(locks.lock(f"writer of {name}"))
        forgotten = history.forget(before)
    log.info("pruned", before=str(before), rows=forgotten)

    return forgotten
