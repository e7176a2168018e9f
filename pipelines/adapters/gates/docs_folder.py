"""Where the pages of gates lie: one folder per population, date and gate."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class DataDocsFolder:
    """
    The folder of all pages of an installation.

    Attributes:
        root: Holds `<population>/<as_of>/<gate>/index.html`.
    """

    root: Path

    def of(self, population: str, as_of: date, gate: str) -> Path:
        """Return the folder of one gate and date."""
        return self.root / population / as_of.isoformat() / gate

    def page(self, population: str, as_of: date, gate: str) -> str:
        """Return the first page of one gate and date, or nothing where there is none."""
        first = self.of(population, as_of, gate) / "index.html"

        return str(first) if first.exists() else ""

    def forget(self, before: date) -> int:
        """Remove the pages of dates before *before*; return how many dates."""
        old = [
            folder for folder in self.root.glob("*/????-??-??") if folder.name < before.isoformat()
        ]
        for folder in old:
            shutil.rmtree(folder)

        return len(old)
