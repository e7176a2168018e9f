"""Write the night on one page."""

from datetime import date
from pathlib import Path
from typing import Protocol

import structlog

from pipelines.domain.nights.report import NightSummary

log = structlog.get_logger(__name__)


class Nights(Protocol):
    """Numbers of past nights."""

    def summary(self, population: str, as_of: date) -> NightSummary:
        """Return those of one night."""


class Pages(Protocol):
    """Where pages are kept."""

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Keep one page; return where."""


def report(*, population: str, as_of: date, nights: Nights, pages: Pages) -> str:
    """
    Return the page of one night, and keep it.

    A night without a published list has a page too: it says so, and shows the alerts.

    Args:
        population: Whose night.
        as_of: Which night.
        nights: Where its numbers come from.
        pages: Where the page is kept.
    """
    text = nights.summary(population, as_of).text
    path = pages.save(population, as_of, text)
    log.info("report_written", population=population, as_of=str(as_of), path=str(path))

    return text
