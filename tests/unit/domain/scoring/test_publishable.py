"""What a list was scored from: refused, replaced, or fit to publish."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipelines.domain.scoring.publishable import GateVerdict, why_unfit
from pipelines.domain.scoring.runs import ScoreRun

BUILT = datetime(2026, 10, 1, 3, tzinfo=UTC)


def minutes(after: int) -> datetime:
    """Return a time, in minutes after the features were built."""
    return BUILT + timedelta(minutes=after)


def verdict(gate: Any, after: int, *, is_passed: bool = True) -> GateVerdict:
    """Return what a gate said."""
    return GateVerdict(gate, minutes(after), is_passed)


@pytest.mark.parametrize(
    ("verdicts", "scored", "command"),
    [
        ([verdict("sources", -5), verdict("features", 1)], 2, None),
        ([], 2, None),
        ([verdict("sources", -5, is_passed=False)], 2, "gate sources"),
        ([verdict("features", 1, is_passed=False)], 2, "gate features"),
        ([verdict("features", 1), verdict("features", 3, is_passed=False)], 2, "gate features"),
        ([verdict("features", 1, is_passed=False), verdict("features", 3)], 2, None),
        ([verdict("sources", 1, is_passed=False), verdict("sources", 3)], 2, "features"),
        ([verdict("sources", -9, is_passed=False), verdict("sources", -5)], 2, None),
        ([verdict("features", -1)], 2, "gate features"),
        ([verdict("sources", -5), verdict("features", 1)], -2, "score"),
    ],
    ids=[
        "both passed",
        "nobody looked",
        "sources refused",
        "features refused",
        "features refused at last",
        "features accepted at last",
        "features of refused sources",
        "features of mended sources",
        "features built again after the look",
        "features built again after the score",
    ],
)
def test_a_list_is_as_fit_as_what_it_was_scored_from(
    verdicts: list[GateVerdict], scored: int, command: str | None
) -> None:
    """Whatever the order of the commands was."""
    run = ScoreRun(
        *(7, "subscribers", date(2026, 10, 1), "staged", "m", 1, "f", 9, "h", None),
        *(minutes(scored), None),
    )
    unfit = why_unfit(run, BUILT, verdicts)

    assert command == (unfit.command if unfit else None)
