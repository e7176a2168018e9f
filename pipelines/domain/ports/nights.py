"""Nights: their numbers, and where their pages are kept."""

from datetime import date
from pathlib import Path
from typing import Protocol

from pipelines.domain.nights.page.answers import Answers
from pipelines.domain.nights.page.night_page import NightPage
from pipelines.domain.nights.report import NightSummary


class Nights(Protocol):
    """Numbers of past nights."""

    def summary(self, population: str, as_of: date) -> NightSummary:
        """Return those of one night; a night nothing is known of has none, and is no fault."""


class Questions(Protocol):
    """What is asked for a page."""

    def answers_about(self, population: str, as_of: date) -> Answers:
        """Return every answer about one night; of an unknown night they have no rows."""


class Pages(Protocol):
    """Where pages are kept."""

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Keep the text of a night whole, over that of the same night before; return where."""

    def draw(self, page: NightPage) -> Path:
        """Keep a page whole, over that of the same night; the newest of a population twice."""
