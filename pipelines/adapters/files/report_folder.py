"""The pages of nights: a text and an HTML file a population and date, and a copy of the newest."""

import os
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from pipelines.adapters.files import night_page
from pipelines.domain.nights.page.night_page import NightPage
from pipelines.domain.nights.retention import Night

# A page, or what is left of one whose writer was killed.
PAGE = re.compile(r"(.+)-(\d{4}-\d{2}-\d{2})\.(txt|html|partial)")


@dataclass(frozen=True)
class ReportFolder:
    """
    Pages as files, for their owner alone.

    Attributes:
        folder: Where they are; made when the first is saved.
    """

    folder: Path

    kind: ClassVar[str] = "pages of nights"

    def path(self, population: str, as_of: date) -> Path:
        """Return where the text of a night is, whether there is one or not."""
        return self.folder / f"{population}-{as_of}.txt"

    def drawing(self, population: str, as_of: date) -> Path:
        """Return where the page of a night is, whether there is one or not."""
        return self.path(population, as_of).with_suffix(".html")

    def newest(self, population: str) -> Path:
        """Return where the page of the newest night is, whether there is one or not."""
        return self.folder / f"{population}-latest.html"

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Write the text of a night whole, over the one before; return its file."""
        path = self.path(population, as_of)
        self._write(path, text)

        return path

    def draw(self, page: NightPage) -> Path:
        """Write the page of a night whole, and that of the newest; return its file."""
        text = night_page.rendered(page)
        path = self.drawing(page.population, page.as_of)
        self._write(path, text)
        if path == max(self._drawings(page.population)):
            self._write(self.newest(page.population), text)

        return path

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:
        """Remove the pages of old nights that are not kept; return how many nights."""
        stay = {(night.population, night.as_of.isoformat()) for night in kept}
        old = {
            path: (page[1], page[2])
            for path in self.folder.glob("*")
            if (page := PAGE.fullmatch(path.name))
            and page[2] < before.isoformat()
            and (page[1], page[2]) not in stay
            and not path.is_symlink()
        }
        for path in old:
            path.unlink()

        return len({*old.values()})

    def _drawings(self, population: str) -> list[Path]:
        """Return the pages of a population's nights."""
        found = ((path, PAGE.fullmatch(path.name)) for path in self.folder.glob("*.html"))

        return [path for path, page in found if page and page[1] == population]

    def _write(self, path: Path, text: str) -> None:
        """Write a file whole or not at all, readable by its owner; no link is followed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW
        with os.fdopen(os.open(partial, flags, 0o600), "w", encoding="utf-8") as handle:
            handle.write(text)
        partial.replace(path)
