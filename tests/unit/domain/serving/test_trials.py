"""Who belongs to which model: for good, by nothing but their id, in the shares that were set."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from pipelines.domain.serving.trials import Trial

TRIAL = Trial(challenger=7, mode="split", salt="winter", challenger_pct=20)
CUSTOMERS = [f"C{number:08}" for number in range(20_000)]


def test_a_customer_belongs_to_a_model_by_a_hash() -> None:
    """sha256(salt ‖ customer), of which the first 64 bits are compared with the share."""
    digest = hashlib.sha256(b"winterC00000042").hexdigest()
    expected = "challenger" if int(digest[:16], 16) / 2**64 < 0.2 else "champion"

    assert expected == TRIAL.variant("C00000042")
    assert [TRIAL.variant(name) for name in CUSTOMERS] == [
        replace(TRIAL).variant(name) for name in CUSTOMERS
    ]


@pytest.mark.parametrize("percent", [1, 20, 50, 99])
def test_shares_are_those_that_were_set(percent: float) -> None:
    """Within what chance leaves of 20,000 customers."""
    trial = replace(TRIAL, challenger_pct=percent)
    found = sum(trial.variant(name) == "challenger" for name in CUSTOMERS)

    assert abs(found / len(CUSTOMERS) - percent / 100) < 0.012


def test_while_a_share_grows_nobody_goes_back() -> None:
    """And another salt deals anew."""
    small = {name for name in CUSTOMERS if TRIAL.variant(name) == "challenger"}
    larger = replace(TRIAL, challenger_pct=60)
    other = replace(TRIAL, salt="summer")

    assert small < {name for name in CUSTOMERS if larger.variant(name) == "challenger"}
    kept = sum(other.variant(name) == "challenger" for name in small)
    assert abs(kept / len(small) - 0.2) < 0.03


def test_a_customer_may_be_called_anything() -> None:
    """Also what is no plain letter."""
    assert {TRIAL.variant(name) for name in ("", "ß", "\ud7ff", "日本", "a" * 200)} <= {
        "champion",
        "challenger",
    }


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"challenger": 0}, "challenger is 0"),
        ({"challenger_pct": 0}, "challenger_pct is 0"),
        ({"challenger_pct": 100}, "challenger_pct is 100"),
        ({"challenger_pct": float("nan")}, "challenger_pct is nan"),
        ({"salt": ""}, "salt"),
        ({"salt": "a\n"}, "salt"),
    ],
)
def test_a_trial_of_nobody_is_refused(more: dict[str, Any], words: str) -> None:
    """With what is wrong."""
    with pytest.raises(ValueError, match=words):
        replace(TRIAL, **more)
