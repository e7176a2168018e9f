"""Every step has tests of its own, and needs no server and no model library to be tested."""

import json
import pkgutil
import subprocess
import sys

from pipelines import steps, testing
from pipelines.settings import ROOT

SLOW = {
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
STEPS = [
    module.name
    for module in pkgutil.walk_packages(steps.__path__, "pipelines.steps.")
    if not module.ispkg
]


def test_every_step_is_tested() -> None:
    """By a module of its name, next to this one."""
    named = {name.rpartition(".")[2] for name in STEPS}
    assert {"build_features", "train", "publish"} < named
    folder = ROOT / "tests" / "unit" / "steps"

    assert [] == [name for name in sorted(named) if not (folder / f"test_{name}.py").is_file()]


def test_steps_and_doubles_are_imported_in_a_moment() -> None:
    """None of them pulls in what takes seconds to import, or an adapter."""
    doubles = [module.name for module in pkgutil.iter_modules(testing.__path__)]
    assert {"models", "scores"} < {*doubles}
    names = [*STEPS, *(f"pipelines.testing.{name}" for name in doubles)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(names)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = {*json.loads(done.stdout)}

    assert {*names} <= loaded
    assert set() == SLOW & loaded
    assert [] == [name for name in loaded if name.startswith("pipelines.adapters")]
