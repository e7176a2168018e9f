"""What steps and doubles are imported with: no server, no model library, no adapter."""

import json
import pkgutil
import subprocess
import sys

from pipelines import steps, testing
from pipelines.settings import ROOT

HEAVY = {
    "dbt",
    "great_expectations",
    "mlflow",
    "psycopg",
    "scipy",
    "sklearn",
    "sqlalchemy",
    "xgboost",
}
SCRIPT = """
import importlib, json, sys
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def test_steps_and_doubles_are_imported_in_a_moment() -> None:
    """None of them pulls in what takes seconds to import, or anything that needs a server."""
    names = [
        module.name
        for package in (steps, testing)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    assert {"pipelines.steps.train", "pipelines.testing.models"} < {*names}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(names)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = {*json.loads(done.stdout)}

    assert {*names} <= loaded
    assert set() == HEAVY & loaded
    assert [] == [name for name in loaded if name.startswith("pipelines.adapters")]
