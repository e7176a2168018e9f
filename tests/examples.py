"""The populations that are shipped as examples, and the real data they were made of."""

import os
from pathlib import Path

import pytest

from pipelines.settings import ROOT

PROJECT = ROOT / "docs" / "examples"
DATA = Path(os.environ.get("CHURN_REAL_DATA", ROOT.parent / "shared" / "data"))
TELCO, RETAIL = "telco_ibm.csv.gz", "online_retail.parquet"


def real_file(name: str) -> Path:
    """Return the file called *name*; without it the test is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there; name its folder in CHURN_REAL_DATA")

    return path


def written(project: Path) -> dict[str, str]:
    """Return what `churn new` has written into a project, by path."""
    left_out = {"README.md", TELCO, RETAIL}
    found = (path.relative_to(project) for path in project.rglob("*") if path.is_file())

    return {
        str(path): (project / path).read_text("utf-8")
        for path in found
        if path.parts[0] != "dbt_packages" and str(path) not in left_out
    }
