"""The two real data sets, from file to published list, by command."""

import os
import re
from datetime import date
from pathlib import Path

import pytest

from pipelines.settings import ROOT
from tests.e2e.churn_home import ChurnHome

DATA = Path(os.environ.get("CHURN_REAL_DATA", ROOT.parent / "shared" / "data"))
TELCO = DATA / "telco_ibm.csv.gz"
RETAIL = DATA / "online_retail.parquet"
SNAPSHOT = date(2026, 11, 1)


def figure(text: str, name: str) -> float:
    """Return the number that follows *name*."""
    found = re.search(rf"{name} (\d\.\d+)", text)
    assert found is not None

    return float(found[1])


@pytest.mark.skipif(not TELCO.exists(), reason=f"IBM's telco customers are not in {DATA}")
def test_telco_is_as_good_as_it_honestly_gets(churn_home: ChurnHome) -> None:
    """Mean AUC over 5 x 2 folds between 0.84 and 0.87, and all who stayed have a score."""
    population = ("--population", "telco", "--as-of", SNAPSHOT)
    churn_home.churn("import", "telco", TELCO, "--as-of", SNAPSHOT)
    churn_home.churn("features", *population)
    trained = churn_home.churn("train", *population)
    churn_home.churn("run", *population)

    assert 0.84 <= figure(trained, "cv_auc_mean") <= 0.87
    assert [[str(7043 - 1869)]] == churn_home.rows(
        "select count(*) from churn.scores_published where population = 'telco'"
    )


@pytest.mark.skipif(not RETAIL.exists(), reason=f"Online Retail is not in {DATA}")
def test_retail_is_as_good_as_it_honestly_gets(churn_home: ChurnHome) -> None:
    """Trained on March to May, tested on 31 August 2011: AUC from 0.74, and no leak's 0.80."""
    population = ("--population", "retail")
    churn_home.churn("import", "retail", RETAIL)
    for first, last in (("2011-03-08", "2011-05-31"), ("2011-08-31", "2011-08-31")):
        churn_home.churn(
            *("backfill", *population, "--from", first, "--to", last),
            *("--every", 14, "--as-of", "2011-12-01"),
        )
    trained = churn_home.churn("train", *population, "--as-of", "2011-12-01")
    churn_home.churn("run", *population, "--as-of", "2011-12-09")

    assert "customers of 2011-08-31" in trained
    assert 0.74 <= figure(trained, "AUC") <= 0.80
    assert [["2011-12-09"]] == churn_home.rows(
        "select distinct score_date from churn.scores_published where population = 'retail'"
    )
