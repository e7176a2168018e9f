"""Tell people about a list that should be there and is not, until it is."""

from datetime import date, timedelta

import structlog

from pipelines.domain.alerts.incident import MISSING
from pipelines.domain.nights.deadline import missing
from pipelines.domain.ports.alerts import Outbox
from pipelines.domain.ports.scores import Scores
from pipelines.errors import ListMissing

log = structlog.get_logger(__name__)

# Of lists from before nobody waits any more.
LOOK_BACK_DAYS = 7


def watch(*, population: str, as_of: date, deadline: str, scores: Scores, outbox: Outbox) -> str:
    """
    Record an alert if the list of *as_of* is not there, once; it is over when the list is.

    Of lists that were missing on the days before and are there by now it is over as well.

    Args:
        population: Its name in churn.toml. Before its first list nothing is expected of it.
        as_of: The date whose list is due.
        deadline: UTC time of the day it was due, `HH:MM`.
        scores: The score runs.
        outbox: Where alerts wait.

    Returns:
        What there is, in words.

    Raises:
        ListMissing: The list is not there.
    """
    published = {run.as_of: run for run in scores.runs(population) if run.status == "published"}
    if not published:
        return f"{population}: no list was ever published, so none is expected"

    since = as_of - timedelta(days=LOOK_BACK_DAYS - 1)
    told = [recorded.alert for recorded in outbox.unresolved(population, since, as_of)]
    for alert in told:
        if alert.kind == MISSING and alert.as_of in published:
            outbox.resolve(population, alert.as_of, [MISSING])
            log.info("list_there", population=population, as_of=str(alert.as_of))

    if as_of in published:
        return f"{population}: the list of {as_of} is there"

    titles = [alert.title for alert in told if alert.as_of == as_of and alert.kind != MISSING]
    alert = missing(population, as_of, deadline, published[max(published)], titles)
    outbox.add(alert)
    log.info("list_missing", population=population, as_of=str(as_of))
    raise ListMissing(
        f"{alert.title}; people see that of {max(published)}",
        next_step=f"churn run --population {population} --as-of {as_of}",
    )
