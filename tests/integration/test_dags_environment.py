"""The tests of dags/ run where Airflow is, and no run of the suite leaves them out."""

import re
import subprocess

from pipelines.settings import ROOT


def test_dag_tests_pass_in_airflows_environment() -> None:
    """tests/dags passes, and is not empty, in .venv-airflow."""
    program = ROOT / ".venv-airflow" / "bin" / "pytest"
    command = [program, "-q", "-c", "tests/dags/pytest.ini", "tests/dags"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 30
