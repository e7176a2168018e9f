"""What large libraries bring with them."""

import subprocess
import sys


def imported(module: str) -> set[str]:
    """Return the names of all that importing *module* brings into a Python of its own."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = set(told.stdout.split())
    assert module in names

    return names


def test_gates_leave_out_what_they_do_not_use() -> None:
    """Great Expectations brings no charts, no statistics and no data source of another engine."""
    names = imported("pipelines.adapters.libraries.expectations")

    assert "great_expectations" in names
    assert set() == {"altair", "scipy.stats"} & names
    assert [] == [
        name for name in names if name.endswith(("pandas_datasource", "snowflake_datasource"))
    ]


def test_scoring_leaves_out_what_only_trainings_use() -> None:
    """XGBoost brings neither folds nor statistics."""
    names = imported("pipelines.adapters.models.families.xgboost")

    assert "xgboost" in names
    assert set() == {"scipy.stats", "sklearn.model_selection"} & names
