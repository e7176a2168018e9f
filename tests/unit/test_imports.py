"""What a command imports: most of what a short one costs."""

import subprocess
import sys

# A tenth of a second each, or more.
HEAVY = ("mlflow", "numpy", "pandas", "pyarrow", "pydantic", "scipy", "sqlalchemy", "structlog")


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


def test_help_costs_no_library() -> None:
    """`churn --help` imports every command, and none of what they work with."""
    names = imported("pipelines.cli.command")

    assert [] == [name for name in HEAVY if name in names]
