"""The table of faults, whose lines are added up over lanes and repeats."""

from tests.faults.table import Told, text, together


def test_what_never_happened_is_said_to_have_never_happened() -> None:
    """Kills that all landed before the commit are as many as landed, and none after it."""
    outcome = "{before} before, {after} after the commit"
    told = [Told("kill -9", outcome, 10, 3, {"before": 3, "after": 0}) for _ in range(2)]
    (line,) = together(told)

    assert (20, 6, {"before": 6, "after": 0}) == (line.polls, line.times, line.counts)
    assert text([line])[0].endswith("6 before, 0 after the commit")
