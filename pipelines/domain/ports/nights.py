"""Nights: their numbers, and where their pages are kept."""

from datetime import date
from pathlib import Path
from typing import Protocol

from pipelines.domain.nights.report import NightSummary


class Nights(Protocol):
    """Numbers of past nights."""

    def summary(self, population: str, as_of: date) -> NightSummary:
        """Return those of one night; a night nothing is known of has none, and is no fault."""


class Pages(Protocol):
    """Where pages are kept."""

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Keep one page whole, over that of the same night before; return where."""
