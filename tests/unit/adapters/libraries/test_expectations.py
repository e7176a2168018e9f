"""Great Expectations without what gates do not use, when somebody uses it after all."""

import subprocess
import sys

PROGRAM = """
from pipelines.adapters.libraries.expectations import gx
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as kl
print(kl.stats.entropy([0.5, 0.5], [0.5, 0.5]), kl.alt.Chart.__name__)
from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
print(PandasDatasource.__fields__["type"].default)
"""


def test_what_comes_later_is_what_it_was() -> None:
    """An expectation finds its statistics and its chart, and another engine its data source."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=False, capture_output=True, text=True
    )

    assert (0, ["0.0 Chart", "pandas"]) == (done.returncode, done.stdout.splitlines()), done.stderr
