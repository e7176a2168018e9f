"""Reasons in words."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.scoring.reasons import phrase, top_reasons

IDLE = Feature("idle_days", "numeric", "Time since last use", unit="days", nullable=True)
FEE = Feature("fee_eur", "numeric", "Fee", unit="EUR a month")
AUTOPAY = Feature("is_autopay", "boolean", "Pays automatically")
PLAN = Feature("plan", "categorical", "Plan", levels=("basic", "pro"))


@pytest.mark.parametrize(
    ("feature", "value", "expected"),
    [
        (IDLE, 1, "Time since last use: 1 day"),
        (IDLE, 2, "Time since last use: 2 days"),
        (IDLE, 1234.5, "Time since last use: 1,234 days"),
        (IDLE, None, "Time since last use: unknown"),
        (IDLE, float("nan"), "Time since last use: unknown"),
        (FEE, 1, "Fee: 1 EUR a month"),
        (FEE, 12.3456, "Fee: 12.3 EUR a month"),
        (FEE, 0.256, "Fee: 0.26 EUR a month"),
        (FEE, 10.0, "Fee: 10 EUR a month"),
        (FEE, -0.001, "Fee: 0 EUR a month"),
        (FEE, -5.25, "Fee: -5.25 EUR a month"),
        (Feature("ratio", "numeric", "Ratio"), 0.5, "Ratio: 0.5"),
        (AUTOPAY, False, "Pays automatically: no"),
        (AUTOPAY, True, "Pays automatically: yes"),
        (PLAN, "pro", "Plan: pro"),
    ],
)
def test_a_reason_reads_as_people_say_it(
    feature: Feature, value: float | bool | str | None, expected: str
) -> None:
    """Title, a short number, the unit in the right number."""
    assert expected == phrase(feature, value)


def test_the_strongest_positive_features_come_first() -> None:
    """Only what pushes the probability up is a reason; equals go in contract order."""
    contract = FeatureContract("fct", (IDLE, FEE, AUTOPAY, PLAN))
    batch = pa.RecordBatch.from_pydict(
        {
            "plan": ["pro", "basic", "pro"],
            "fee_eur": [10.0, 20.0, 30.0],
            "idle_days": [1, None, 3],
            "is_autopay": [True, False, True],
        }
    )
    contributions = np.array([[0.1, 0.4, 0.2, 0.3], [0.5, -1.0, 0.0, 0.5], [-1, -1, -1, -1.0]])

    texts = top_reasons(batch, contributions, contract)

    assert [
        ["Fee: 10 EUR a month", "Plan: pro", "Pays automatically: yes"],
        ["Time since last use: unknown", "Plan: basic", None],
        [None, None, None],
    ] == [list(row) for row in zip(*texts, strict=True)]
