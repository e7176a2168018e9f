"""What DAGs need of churn.toml and of a person's own: populations, and who promotes a model."""

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _read(path: Path) -> dict:
    """Return the tables of a file; none where there is no such file."""
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def _laid(table: str) -> dict:
    """Return a table of the house with a person's own laid over it."""
    return {**HOUSE.get(table, {}), **OWN.get(table, {})}


HOUSE = _read(Path(os.environ.get("CHURN_CONFIG") or ROOT / "churn.toml"))
OWN = _read(Path(os.environ.get("CHURN_PROJECT") or ROOT / "my") / "churn.toml")
POPULATIONS = {
    name: {**HOUSE.get("populations", {}).get(name, {}), **told}
    for name, told in _laid("populations").items()
}
NIGHTLY = [name for name, told in POPULATIONS.items() if told.get("nightly", True)]
IS_A_PERSON_ASKED = _laid("promotion").get("policy") == "approval"
