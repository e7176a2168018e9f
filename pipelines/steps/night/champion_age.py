"""Tell people, once, that the champion has grown old and nothing has replaced it."""

from datetime import date, timedelta

import structlog

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.ports.alerts import Outbox
from pipelines.domain.ports.models import Promotions
from pipelines.domain.training.promotion import first_judged, last_promoted

log = structlog.get_logger(__name__)

AGED = "champion_aged"
# Alerts are kept so long at most, in days; of a champion from before nothing is found anyway.
LOOK_BACK_DAYS = 36_600


def champion_age(
    *, population: str, as_of: date, maximum_days: int, promotions: Promotions, outbox: Outbox
) -> bool:
    """
    Record an alert about a champion older than *maximum_days*, unless one is open already.

    It goes on scoring: it is a better challenger that replaces it, not its age. The alert is over
    when another version is champion.

    Args:
        population: Its name in churn.toml.
        as_of: The night.
        maximum_days: Since the version was first judged.
        promotions: The decisions about champions.
        outbox: Where people are told.

    Returns:
        Whether the champion is that old.
    """
    decisions = [item for item in promotions.history(population) if item.as_of <= as_of]
    champion = last_promoted(decisions)
    if champion is None:
        return False
    since = first_judged(decisions, champion.challenger_version)
    days = (as_of - since).days
    title = f"version {champion.challenger_version} of {population} is old"
    open_since = [
        recorded.alert
        for recorded in outbox.unresolved(population, as_of - timedelta(LOOK_BACK_DAYS), as_of)
        if recorded.alert.kind == AGED
    ]
    for alert in open_since:
        if days <= maximum_days or alert.title != title:
            outbox.resolve(population, alert.as_of, [AGED])
    if days <= maximum_days:
        return False
    if title in {alert.title for alert in open_since}:
        return True

    later = [item for item in decisions if item.as_of > since and not item.is_promoted]
    outbox.add(
        Alert(
            population=population,
            as_of=as_of,
            kind=AGED,
            severity="warning",
            title=title,
            body=f"It was first judged {days} days ago, at {since}, and [promotion] in churn.toml "
            f"tells after {maximum_days}. {_tried(len(later))} It goes on scoring.\n"
            f"Next: churn train --population {population} --as-of {as_of}, then churn promote",
            owner="science",
        )
    )
    log.warning("champion_aged", population=population, as_of=str(as_of), days=days)

    return True


def _tried(challengers: int) -> str:
    """Return how many challengers were no better, in words."""
    if not challengers:
        return "No challenger was judged since."

    return f"{challengers} decisions since then have promoted nobody: none was surely better."
