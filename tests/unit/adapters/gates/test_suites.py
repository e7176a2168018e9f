"""The suites of expectations/, and what a suite may not say."""

import re
from pathlib import Path

import pytest

from pipelines.adapters.gates.suites import SuiteFolder
from pipelines.adapters.scaffolds import declared_files
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
    assert folder.scores("subscribers").checks


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


def test_a_population_may_have_a_suite_of_its_own_for_its_lists(tmp_path: Path) -> None:
    """As one of a shop has that most customers leave; others have the house's."""
    own = tmp_path / "own"
    (own / "scores").mkdir(parents=True)
    (own / "scores" / "shop.toml").write_text(
        '[[expectations]]\ntype = "expect_column_values_to_be_unique"\n'
        'kwargs = { column = "customer_id" }\nmeta = { severity = "fail", owner = "science" }\n'
    )
    folder = SuiteFolder(ROOT / "expectations", own)

    (check,) = folder.scores("shop").checks
    assert "expectations/scores/shop.toml" == check.origin
    assert 1 < len(folder.scores("others").checks)


@pytest.mark.parametrize("leaving", [0.41, 0.77, 0.97])
def test_the_suite_that_a_scaffold_writes_is_the_houses_but_for_the_mean(
    tmp_path: Path, leaving: float
) -> None:
    """Nothing else of a list is expected otherwise where most leave; where few do, nothing is."""
    assert {} == declared_files.scores_suite("shop", 0.4)
    for path, text in declared_files.scores_suite("shop", leaving).items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    folder = SuiteFolder(ROOT / "expectations", tmp_path / "expectations")

    ours, theirs = (
        [(check.expectation, check.kwargs, check.owner) for check in folder.scores(name).checks]
        for name in ("others", "shop")
    )
    (house,) = (told for told in ours if told not in theirs)
    (own,) = (told for told in theirs if told not in ours)
    assert ("expect_column_mean_to_be_between", 0.6) == (house[0], house[1]["max_value"])
    assert leaving < own[1]["max_value"] < 1
