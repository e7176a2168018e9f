"""Features that are too good alone."""

import numpy as np
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.training.leakage import single_feature_aucs

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("honest", "numeric", "Honest"),
        Feature("answer", "numeric", "Answer"),
        Feature("reversed_answer", "numeric", "Reversed"),
        Feature("only_churners", "numeric", "Only churners", nullable=True),
        Feature("reason", "categorical", "Reason", levels=("left", "here", "gone"), nullable=True),
        Feature("empty", "numeric", "Empty", nullable=True),
    ),
)


def test_each_way_to_tell_the_answer_is_seen() -> None:
    """By value, reversed, by being NULL, by level; an honest or empty feature is left alone."""
    random = np.random.default_rng(1)
    is_churned = random.random(1000) < 0.2
    level = np.where(is_churned, random.integers(0, 2, 1000) * 2, 1)
    matrix = np.column_stack(
        [
            random.normal(size=1000) + 0.3 * is_churned,
            is_churned * 2.0,
            -1.0 * is_churned,
            np.where(is_churned, random.normal(size=1000), np.nan),
            level,
            np.full(1000, np.nan),
        ]
    ).astype(np.float32)

    found = single_feature_aucs(matrix, is_churned, CONTRACT)

    assert 0.5 < found["honest"] < 0.7
    assert found["empty"] == pytest.approx(0.5)
    for name in ("answer", "reversed_answer", "only_churners", "reason"):
        assert found[name] == pytest.approx(1.0), name


def test_a_level_of_a_few_is_no_answer() -> None:
    """Five hundred levels of a thousand rows: in their own rows they would tell nearly all."""
    random = np.random.default_rng(2)
    is_churned = random.random(1000) < 0.2
    levels = tuple(f"shop {number}" for number in range(500))
    contract = FeatureContract("fct", (Feature("shop", "categorical", "Shop", levels=levels),))
    matrix = random.permutation(np.repeat(np.arange(500), 2)).astype(np.float32)[:, None]

    assert single_feature_aucs(matrix, is_churned, contract)["shop"] < 0.6
