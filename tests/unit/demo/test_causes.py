import dataclasses
from typing import Any

import numpy as np
import pytest

from pipelines.demo.lives.causes import CHANNELS, PAYMENT_METHODS, Circumstances, chance_to_decide

USUAL: dict[str, Any] = {
    "contract": 0,
    "days_to_term": np.inf,
    "tenure_days": 400.0,
    "usage_level": 0.0,
    "usage_deviation": 0.0,
    "discontent": 0.0,
    "price_pain": 0.0,
    "downgraded": 0.0,
    "lateness": 0.1,
    "payment_method": 0,
    "channel": 0,
    "age_years": 45.0,
    "unseen": 0.0,
}


def chance(**differences: float) -> float:
    """Chance of one subscriber who is usual but for *differences*."""
    values = USUAL | differences
    assert set(values) == {field.name for field in dataclasses.fields(Circumstances)}

    return float(
        chance_to_decide(Circumstances(**{key: np.array([v]) for key, v in values.items()}))[0]
    )


@pytest.mark.parametrize(
    "cause",
    [
        {"tenure_days": 20.0},
        {"usage_level": -1.0},
        {"usage_deviation": -1.0},
        {"discontent": 1.0},
        {"price_pain": 1.0},
        {"downgraded": 1.0},
        {"lateness": 0.4},
        {"payment_method": PAYMENT_METHODS.index(max(PAYMENT_METHODS))},
        {"channel": CHANNELS.index(max(CHANNELS))},
        {"age_years": 25.0},
        {"unseen": 0.5},
    ],
)
def test_each_cause_makes_leaving_more_likely(cause: dict[str, float]) -> None:
    """Alone, every cause raises the chance of the usual subscriber."""
    assert chance(**cause) > chance()


def test_commitment_holds_until_the_term_ends() -> None:
    """An annual contract protects, but not in its last eight weeks."""
    assert chance(contract=1, days_to_term=200.0) < chance() / 4
    assert chance(contract=1, days_to_term=55.9) > 4 * chance(contract=1, days_to_term=56.0)
