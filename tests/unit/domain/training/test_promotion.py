"""The rule of promotion."""

from dataclasses import replace
from datetime import date

from pipelines.domain.training.promotion import (
    Promotion,
    last_promoted,
    last_rejected,
    missed,
    promoted_before,
)


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


def test_a_rejection_holds_until_a_later_decision_on_the_version() -> None:
    """That of another version is none, and neither is one that was not promoted."""
    refused, approved = decision(2, is_promoted=False), decision(2, is_promoted=True)
    rejected = replace(refused, evidence={"rejected_by": "Ada King"})
    of_another = decision(3, is_promoted=False)

    assert rejected == last_rejected([refused, rejected, of_another], 2)
    assert last_rejected([rejected, approved], 2) is None
    assert last_rejected([rejected, of_another], 3) is None
    assert last_rejected([], 2) is None
    assert ["was rejected", "was not promoted"] == [rejected.verdict, refused.verdict]


def test_the_champion_before_is_another_version() -> None:
    """Recorded twice it is still the same one; returned to, the other is the one before."""
    one, two, refused = (decision(version, is_promoted=version < 3) for version in (1, 2, 3))

    assert promoted_before([]) is None
    assert promoted_before([one, one, refused]) is None
    assert one == promoted_before([one, two, two])
    assert two == promoted_before([one, two, one])


def test_a_floor_is_missed_below_it() -> None:
    """The lowest is named; what is reached, or not there, is none."""
    floors = {"staging": 0.85, "production": 0.9}

    assert "its AUC on the test is 0.849, below the staging floor of 0.85" == missed(0.849, floors)
    assert "its AUC on the test is 0.870, below the production floor of 0.9" == missed(0.87, floors)
    assert missed(0.9, floors) is None
    assert missed(0.5, {"staging": None, "production": None}) is None


def test_the_verdict_is_told() -> None:
    """Champion, not promoted, or waiting."""
    promoted, refused = (decision(2, is_promoted=is_promoted) for is_promoted in (True, False))

    assert "subscribers: version 2 is now champion: r" == str(promoted)
    assert "subscribers: version 2 was not promoted: r" == str(refused)
    assert "subscribers: version 2 waits for a person: r" == str(replace(refused, is_waiting=True))
