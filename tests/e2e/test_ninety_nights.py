"""Ninety nights in a row of a log that somebody brought. A quarter of an hour; `make nights`."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests import loyalty_cards
from tests.e2e.churn_home import NO_ALIBI, ChurnHome, fresh

BEGIN = date(2025, 9, 1)
FIRST = date(2026, 7, 1)
NIGHTS = [FIRST + timedelta(days=number) for number in range(90)]
LAST = NIGHTS[-1]
CARDS = 2500
ASKED = (
    "select as_of from churn.loop_decisions where action = 'retrain' "
    "and as_of = (select max(as_of) from churn.loop_decisions)"
)
# What a run shows of its nights, besides their exit codes.
TOLD = {
    "check": "select as_of, gate, severity, subject, expected ->> 'measure', observed "
    "from churn.gate_results where not is_passed order by as_of, gate, subject",
    "drift": "select verdict, count(*) from churn.drift_verdicts group by verdict order by verdict",
    "night": "select as_of, verdict, reason from churn.drift_verdicts where verdict <> 'quiet' "
    "order by as_of",
    "column": "select feature, verdict, count(*), min(as_of), max(as_of) from churn.drift_checks "
    "where verdict <> 'quiet' group by feature, verdict order by count(*) desc, feature",
    "alert": "select as_of, kind, severity, title from churn.alerts order by as_of",
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[ChurnHome]:
    """An installation whose project is a folder of its own."""
    with fresh() as made:
        made.environ["CHURN_PROJECT"] = str(tmp_path / "my")
        made.configure(NO_ALIBI)
        yield made


def test_ninety_nights_of_a_brought_log_pass_their_gates(home: ChurnHome, tmp_path: Path) -> None:
    """Each is known as it was then; nothing was tuned to the log, and no bound was changed."""
    log = loyalty_cards.purchases(CARDS, begin=BEGIN, days=(LAST - BEGIN).days)
    file = tmp_path / "purchases.csv"
    log.to_csv(file, index=False)
    seen = log[log["bought_at"] < str(FIRST)]
    earlier = tmp_path / "earlier" / "purchases.csv"
    earlier.parent.mkdir()
    seen.to_csv(earlier, index=False)
    home.churn(
        *("new", "bakery", earlier, "--key", "card", "--gone", "no purchases in 35d"),
        *("--as-of", FIRST, "--yes"),
    )
    home.churn("import", "bakery", f"purchases={file}", "--as-of", LAST)
    home.churn("backfill", "--population", "bakery", "--as-of", FIRST)
    home.churn("train", "--population", "bakery", "--as-of", FIRST)

    codes, trained = {}, list[date]()
    for night in NIGHTS:
        codes[night] = home.run("run", "--population", "bakery", "--as-of", night).returncode
        # What the DAG of trainings does when it is asked to.
        if [[str(night)]] == home.rows(ASKED):
            trained.append(night)
            for command in ("train", "promote"):
                home.run(command, "--population", "bakery", "--as-of", night)

    told = [
        f"{len(log):,} rows; nights by exit code {dict(Counter(codes.values()))}; trained on "
        f"{', '.join(map(str, trained)) or 'none of them'}",
        *(f"{title}: {' '.join(row)}" for title, query in TOLD.items() for row in home.rows(query)),
    ]
    print(*told, sep="\n")  # noqa: T201  the figures are what it is for
    section = tomllib.loads((tmp_path / "my" / "churn.toml").read_text())["populations"]["bakery"]
    assert 35 == section["horizon_days"]
    assert {0: len(NIGHTS)} == dict(Counter(codes.values()))
    assert [] == home.rows(TOLD["check"])
