"""What a policy about tokens refuses to be."""

import re
from typing import Any

import pytest

from pipelines.domain.access.tokens import Caller, TokenPolicy

WHOLE = {"issuer": "https://a/", "audience": "churn", "jwks_url": "https://a/keys"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"algorithms": ("HS256",)}, "algorithms names HS256"),
        ({"algorithms": ("none",)}, "algorithms names none"),
        ({"algorithms": ()}, "must not be empty"),
        ({"grants_claim": ""}, "must not be empty"),
        ({"audience": ""}, "audience is missing"),
        ({"issuer": "", "audience": ""}, "issuer, audience is missing"),
        ({"jwks_url": "http://login.example.com/keys"}, "has to be https"),
        ({"jwks_url": "ftp://127.0.0.1/keys"}, "has to be https"),
        ({"jwks_url": "https://user:s3cret@a/keys"}, "has to be https"),
        ({"leeway_seconds": 3600}, "leeway_seconds is 3600"),
        ({"keep_seconds": 0}, "keep_seconds is 0"),
    ],
)
def test_a_policy_that_would_believe_too_much_is_refused(more: dict[str, Any], words: str) -> None:
    """With what is wrong, and no secret repeated."""
    with pytest.raises(ValueError, match=re.escape(words)) as refused:
        TokenPolicy(**{**WHOLE, **more})

    assert "s3cret" not in str(refused.value)


def test_a_policy_believes_nothing_until_a_provider_is_named() -> None:
    """As the house has it."""
    assert not TokenPolicy().is_used
    assert TokenPolicy(**WHOLE).is_used


def test_whoever_is_granted_every_kind_may_ask_each_about_whom_they_are() -> None:
    """Kinds and populations belong together."""
    caller = Caller("a", frozenset({("*", "players"), ("models", "*")}))

    assert caller.may("predict", "players")
    assert not caller.may("predict", "members")
    assert caller.may("models", None)
    assert ("*", "players") == caller.populations("models")
    assert not Caller("a", frozenset()).may("models", None)
