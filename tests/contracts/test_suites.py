"""Expectations in a folder and in memory, held to the same contract."""

from pathlib import Path

import pytest

from pipelines.adapters.gates.suites import SuiteFolder
from pipelines.domain.ports.gates import Suites
from pipelines.testing.contracts.gates.suites import EVENTS, FEATURES, SCORES, SuitesContract
from pipelines.testing.gates import MemorySuites

FILES = {
    "sources/events.toml": """
known_within_days = 7

[references.is_known_customer]
column = "customer_id"
table = "customers"

[types]
TEXT = ["event_id"]

[[expectations]]
type = "expect_column_values_to_not_be_null"
kwargs = { column = "event_id", mostly = 0.9 }
meta = { severity = "warn", owner = "data" }
""",
    "features.toml": """
[[expectations]]
type = "expect_column_values_to_be_unique"
kwargs = { column = "customer_id" }
meta = { severity = "fail", owner = "engineer" }
""",
    "scores.toml": """
[[expectations]]
type = "expect_column_values_to_be_between"
kwargs = { column = "churn_probability", min_value = 0, max_value = 1 }
meta = { severity = "fail", owner = "science" }
""",
}


class TestMemorySuites(SuitesContract):
    """The double."""

    @pytest.fixture
    def suites(self) -> Suites:
        """What is expected."""
        return MemorySuites({"events": EVENTS}, FEATURES, SCORES)


class TestSuiteFolder(SuitesContract):
    """TOML files."""

    @pytest.fixture
    def suites(self, tmp_path: Path) -> Suites:
        """A folder with the same."""
        (tmp_path / "sources").mkdir()
        for name, text in FILES.items():
            (tmp_path / name).write_text(text, "utf-8")

        return SuiteFolder(tmp_path)
