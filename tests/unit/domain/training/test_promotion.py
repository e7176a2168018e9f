"""The rule of promotion."""

from datetime import date

import pytest

from pipelines.domain.training.evaluation import Estimate
from pipelines.domain.training.promotion import Promotion, judge, last_promoted, promoted_before


@pytest.mark.parametrize(("lower", "expected"), [(0.0001, True), (0.0, False), (-0.01, False)])
def test_only_a_sure_gain_is_promoted(lower: float, expected: bool) -> None:
    """The lower bound of the difference must be above 0, not at it."""
    is_promoted, reason, evidence = judge(
        Estimate(0.01, lower, 0.03), snapshot=date(2026, 10, 1), rows=4000, churners=400
    )

    assert expected == is_promoted
    assert "+0.0100" in reason
    assert "4,000 customers of 2026-10-01, 400 churners" in reason
    assert {"value": 0.01, "lower": lower, "upper": 0.03} == evidence["auc_difference"]


def decision(version: int, *, is_promoted: bool) -> Promotion:
    """Return a decision on a version."""
    return Promotion(
        population="subscribers",
        as_of=date(2026, 10, 1),
        champion_version=1,
        challenger_version=version,
        is_promoted=is_promoted,
        reason="r",
    )


def test_the_champion_is_who_was_promoted_last() -> None:
    """Whoever was judged since and not promoted is none; without a promotion there is none."""
    refused, first, second = (decision(version, is_promoted=version > 1) for version in (1, 2, 3))

    assert last_promoted([]) is None
    assert last_promoted([refused]) is None
    assert second == last_promoted([first, second, refused])
    assert first == last_promoted([second, refused, first])


def test_the_champion_before_is_another_version() -> None:
    """Recorded twice it is still the same one; returned to, the other is the one before."""
    one, two, refused = (decision(version, is_promoted=version < 3) for version in (1, 2, 3))

    assert promoted_before([]) is None
    assert promoted_before([one, one, refused]) is None
    assert one == promoted_before([one, two, two])
    assert two == promoted_before([one, two, one])
