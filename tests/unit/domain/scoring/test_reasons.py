"""Reasons in words."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.scoring.reasons import compared, phrase, top_reasons

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


@pytest.mark.parametrize(
    ("feature", "value", "usual", "expected"),
    [
        (IDLE, 40, 2.0, "Time since last use: 40 days, usually 2"),
        (IDLE, 1, 0.0, "Time since last use: 1 day, usually 0"),
        (IDLE, 2.001, 2.0, "Time since last use: 2 days"),
        (IDLE, None, 2.0, "Time since last use: unknown, usually 2 days"),
        (IDLE, 3, None, "Time since last use: 3 days, usually none"),
        (IDLE, None, None, "Time since last use: unknown"),
        (FEE, 12.3456, 1234.0, "Fee: 12.3 EUR a month, usually 1,234"),
        (AUTOPAY, False, True, "Pays automatically: no, usually yes"),
        (AUTOPAY, True, True, "Pays automatically: yes"),
        (PLAN, "pro", "basic", "Plan: pro, usually basic"),
        (PLAN, "pro", "pro", "Plan: pro"),
        (PLAN, None, "pro", "Plan: unknown, usually pro"),
    ],
)
def test_a_reason_says_what_is_usual(
    feature: Feature,
    value: float | bool | str | None,
    usual: float | bool | str | None,
    expected: str,
) -> None:
    """Only where it differs, and the unit once."""
    assert expected == compared(feature, value, usual)


def test_reasons_are_of_different_themes() -> None:
    """A theme weighs the sum of its features, and is told by that which adds most."""
    use = [
        Feature("uses_7d", "numeric", "Uses, last 7 days", theme="usage"),
        Feature("uses_28d", "numeric", "Uses, last 28 days", theme="usage"),
    ]
    contract = FeatureContract("fct", (FEE, *use, PLAN))
    batch = pa.RecordBatch.from_pydict(
        {"fee_eur": [10.0] * 3, "uses_7d": [0] * 3, "uses_28d": [3] * 3, "plan": ["pro"] * 3}
    )
    contributions = np.array([[0.5, 0.2, 0.4, 0.1], [0.5, 0.9, -0.6, 0.1], [0.5, 0.2, -0.2, 0.1]])

    texts = top_reasons(batch, contributions, contract, {"fee_eur": 9.0, "uses_28d": 12.0})

    assert [
        ["Uses, last 28 days: 3, usually 12", "Fee: 10 EUR a month, usually 9", "Plan: pro"],
        ["Fee: 10 EUR a month, usually 9", "Uses, last 7 days: 0", "Plan: pro"],
        ["Fee: 10 EUR a month, usually 9", "Plan: pro", None],
    ] == [list(row) for row in zip(*texts, strict=True)]


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

    texts = top_reasons(batch, contributions, contract, {})

    assert [
        ["Fee: 10 EUR a month", "Plan: pro", "Pays automatically: yes"],
        ["Time since last use: unknown", "Plan: basic", None],
        [None, None, None],
    ] == [list(row) for row in zip(*texts, strict=True)]


@pytest.mark.simulation
def test_numbers_told_together_read_as_those_told_alone() -> None:
    """Also in the middle between two decimals, a last digit beside it, and where digits change."""
    random = np.random.default_rng(3)
    middles = np.concatenate([np.arange(-4000, 4000) / 200, np.arange(1800, 24000) / 20])
    near = np.array([0.0, -0.0, 0.004, 9.995, 9.9949, 99.95, 99.949, 1e15 + 0.5, 1e300, np.nan])
    values = np.concatenate(
        [
            *(np.nextafter(middles, to) for to in (-np.inf, np.inf)),
            *(middles, near, -near),
            random.lognormal(2, 3, 20_000),
        ]
    )
    columns = [pa.array(values), pa.array(values[np.abs(values) < 1e30], pa.float32())]
    for column in columns:
        batch = pa.RecordBatch.from_arrays([column], names=["fee_eur"])
        contract = FeatureContract("made_up", (FEE,))
        found = top_reasons(batch, np.ones((len(column), 1)), contract, {"fee_eur": 12.5})

        assert [compared(FEE, value, 12.5) for value in column.to_pylist()] == found[0].tolist()
