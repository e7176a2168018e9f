"""Write the night on one page."""

from datetime import date

import structlog

from pipelines.domain.ports.nights import Nights, Pages
from pipelines.errors import NothingStaged

log = structlog.get_logger(__name__)


def report(*, population: str, as_of: date, nights: Nights, pages: Pages) -> str:
    """
    Return the page of one night, and keep it.

    A night without a published list has a page too: it says so, and shows the alerts.

    Args:
        population: Its name in churn.toml.
        as_of: The date of the night.
        nights: Where its numbers come from.
        pages: Where the page is kept.

    Raises:
        NothingStaged: There was no such night.
    """
    summary = nights.summary(population, as_of)
    if not summary.is_known:
        raise NothingStaged(
            f"{population} has no night of {as_of}: no gate looked at it and no list was published",
            next_step=f"churn run --population {population} --as-of {as_of}",
        )
    text = summary.text
    path = pages.save(population, as_of, text)
    log.info("report_written", population=population, as_of=str(as_of), path=str(path))

    return text
