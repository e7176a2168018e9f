"""The DAGs as Airflow reads them, on a database of this session's own."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).resolve().parent.parent.parent / "dags"
# Of a person's own: one population with nights, and one without.
OWN = "[populations.shop]\n[populations.trial]\nnightly = false\n"

# In the pipeline's environment there is no Airflow; pytest.ini says how these tests are run.
if importlib.util.find_spec("airflow") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def dagbag() -> Iterator[Any]:
    """Every DAG of the folder, parsed the way the DAG processor does."""
    with tempfile.TemporaryDirectory(prefix="churn-dags-") as home:
        (Path(home) / "churn.toml").write_text(OWN)
        os.environ.update(
            CHURN_PROJECT=home,
            AIRFLOW_HOME=home,
            AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
            AIRFLOW__CORE__LOAD_EXAMPLES="False",
            AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
            DO_NOT_TRACK="true",
            SCARF_NO_ANALYTICS="true",
        )
        migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
        subprocess.run(migrate, check=True, capture_output=True)
        from airflow.dag_processing.dagbag import BundleDagBag  # noqa: PLC0415  after its settings

        yield BundleDagBag(DAGS, bundle_path=DAGS, bundle_name="dags-folder")
