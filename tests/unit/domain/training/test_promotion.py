"""The rule of promotion."""

from datetime import date

from pipelines.domain.training.promotion import Promotion, last_promoted, promoted_before


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
