"""Lists of the past."""

# ruff: noqa: PLC0415  a command imports what it needs and no more

from datetime import date, timedelta

from pipelines.wiring.installation import Installation


def rollback_scores(here: Installation, population: str, as_of: date) -> int:
    """Return to the earlier list of a date; return its run."""
    from pipelines.adapters.score_history import ScoreHistory
    from pipelines.steps.rollback_scores import rollback_scores

    return rollback_scores(
        population=population,
        as_of=as_of,
        history=ScoreHistory(here.warehouse),
        locks=here.warehouse,
    )


def prune(here: Installation, as_of: date, keep_days: int) -> tuple[date, int]:
    """Forget the scores of dates more than *keep_days* before *as_of*; return date and number."""
    from pipelines.adapters.score_history import ScoreHistory

    before = as_of - timedelta(days=keep_days)

    return before, ScoreHistory(here.warehouse).forget(before)
