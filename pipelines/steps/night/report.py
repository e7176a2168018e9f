"""Write the night on one page."""

from datetime import date

import structlog

from pipelines.domain.nights.page.night_page import Links, NightPage
from pipelines.domain.nights.page.terms import Terms
from pipelines.domain.ports.nights import Nights, Pages, Questions
from pipelines.errors import NothingStaged

log = structlog.get_logger(__name__)


def report(
    *,
    population: str,
    as_of: date,
    nights: Nights,
    questions: Questions,
    terms: Terms,
    links: Links,
    pages: Pages,
) -> str:
    """
    Return the text of one night, and keep it and its page.

    A night without a published list has a page too: it says why, what people see instead, and what
    to do next.

    Args:
        population: Its name in churn.toml.
        as_of: The date of the night.
        nights: Where the numbers of the text come from.
        questions: Where those of the page do.
        terms: What the page has to know of churn.toml.
        links: Where the page leads.
        pages: Where both are kept.

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
    page = NightPage(population, as_of, questions.answers_about(population, as_of), terms, links)
    drawn, path = pages.draw(page), pages.save(population, as_of, text)
    log.info(
        "report_written",
        population=population,
        as_of=str(as_of),
        path=str(path),
        page=str(drawn),
        state=page.ending.state,
    )

    return text
