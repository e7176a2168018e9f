"""Which earlier nights count, and how much."""

from datetime import UTC, date, datetime, timedelta

import pytest

from pipelines.domain.gates.history import History, Observation, overlap_checks
from pipelines.domain.gates.limits import Overlap
from pipelines.domain.scoring.runs import ScoreRun

FIRST = date(2026, 10, 1)


def seen(*values: float, version: int = 1, since: date = FIRST) -> list[Observation]:
    """Return one observation a night."""
    return [
        Observation(since + timedelta(days=n), "raw.invoices", "rows", value, version)
        for n, value in enumerate(values)
    ]


def listed(as_of: date, version: int) -> ScoreRun:
    """Return a run of one night."""
    at = datetime(2026, 10, 1, tzinfo=UTC)

    return ScoreRun(
        *(7, "subscribers", as_of, "staged", "churn-subscribers", version, "f", 9, "h", None),
        *(at, None),
    )


@pytest.mark.parametrize(("nights", "expected"), [(1, ()), (2, [5.0, 7.0])])
def test_it_takes_enough_nights(nights: int, expected: list[float]) -> None:
    """One night is an anecdote."""
    history = History(seen(5.0, 7.0)[:nights], minimum_nights=2)

    assert expected == history.usual("raw.invoices", "rows").values


def test_one_night_is_enough_to_miss_its_rows() -> None:
    """The latest of them says how many there were, whatever the order they are read in."""
    history = History([*reversed(seen(5.0, 7.0))], minimum_nights=3)
    latest = history.latest("raw.invoices", "rows")

    assert latest is not None
    assert (date(2026, 10, 2), 7.0) == (latest.as_of, latest.value)
    assert history.latest("raw.customers", "rows") is None


def test_lists_of_another_model_are_reason_for_a_warning() -> None:
    """Until the new champion has enough lists of its own."""
    old = seen(5.0, 7.0)
    new = seen(9.0, 9.5, version=2, since=FIRST + timedelta(days=2))
    first_night = History(old, minimum_nights=2).of_model(2).usual("raw.invoices", "rows")
    third_night = History([*old, *new], minimum_nights=2).of_model(2).usual("raw.invoices", "rows")

    assert [5.0, 7.0] == first_night.values
    assert "lists of other models than version 2: only a warning" == first_night.remark
    assert ([9.0, 9.5], "") == (third_night.values, third_night.remark)


def test_the_riskiest_are_held_to_a_list_of_the_same_model() -> None:
    """Of another model the narrower bound warns, and says of which."""
    tonight = listed(FIRST + timedelta(days=1), 2)
    limit = Overlap(riskiest_pct=5, at_least_customers=20, warn_below=0.5, fail_below=0.3)
    same = overlap_checks("was", tonight, listed(FIRST, 2), customers=20, limit=limit)
    other = overlap_checks("was", tonight, listed(FIRST, 1), customers=20, limit=limit)

    assert [("fail", 0.3), ("warn", 0.5)] == [(c.severity, c.kwargs["mostly"]) for c in same]
    assert [("warn", 0.5)] == [(c.severity, c.kwargs["mostly"]) for c in other]
    assert "a list of model version 1: only a warning" == other[0].context["remark"]


@pytest.mark.parametrize(("days", "severities"), [(7, ["fail", "warn"]), (8, ["warn"])])
def test_the_riskiest_of_long_ago_are_only_a_warning(days: int, severities: list[str]) -> None:
    """Many of them have left, and rightly."""
    limit = Overlap(riskiest_pct=5, at_least_customers=20, warn_below=0.5, fail_below=0.3)
    tonight = listed(FIRST + timedelta(days=days), 2)
    checks = overlap_checks("was", tonight, listed(FIRST, 2), customers=20, limit=limit)

    assert severities == [check.severity for check in checks]
    if len(severities) == 1:
        assert "a list of 8 days before: only a warning" == checks[0].context["remark"]
