"""Reasons as JSON."""

import json

import numpy as np
import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.scoring.explanation import Explanation
from pipelines.domain.scoring.stored_reasons import Earlier, stored_reasons

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("uses_28d", "numeric", "Uses", theme='us"age'),
        Feature("idle_days", "numeric", "Idle", theme='us"age', nullable=True),
        Feature("fee_eur", "numeric", "Fee"),
        Feature("plan", "categorical", "Plan", levels=('b"a', "pro"), nullable=True),
        Feature("is_autopay", "boolean", "Pays automatically"),
        Feature("age", "numeric", "Age"),
    ),
)
BATCH = pa.RecordBatch.from_pydict(
    {
        "uses_28d": [0, 12],
        "idle_days": pa.array([None, 3], pa.int64()),
        "fee_eur": [float("nan"), 19.99],
        "plan": ['b"a', None],
        "is_autopay": [False, True],
        "age": [30, 40],
    }
)
ADDED = np.array([[1.5, 0.5, -2.0, 0.25, -0.125, 0.0], [-1e-9, 1.0, 0.5, 0.75, 0.875, 2.0]])
FOUND = Explanation(-1.0 + ADDED.sum(axis=1), np.full(2, -1.0), ADDED)
USUAL = {"uses_28d": 12.0, "plan": "pro", "is_autopay": True}


def test_the_strongest_features_are_told_with_value_and_usual_value() -> None:
    """Either way, strongest first; the others are the rest, and every theme is there."""
    first, second = map(json.loads, stored_reasons(BATCH, FOUND, CONTRACT, USUAL).to_pylist())

    assert {
        "log_odds": -0.875,
        "base": -1.0,
        "themes": {
            'us"age': 2.0,
            "fee_eur": -2.0,
            "plan": 0.25,
            "is_autopay": -0.125,
            "age": 0.0,
        },
        "features": [
            {"feature": "fee_eur", "value": None, "usual": None, "log_odds": -2.0},
            {"feature": "uses_28d", "value": 0, "usual": 12.0, "log_odds": 1.5},
            {"feature": "idle_days", "value": None, "usual": None, "log_odds": 0.5},
            {"feature": "plan", "value": 'b"a', "usual": "pro", "log_odds": 0.25},
            {"feature": "is_autopay", "value": False, "usual": True, "log_odds": -0.125},
        ],
        "rest": 0.0,
    } == first
    assert [("age", 40), ("idle_days", 3), ("is_autopay", True), ("plan", None)] == [
        (told["feature"], told["value"]) for told in second["features"][:4]
    ]
    assert 0.0 == second["rest"]


def test_the_model_of_the_list_before_is_told_by_its_own_themes() -> None:
    """With its version, so that nobody takes it for another's."""
    narrow = FeatureContract("fct", CONTRACT.features[2:3])
    before = Explanation(np.array([0.5, 1.5]), np.full(2, -0.5), np.array([[1.0], [2.0]]))
    stored = stored_reasons(BATCH, FOUND, CONTRACT, USUAL, Earlier(3, narrow, before))

    assert [
        {"version": 3, "log_odds": 0.5, "base": -0.5, "themes": {"fee_eur": 1.0}},
        {"version": 3, "log_odds": 1.5, "base": -0.5, "themes": {"fee_eur": 2.0}},
    ] == [json.loads(text)["before"] for text in stored.to_pylist()]


def test_of_nobody_nothing_is_told() -> None:
    """An empty batch is legal."""
    nobody = Explanation(np.empty(0), np.empty(0), np.empty((0, 6)))

    assert [] == stored_reasons(BATCH.slice(0, 0), nobody, CONTRACT, USUAL).to_pylist()
