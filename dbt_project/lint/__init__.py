"""What dbt offers to a model, for sqlfluff; our macros it reads from dbt_project/macros."""

import datetime
from types import SimpleNamespace
from typing import Any

VARIABLES: dict[str, Any] = {
    "as_ofs": ["2026-01-01"],
    "label_as_ofs": [],
    "known_at": "2026-01-01",
    "horizon_days": 30,
    "gap_days": 0,
    "label_definition": "either",
    "resignup_allowance_days": 14,
    "raw_schema": "raw",
}

modules = SimpleNamespace(datetime=datetime)
model = SimpleNamespace(name="model", resource_type="model")


def var(name: str, default: object = None) -> object:
    """Return a variable of dbt_project.yml."""
    return VARIABLES.get(name, default)
