"""Drift that lasts, and what is usual for the time of year."""

from datetime import date, timedelta

import pytest

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.persistence import as_usual, like_dates, with_nights

AS_OF = date(2026, 12, 15)
TRAINED = AS_OF - timedelta(days=50)


def ago(days: int) -> date:
    """Return the date that many days before tonight."""
    return AS_OF - timedelta(days=days)


def check(feature: str, verdict: str = "drifted") -> DriftCheck:
    """Return one check."""
    return DriftCheck(
        feature=feature,
        missing_reference_pct=0.0,
        missing_current_pct=0.0,
        verdict=verdict,  # type: ignore[arg-type]
        finding="seen",
        owner="data",
    )


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], 1),
        ([{"usage"}], 2),
        ([set(), {"usage"}], 2),
        ([{"usage"}, {"usage"}], 3),
        ([{"fee"}, {"fee"}], 1),
        ([set(), set(), {"usage"}], 1),
    ],
)
def test_a_column_is_counted_on_three_nights(earlier: list[set[str]], expected: int) -> None:
    """This one and the two judged before it; another column's drift is its own."""
    checks = with_nights([check("usage"), check("fee", "quiet")], earlier)

    assert [expected, 0] == [found.nights for found in checks]


def test_the_same_weekday_a_year_ago_is_like_tonight() -> None:
    """The nearest date, up to 15 days from it and no further."""
    assert [ago(364)] == like_dates([ago(364), ago(367)], as_of=AS_OF, trained=TRAINED)
    assert [ago(379)] == like_dates([ago(379), ago(400)], as_of=AS_OF, trained=TRAINED)
    assert [] == like_dates([ago(380), ago(348)], as_of=AS_OF, trained=TRAINED)


def test_the_last_same_weekday_before_the_model_is_like_tonight() -> None:
    """56 and 77 days ago it was the same weekday; not 78, and not earlier than four weeks."""
    assert [ago(56)] == like_dates([ago(56), ago(63), ago(57)], as_of=AS_OF, trained=TRAINED)
    assert [ago(77)] == like_dates([ago(77), ago(78)], as_of=AS_OF, trained=TRAINED)
    assert [] == like_dates([ago(84)], as_of=AS_OF, trained=TRAINED)


def test_what_came_after_the_model_is_never_usual() -> None:
    """A change since its training stays one, also a year later; nor is a later night."""
    built = [ago(7), ago(49), AS_OF, ago(-7)]
    assert [] == like_dates(built, as_of=AS_OF, trained=TRAINED)
    assert [] == like_dates([ago(364)], as_of=AS_OF, trained=ago(365))
    assert [ago(364)] == like_dates([ago(364)], as_of=AS_OF, trained=ago(364))


def test_only_what_is_quiet_beside_a_like_date_is_usual() -> None:
    """The date is named; what differs from both stays drifted, and so does what was not judged."""
    checks = [check("usage"), check("fee"), check("*score*"), check("plan", "missing")]
    again = [check("usage", "quiet"), check("fee"), check("plan", "quiet")]
    found = as_usual(checks, again, ago(364))

    assert ["quiet", "drifted", "drifted", "missing"] == [item.verdict for item in found]
    assert "seen, as on 2025-12-16" == found[0].finding
