"""What large libraries bring with them."""

import subprocess
import sys


def imported(module: str, *lines: str) -> set[str]:
    """Return all that a Python has imported once it imported *module* and did *lines*."""
    program = (f"import sys, {module}", *lines, "print(*sys.modules)")
    told = subprocess.run(
        [sys.executable, "-c", "\n".join(program)], capture_output=True, text=True, check=True
    )
    names = set(told.stdout.split())
    assert module in names

    return names


def test_gates_leave_out_what_they_do_not_use() -> None:
    """Great Expectations brings no charts, no other engine and no expectation nobody has named."""
    names = imported("pipelines.adapters.libraries.expectations")

    assert "great_expectations" in names
    assert set() == {"altair", "cryptography", "jsonschema", "requests", "scipy.stats"} & names
    assert [] == [
        name
        for name in names
        if name.endswith(("pandas_datasource", "snowflake_datasource"))
        or name.startswith("great_expectations.expectations.core.expect_")
    ]


def test_scoring_leaves_out_what_only_trainings_use() -> None:
    """XGBoost brings neither folds nor statistics."""
    names = imported("pipelines.adapters.models.families.xgboost")

    assert "xgboost" in names
    assert set() == {"scipy.stats", "sklearn.model_selection"} & names


def test_a_client_of_mlflow_leaves_out_judges() -> None:
    """They come to whoever imports them after."""
    module = "pipelines.adapters.models.mlflow_client"
    connected = (f"{module}.prepare()", f"{module}.connect('http://127.0.0.1:9')")
    names = imported(module, *connected)

    assert "mlflow.tracking" in names
    left_out = {"fastapi", "mlflow.gateway", "mlflow.genai"}
    assert set() == {*left_out, "mlflow.genai.judges", "scipy.sparse"} & names
    asked = imported(module, *connected, "import mlflow.genai", "mlflow.genai.evaluate")
    assert {"mlflow.genai", "mlflow.genai.judges"} <= asked
