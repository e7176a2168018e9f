"""The suites of expectations/, and what a suite may not say."""

import re
from pathlib import Path

import pytest

from pipelines.adapters.gates.suites import SuiteFolder
from pipelines.errors import ConfigError
from pipelines.settings import ROOT, load

SUITE = """
known_within_days = 7

[references.is_known_customer]
column = "customer_id"
table = "customers"

[[expectations]]
type = "expect_column_values_to_not_be_null"
kwargs = { column = "event_id", mostly = 0.9 }
meta = { severity = "warn", owner = "data" }
"""


def folder_with(tmp_path: Path, text: str) -> SuiteFolder:
    """Return a folder whose suite of `events` is *text*."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "events.toml").write_text(text)

    return SuiteFolder(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("known_within_days", "within_days", "within_days: Extra inputs"),
        ("mostly = 0.9 }", "mostly = 0.9 }\ncolumn = 1", r"expectations\.0\.column: Extra inputs"),
        ('"warn"', '"critical"', r"expectations\.0\.meta\.severity: Input should be"),
        (
            "known_within_days = 7",
            'stands_in = "mart.features"',
            "stands_in and as_of, the column of its dates, go together",
        ),
        (
            "known_within_days = 7",
            'known_within_days = 7\nstands_in = "mart.features"\nas_of = "day"',
            "known_within_days and references are of raw tables",
        ),
        (', owner = "data"', "", r"expectations\.0\.meta\.owner: Field required"),
        ("table =", "tables =", r"references\.is_known_customer\.table"),
        ("[[expectations]]", "[expectations]", "expectations: Input should be a valid list"),
        ("= 7", "= ", "is not TOML"),
    ],
)
def test_what_nobody_reads_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """An unknown key, severity or shape is refused, naming the file and the key."""
    assert old in SUITE
    folder = folder_with(tmp_path, SUITE.replace(old, new))

    with pytest.raises(ConfigError, match=rf"(?s)expectations/sources/events\.toml.*{fault}"):
        folder.source("events")


def test_every_source_of_every_population_has_a_suite() -> None:
    """The suites we ship are legal, and none is left without a table."""
    folder = SuiteFolder(ROOT / "expectations")
    sources = {name for each in load({}).populations.values() for name in each.sources}

    assert sources
    assert {name: bool(folder.source(name).checks) for name in sources} == dict.fromkeys(
        sources, True
    )
    assert {path.stem for path in (ROOT / "expectations" / "sources").iterdir()} == sources
    assert folder.features().checks
    assert folder.scores().checks


def test_suites_name_columns_the_raw_tables_have() -> None:
    """Columns of a suite are those of the migration, but for personal ones nobody reads."""
    migration = (ROOT / "sql" / "migrations" / "0001_raw.sql").read_text()
    tables = dict(re.findall(r"create table raw\.(\w+) \((.*?)\n\);", migration, re.DOTALL))
    folder = SuiteFolder(ROOT / "expectations")
    sources = {name for each in load({}).populations.values() for name in each.sources}

    assert sources <= set(tables)
    for source in sources:
        columns = set(re.findall(r"^  (\w+) ", tables[source], re.MULTILINE))
        listed = next(
            check.kwargs["column_set"]
            for check in folder.source(source).checks
            if check.expectation == "expect_table_columns_to_match_set"
        )
        assert columns - set(listed) <= {"full_name", "email"}
        assert set(listed) <= columns
