"""Our churn.toml for tests: a training fits what a family begins with, and searches no further."""

import os
from pathlib import Path

from pipelines.settings import ROOT

LINE, FEW = "search_trials = 12", "search_trials = 1"


def text() -> str:
    """Return what is written in it."""
    ours = (ROOT / "churn.toml").read_text("utf-8")
    assert ours.count(LINE) == 1

    return ours.replace(LINE, FEW)


def written(path: Path) -> Path:
    """Write it, and return where it is; workers of one run write the same."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text(), "utf-8")

    return part.rename(path)
