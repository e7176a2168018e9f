"""What faults told, from the workers that ran them to the table at the end of the run."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.faults import table
from tests.faults.table import Told

# Where the table is written to as well.
JSON = "CHURN_FAULTS_JSON"
PROPERTY = "fault"


def as_property(line: Told) -> tuple[str, Any]:
    """Return a line as a property of its test; the report of the test carries it."""
    return PROPERTY, asdict(line)


def lines(report: pytest.TestReport) -> list[Told]:
    """Return the lines a report carries."""
    return [Told(**value) for name, value in report.user_properties if name == PROPERTY]


def summarise(reporter: pytest.TerminalReporter) -> None:
    """Print the table, if there is one; write it to the file CHURN_FAULTS_JSON names as well."""
    reports = [*reporter.getreports("passed"), *reporter.getreports("failed")]
    found = table.together(
        line for report in reports if report.when == "call" for line in lines(report)
    )
    if not found:
        return
    reporter.section("faults that held")
    for text in table.text(found):
        reporter.write_line(text)
    if path := os.environ.get(JSON):
        table.write(Path(path), found)
