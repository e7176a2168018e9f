"""What counts as leaving, said in a sentence."""

import pytest

from pipelines.domain.scaffolds.leaving import Leaving, leaving, within
from pipelines.errors import ConfigError


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (["no plays in 21d"], Leaving(21, silent="plays")),
        (["NO my plays IN 7D"], Leaving(7, silent="my plays")),
        (["page=Cancel it in 60d"], Leaving(60, column="page", value="Cancel it")),
        (["a=b=c in 60d"], Leaving(60, column="a", value="b=c")),
        (["cancellations in 60d"], Leaving(60, table="cancellations")),
        (
            ["cancellations in 21d", "no plays in 21d"],
            Leaving(21, silent="plays", table="cancellations"),
        ),
        (
            ["no plays in 21d", "page=Cancel in 21d"],
            Leaving(21, silent="plays", column="page", value="Cancel"),
        ),
    ],
)
def test_silence_an_event_or_either(rules: list[str], found: Leaving) -> None:
    """In any case of letters; the value is as it is typed."""
    assert found == leaving(rules)


@pytest.mark.parametrize(
    "rule", ["", "plays", "no plays", "no plays in 0d", "no a=b in 3d", "no x in 9999d"]
)
def test_what_says_neither_is_refused(rule: str) -> None:
    """With what can be said."""
    with pytest.raises(ConfigError, match="does not say when somebody has left") as refused:
        leaving([rule])
    assert "COLUMN=VALUE in 60d" in refused.value.next_step


@pytest.mark.parametrize(
    "rules",
    [
        ["no a in 3d", "no b in 3d"],
        ["x=a in 3d", "x=b in 3d"],
        ["no a in 3d", "x=b in 4d"],
        ["a in 3d", "x=b in 3d"],
    ],
)
def test_rules_that_do_not_go_together_are_refused(rules: list[str]) -> None:
    """Two silences, two events, or two horizons."""
    with pytest.raises(ConfigError, match="2 rules say when somebody has left"):
        leaving(rules)


def test_who_is_a_member() -> None:
    """By a row in so many days; silence is not asked of them."""
    assert ("plays", 90) == within("plays in 90d")
    for text in ("no plays in 90d", "plays", "plays in 0d"):
        with pytest.raises(ConfigError, match="is not TABLE in so many days"):
            within(text)
