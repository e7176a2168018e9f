"""The two examples, from the file to the project and to the published list, by command."""

import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests import examples
from tests.e2e.churn_home import ChurnHome, fresh
from tests.examples import RETAIL, TELCO, real_file

SNAPSHOT = date(2026, 11, 1)


@pytest.fixture(scope="module")
def home() -> Iterator[ChurnHome]:
    """An empty, migrated installation whose project are the examples."""
    with fresh() as made:
        made.environ["CHURN_PROJECT"] = str(examples.PROJECT)
        yield made


def figure(text: str, name: str) -> float:
    """Return the number that follows *name*."""
    found = re.search(rf"{name} (\d\.\d+)", text)
    assert found is not None

    return float(found[1])


@pytest.mark.story
def test_the_examples_are_what_churn_new_writes(tmp_path: Path) -> None:
    """Made anew from the files, by the commands of their page, every byte is the same."""
    project = tmp_path / "project"
    project.mkdir()
    for name in (TELCO, RETAIL):
        (project / name).symlink_to(real_file(name))
    home = ChurnHome(tmp_path / "home", {"CHURN_PROJECT": str(project)})
    page = (examples.PROJECT / "README.md").read_text("utf-8")
    lines = re.findall(r"^\.venv/bin/churn (new .+)$", page, re.MULTILINE)
    assert 2 == len(lines)
    for line in lines:
        home.churn(*shlex.split(line.replace("docs/examples", str(project))))

    expected, actual = examples.written(examples.PROJECT), examples.written(project)
    assert len(expected) > 20
    assert sorted(expected) == sorted(actual)
    assert [] == [path for path, text in expected.items() if text != actual[path]]


@pytest.mark.story
def test_telco_is_as_good_as_it_honestly_gets(home: ChurnHome) -> None:
    """Mean AUC over 5 x 2 folds between 0.84 and 0.87, and all who stayed have a score."""
    population = ("--population", "telco", "--as-of", SNAPSHOT)
    home.churn("import", "telco", real_file(TELCO), "--as-of", SNAPSHOT)
    home.churn("backfill", *population)
    trained = home.churn("train", *population)
    home.churn("run", *population)

    assert 0.84 <= figure(trained, "cv_auc_mean") <= 0.87
    assert [[str(7043 - 1869)]] == home.rows(
        "select count(*) from churn.scores_published where population = 'telco'"
    )


@pytest.mark.story
def test_retail_is_as_good_as_it_honestly_gets(home: ChurnHome) -> None:
    """Trained on March to May, tested on 31 August 2011: AUC from 0.74, and no leak's 0.80."""
    population = ("--population", "retail")
    home.churn("import", "retail", real_file(RETAIL))
    for first, last in (("2011-03-08", "2011-05-31"), ("2011-08-31", "2011-08-31")):
        home.churn(
            *("backfill", *population, "--from", first, "--to", last),
            *("--every", 14, "--as-of", "2011-12-01"),
        )
    trained = home.churn("train", *population, "--as-of", "2011-12-01")
    home.churn("run", *population, "--as-of", "2011-12-09")

    assert "customers of 2011-08-31" in trained
    assert 0.74 <= figure(trained, "AUC") <= 0.80
    assert [["2011-12-09"]] == home.rows(
        "select distinct score_date from churn.scores_published where population = 'retail'"
    )
