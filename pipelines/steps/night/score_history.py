"""Lists of the past: return to the one before."""

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
