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


@pytest.fixture(params=["--drift-from", "--nulls-from"])
def verdicts(
    installation: Installation, request: pytest.FixtureRequest
) -> tuple[str, list[tuple[date, str, str]]]:
    """Verdicts of 20 nights before a change and 3 after it, of 20,000 customers."""
    installation.churn("load-demo", "--as-of", LAST, request.param, CHANGED)
    latest = TRAINED - timedelta(days=30)
    installation.churn(
        *("backfill", "--from", latest - timedelta(days=330), "--to", latest),
        *("--every", 30, "--as-of", TRAINED),
    )
    installation.churn("train", "--as-of", TRAINED)
    installation.churn("run", "--as-of", TRAINED + timedelta(days=1), "--until", LAST)
    rows = installation.rows(
        "select as_of, verdict, is_training_requested from churn.drift_verdicts order by as_of"
    )
    assert len(rows) == 23
    return request.param, [(date.fromisoformat(row[0]), row[1], row[2]) for row in rows]


def test_quiet_before_and_told_within_three_nights_after(
    installation: Installation, verdicts: tuple[str, list[tuple[date, str, str]]]
) -> None:
    """No alarm before; after changed behaviour one training; after lost values none."""
    change, nights = verdicts
    before = {verdict for night, verdict, _ in nights if night <= CHANGED}
    after = [verdict for night, verdict, _ in nights if night > CHANGED]
    trainings = sum(is_requested == "True" for _, _, is_requested in nights)
    alerts = installation.rows("select kind from churn.alerts order by as_of")

    assert {"quiet"} == before
    assert ("drifted" if change == "--drift-from" else "unknown") in after
    assert (1 if change == "--drift-from" else 0) == trainings
    assert len(alerts) >= 1
