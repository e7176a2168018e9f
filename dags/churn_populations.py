"""The populations of churn.toml and of a person's own, and which of them have nights."""

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _populations(path: Path) -> dict:
    """Return the populations of a file; none where there is no such file."""
    return tomllib.loads(path.read_text("utf-8")).get("populations", {}) if path.exists() else {}


HOUSE = _populations(Path(os.environ.get("CHURN_CONFIG") or ROOT / "churn.toml"))
OWN = _populations(Path(os.environ.get("CHURN_PROJECT") or ROOT / "my") / "churn.toml")
POPULATIONS = {name: {**HOUSE.get(name, {}), **OWN.get(name, {})} for name in {**HOUSE, **OWN}}
NIGHTLY = [name for name, told in POPULATIONS.items() if told.get("nightly", True)]
