"""The pages of nights, one text file a population and date."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class ReportFolder:
    """
    Pages as files.

    Attributes:
        folder: Where they are; made when the first is saved.
    """

    folder: Path

    def save(self, population: str, as_of: date, text: str) -> Path:
        """Write a page whole, over the one before; return its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{population}-{as_of}.txt"
        partial = path.with_suffix(".partial")
        partial.write_text(text, "utf-8")

        return partial.replace(path)
