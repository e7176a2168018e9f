"""What dbt offers to a model, for sqlfluff; our macros it reads from dbt_project/macros."""

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

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


class Package:
    """Our macros by the name of our package, as dbt has them wherever they are called from."""

    def __getitem__(self, name: str) -> Callable[..., object]:
        """Return the macro *name*, looked up when it is called."""

        @pass_context
        def call(context: Context, *args: object, **kwargs: object) -> object:
            return context.resolve(name)(*args, **kwargs)

        return call


churn = Package()


def var(name: str, default: object = None) -> object:
    """Return a variable of dbt_project.yml."""
    return VARIABLES.get(name, default)
