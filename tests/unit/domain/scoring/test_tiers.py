"""Risk tiers."""

import numpy as np
import pytest

from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy

THRESHOLDS = {"medium": 0.3, "high": 0.6, "critical": 0.7}
ACTIONS = {"low": "none", "medium": "mail", "high": "offer", "critical": "call"}


def test_a_threshold_belongs_to_its_tier() -> None:
    """Both edges of every tier, in float64."""
    bounds = TierBounds.of(TierPolicy(THRESHOLDS, ACTIONS))
    below = np.nextafter([0.3, 0.6, 0.7], 0)

    assert [0, 1, 2] == bounds.cut(below).tolist()
    assert [1, 2, 3] == bounds.cut(np.array([0.3, 0.6, 0.7])).tolist()
    assert [0, 3] == bounds.cut(np.array([0.0, 1.0])).tolist()


def test_tiers_ascend_whatever_the_order_they_are_given_in() -> None:
    """Names, thresholds and actions have one order, and the policy is the same."""
    given = TierPolicy(dict(reversed(THRESHOLDS.items())), dict(reversed(ACTIONS.items())))

    assert ("low", "medium", "high", "critical") == given.names
    assert [0.3, 0.6, 0.7] == [*given.thresholds.values()]
    assert ["none", "mail", "offer", "call"] == [*given.actions.values()]
    assert TierPolicy(THRESHOLDS, ACTIONS) == given


@pytest.mark.parametrize(
    ("more", "names", "top"),
    [
        ({"worried": 0.5}, ("calm", "worried"), ("worried",)),
        ({"worried": 0.5, "lost": 0.9}, ("calm", "worried", "lost"), ("worried", "lost")),
        (
            {"lost": 0.9, "worried": 0.5, "leaving": 0.7},
            ("calm", "worried", "leaving", "lost"),
            ("leaving", "lost"),
        ),
    ],
)
def test_there_are_as_many_tiers_as_are_given(
    more: dict[str, float], names: tuple[str, ...], top: tuple[str, ...]
) -> None:
    """The lowest is the one without a threshold, and is never among the two highest."""
    policy = TierPolicy(more, dict.fromkeys(["calm", *more], "call"))

    assert (names, names[0], top) == (policy.names, policy.floor, policy.top)


@pytest.mark.parametrize(
    ("thresholds", "actions", "told"),
    [
        ({"high": 1.0}, {"low": "", "high": ""}, "high is 1 and has to be above 0 and below 1"),
        ({"high": 0.0}, {"low": "", "high": ""}, "high is 0 and has to be above 0 and below 1"),
        ({"high": float("nan")}, {"low": "", "high": ""}, "high is nan and has to be above 0"),
        ({"a": 0.6, "b": 0.6}, {"low": "", "a": "", "b": ""}, "a and b begin at the same 0.6"),
        ({}, {"low": ""}, "no tier has a threshold"),
        ({"high": 0.6}, {"low": ""}, "high has a threshold and no action"),
        ({"high": 0.6}, {"high": ""}, "an action and no threshold; here: none"),
        ({"high": 0.6}, {"a": "", "b": "", "high": ""}, "and no threshold; here: a, b"),
        ({"a b": 0.6}, {"low": "", "a b": ""}, "'a b' is no name for a tier"),
        ({"a" * 58: 0.6}, {"low": "", "a" * 58: ""}, "is no name for a tier"),
    ],
)
def test_tiers_nobody_can_be_put_into_are_refused(
    thresholds: dict[str, float], actions: dict[str, str], told: str
) -> None:
    """The refusal names the tier and what is wrong with it."""
    with pytest.raises(ValueError, match=told):
        TierPolicy(thresholds, actions)


def test_an_action_may_depend_on_the_theme_of_the_first_reason() -> None:
    """Of the tiers that are named; without a reason, or with one of another theme, the usual."""
    tiers = TierPolicy(
        {"high": 0.6}, {"low": "none", "high": "call"}, {"payment": {"high": "ask for a card"}}
    )
    codes = np.array([0, 1, 1, 1])
    themes = np.array(["payment", "payment", "usage", None], dtype=object)

    assert ["none", "ask for a card", "call", "call"] == tiers.recommended(codes, themes).tolist()
    assert ["none", "call", "call", "call"] == tiers.recommended(codes).tolist()
    assert ("none", "call", "ask for a card") == tiers.every_action


def test_a_theme_names_tiers_there_are() -> None:
    """Or the policy is refused."""
    with pytest.raises(ValueError, match=r"actions_by_theme\.payment names severe"):
        TierPolicy({"high": 0.6}, {"low": "a", "high": "b"}, {"payment": {"severe": "c"}})
