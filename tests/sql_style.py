"""Models as the linter of our own sees them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlfluff
from sqlfluff.core import FluffConfig

from pipelines.settings import ROOT


def faults(files: Iterable[Path]) -> dict[str, list[dict[str, Any]]]:
    """Return what the linter says of each file it finds fault with, by name."""
    config = FluffConfig.from_path(str(ROOT / "dbt_project"))

    return {
        path.name: found
        for path in files
        if (found := sqlfluff.lint(path.read_text("utf-8"), config=config))
    }
