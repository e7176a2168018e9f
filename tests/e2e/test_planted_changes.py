"""Twenty quiet nights, then a planted change: what an alarm is worth. Minutes; `make proof`."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.e2e.installation import Installation, fresh

CHANGED = date(2026, 9, 1)
LAST = CHANGED + timedelta(days=3)
TRAINED = CHANGED - timedelta(days=20)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture
def installation() -> Iterator[Installation]:
    """One installation a test: each has customers of its own."""
    with fresh() as made:
        yield made


def prepare(installation: Installation, change: str) -> None:
    """Load 20,000 customers who change, and train a champion twenty nights before they do."""
    installation.churn("load-demo", "--as-of", LAST, change, CHANGED)
    latest = TRAINED - timedelta(days=30)
    installation.churn(
        *("backfill", "--from", latest - timedelta(days=330), "--to", latest),
        *("--every", 30, "--as-of", TRAINED),
    )
    installation.churn("train", "--as-of", TRAINED)


def verdicts(installation: Installation) -> tuple[set[str], list[str], int]:
    """Return the verdicts of the nights before the change, those after, and trainings asked for."""
    rows = installation.rows(
        "select as_of, verdict, is_training_requested from churn.drift_verdicts order by as_of"
    )
    days = [date.fromisoformat(day) for day, _, _ in rows]
    assert days == [TRAINED + timedelta(days=number + 1) for number in range(len(days))]

    return (
        {verdict for day, (_, verdict, _) in zip(days, rows, strict=True) if day <= CHANGED},
        [verdict for day, (_, verdict, _) in zip(days, rows, strict=True) if day > CHANGED],
        sum(is_requested == "True" for _, _, is_requested in rows),
    )


def test_changed_behaviour_is_trained_for_once(installation: Installation) -> None:
    """Twenty quiet nights, then drift within three, and one training."""
    prepare(installation, "--drift-from")
    installation.churn("run", "--as-of", TRAINED + timedelta(days=1), "--until", LAST)

    before, after, trainings = verdicts(installation)
    assert {"quiet"} == before
    assert 3 == len(after)
    assert "drifted" in after
    assert 1 == trainings


def test_lost_values_are_told_and_then_held(installation: Installation) -> None:
    """Twenty quiet nights, then a night that trains nothing, then none that is published."""
    prepare(installation, "--nulls-from")
    refused = installation.run("run", "--as-of", TRAINED + timedelta(days=1), "--until", LAST)
    assert 21 == refused.returncode, refused.stderr
    assert "features gate of subscribers" in refused.stderr
    assert "session_minutes_7d: column values to not be null" in refused.stderr

    before, after, trainings = verdicts(installation)
    assert {"quiet"} == before
    assert {"unknown"} == {*after}
    assert 0 == trainings
    kinds = {kind for (kind,) in installation.rows("select kind from churn.alerts")}
    assert "gate_features" in kinds
    assert len(kinds) > 1
    shown = installation.rows("select max(score_date) from churn.scores_current")
    assert [[str(CHANGED + timedelta(days=len(after)))]] == shown
