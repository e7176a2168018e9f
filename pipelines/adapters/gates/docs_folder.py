"""Where the pages of gates lie: one folder per population, date and gate."""

import shutil
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from pipelines.domain.nights.retention import Night


@dataclass(frozen=True)
class DataDocsFolder:
    """
    The folder of all pages of an installation.

    Attributes:
        root: Holds `<population>/<as_of>/<gate>/index.html`.
    """

    root: Path

    kind: ClassVar[str] = "pages of gates, in nights"

    def of(self, population: str, as_of: date, gate: str) -> Path:
        """Return the folder of one gate and date."""
        return self.root / population / as_of.isoformat() / gate

    def page(self, population: str, as_of: date, gate: str) -> str:
        """Return the first page of one gate and date, or nothing where there is none."""
        first = self.of(population, as_of, gate) / "index.html"

        return str(first) if first.exists() else ""

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:
        """Remove the pages of old nights that are not kept; return how many nights."""
        old = [
            folder
            for folder in self.root.glob("*/????-??-??")
            if folder.name < before.isoformat()
            and not any(path.is_symlink() for path in (folder, folder.parent))
            and (folder.parent.name, folder.name)
            not in {(night.population, night.as_of.isoformat()) for night in kept}
        ]
        for folder in old:
            shutil.rmtree(folder)

        return len(old)
