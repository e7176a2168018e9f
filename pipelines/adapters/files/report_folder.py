"""The pages of nights, one text file a population and date."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from pipelines.domain.nights.retention import Night

# A page, or what is left of one whose writer was killed.
PAGE = re.compile(r"(.+)-(\d{4}-\d{2}-\d{2})\.(txt|partial)")


@dataclass(frozen=True)
class ReportFolder:
    """
    Pages as files.

    Attributes:
        folder: Where they are; made when the first is saved.
    """

    folder: Path

    kind: ClassVar[str] = "pages of nights"

    def path(self, population: str, as_of: date) -> Path:
        """Return where the page of a night is, whether there is one or not."""
        return self.folder / f"{population}-{as_of}.txt"

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Write a page whole, over the one before; return its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(population, as_of)
        partial = path.with_suffix(".partial")
        partial.write_text(text, "utf-8")

        return partial.replace(path)

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:
        """Remove the pages of old nights that are not kept; return how many."""
        stay = {(night.population, night.as_of.isoformat()) for night in kept}
        old = [
            path
            for path in self.folder.glob("*")
            if (page := PAGE.fullmatch(path.name))
            and page[2] < before.isoformat()
            and (page[1], page[2]) not in stay
            and not path.is_symlink()
        ]
        for path in old:
            path.unlink()

        return len(old)
