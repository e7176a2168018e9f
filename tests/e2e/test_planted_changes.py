"""Twenty quiet nights, then a planted change: what an alarm is worth. Minutes; `make proof`."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.e2e.churn_home import ChurnHome, fresh

CHANGED = date(2026, 9, 1)
LAST = CHANGED + timedelta(days=3)
TRAINED = CHANGED - timedelta(days=20)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture
def churn_home() -> Iterator[ChurnHome]:
    """One installation a test: each has customers of its own."""
    with fresh() as made:
        yield made


def prepare(churn_home: ChurnHome, change: str) -> None:
    """Load 20,000 customers who change, and train a champion twenty nights before they do."""
    churn_home.churn("load-demo", "--as-of", LAST, change, CHANGED)
    latest = TRAINED - timedelta(days=30)
    churn_home.churn(
        *("backfill", "--from", latest - timedelta(days=330), "--to", latest),
        *("--every", 30, "--as-of", TRAINED),
    )
    churn_home.churn("train", "--as-of", TRAINED)


def verdicts(churn_home: ChurnHome) -> tuple[set[str], list[str], int]:
    """Return the verdicts of the nights before the change, those after, and trainings asked for."""
    rows = churn_home.rows(
        "select as_of, verdict, is_training_requested from churn.drift_verdicts order by as_of"
    )
    days = [date.fromisoformat(day) for day, _, _ in rows]
    assert days == [TRAINED + timedelta(days=number + 1) for number in range(len(days))]

    return (
        {verdict for day, (_, verdict, _) in zip(days, rows, strict=True) if day <= CHANGED},
        [verdict for day, (_, verdict, _) in zip(days, rows, strict=True) if day > CHANGED],
        sum(is_requested == "True" for _, _, is_requested in rows),
    )


def test_changed_behaviour_is_trained_for_once(churn_home: ChurnHome) -> None:
    """Twenty quiet nights, then drift within three, and one training."""
    prepare(churn_home, "--drift-from")
    churn_home.churn("run", "--as-of", TRAINED + timedelta(days=1), "--until", LAST)

    before, after, trainings = verdicts(churn_home)
    assert {"quiet"} == before
    assert 3 == len(after)
    assert "drifted" in after
    assert 1 == trainings


def test_lost_values_are_told_and_then_held(churn_home: ChurnHome) -> None:
    """Twenty quiet nights, then a night that trains nothing, then none that is published."""
    prepare(churn_home, "--nulls-from")
    refused = churn_home.run("run", "--as-of", TRAINED + timedelta(days=1), "--until", LAST)
    assert 21 == refused.returncode, refused.stderr
    assert "features gate of subscribers" in refused.stderr
    assert "session_minutes_7d: column values to not be null" in refused.stderr

    before, after, trainings = verdicts(churn_home)
    assert {"quiet"} == before
    assert {"unknown"} == {*after}
    assert 0 == trainings
    kinds = {kind for (kind,) in churn_home.rows("select kind from churn.alerts")}
    assert "gate_features" in kinds
    assert len(kinds) > 1
    shown = churn_home.rows("select max(score_date) from churn.scores_current")
    assert [[str(CHANGED + timedelta(days=len(after)))]] == shown
