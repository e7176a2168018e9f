"""The harness can fail: with a bug put into a copy of the package, a fault does not hold."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.settings import ROOT
from tests.faults.business import Business
from tests.faults.conftest import TEMPLATE, Tell
from tests.faults.told import JSON

COPIED = ("pipelines", "tests", "pyproject.toml")
SHARED = ("churn.toml", "dags", "dbt_project", "expectations", "sql", ".venv-alibi")


@dataclass(frozen=True)
class Bug:
    """
    A change for the worse, and who has to notice.

    Attributes:
        name: What it is.
        file: Below pipelines.
        right: Text that is there once.
        wrong: What stands there instead.
        fault: The test that must fail.
        says: What its failure says.
    """

    name: str
    file: str
    right: str
    wrong: str
    fault: str
    says: str


BUGS = [
    Bug(
        "publish without the transaction",
        "adapters/tables/scores.py",
        "            flipped = connection.execute(",
        "        with self.warehouse.begin() as connection:\n"
        "            flipped = connection.execute(",
        "test_killed.py::test_killed_in_the_middle_of[publish]",
        "== None",
    ),
    Bug(
        "no lock",
        "adapters/warehouse/row_locks.py",
        "if connection.scalar(sa.text(TAKE), wanted) is None:",
        "if not wanted:",
        "test_writers.py::test_the_same_date_four_times_at_once[score]",
        "two write at once",
    ),
    Bug(
        "gate result ignored by the gate",
        "steps/night/gate.py",
        "    if not report.is_passed:",
        "    if not report:",
        "test_writers.py::test_a_gate_that_fails_holds_the_list",
        "assert 0 == 21",
    ),
    Bug(
        "gate result ignored by publish",
        "steps/night/publish.py",
        "if not scores.passed_gate(staged.run_id):",
        "if not staged:",
        "test_writers.py::test_a_list_no_gate_has_seen",
        "assert 0 == 32",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
def test_the_harness_sees(undisturbed: Business, tell: Tell, tmp_path: Path, bug: Bug) -> None:
    """A package with the bug does not get through the fault that is about it."""
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    for name in SHARED:
        (tmp_path / name).symlink_to(ROOT / name)
    path = tmp_path / "pipelines" / bug.file
    text = path.read_text("utf-8")
    assert text.count(bug.right) == 1
    path.write_text(text.replace(bug.right, bug.wrong), "utf-8")

    environ = {name: value for name, value in os.environ.items() if name != JSON}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow"),
            *("-p", "no:cacheprovider", f"tests/faults/{bug.fault}"),
        ],
        cwd=tmp_path,
        env={
            **environ,
            "PYTHONPATH": str(tmp_path),
            TEMPLATE: str(undisturbed.churn_home.home),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert bug.says in done.stdout, done.stdout
    assert "1 failed" in done.stdout.splitlines()[-1]
    tell(f"injected bug: {bug.name}", f"the suite fails: {bug.fault.partition('::')[2]}")
