"""Great Expectations without what gates do not use, when somebody uses it after all."""

import subprocess
import sys

PROGRAM = """
from pipelines.adapters.libraries.expectations import expectation, gx
lengths = expectation("expect_column_value_lengths_to_equal", kwargs=dict(column="a", value=3))
print(type(lengths).__name__, lengths.value)
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as kl
print(kl.stats.entropy([0.5, 0.5], [0.5, 0.5]), kl.alt.Chart.__name__)
from great_expectations.expectations.metrics.column_map_metrics import (
    column_values_match_json_schema as matching,
)
print(matching.jsonschema.validate(1, dict(type="integer")))
from great_expectations.core.http import requests
print(requests.Session.__name__)
from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
print(PandasDatasource.__fields__["type"].default)
"""


def test_what_comes_later_is_what_it_was() -> None:
    """An expectation is found with its statistics and chart, another engine with its source."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=False, capture_output=True, text=True
    )

    assert (
        0,
        ["ExpectColumnValueLengthsToEqual 3.0", "0.0 Chart", "None", "Session", "pandas"],
    ) == (done.returncode, done.stdout.splitlines()), done.stderr
