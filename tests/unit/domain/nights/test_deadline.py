"""When a list is due."""

from datetime import date, datetime, timedelta, timezone

import pytest

from pipelines.domain.nights.deadline import last_due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-10-02T05:59:59", date(2026, 10, 1)),
        ("2026-10-02T06:00:00", date(2026, 10, 2)),
        ("2026-10-02T23:59:59", date(2026, 10, 2)),
        ("2026-01-01T00:00:00", date(2025, 12, 31)),
    ],
)
def test_a_list_is_due_from_its_deadline_on(now: str, due: date) -> None:
    """Before it, yesterday's is the latest."""
    assert due == last_due("06:00", datetime.fromisoformat(f"{now}+00:00"))


def test_the_deadline_is_in_utc() -> None:
    """Seven o'clock in Vienna is an hour, in summer two, before six in UTC."""
    vienna = timezone(timedelta(hours=2))

    assert date(2026, 7, 1) == last_due("06:00", datetime(2026, 7, 2, 7, tzinfo=vienna))
    assert date(2026, 7, 2) == last_due("06:00", datetime(2026, 7, 2, 8, tzinfo=vienna))
