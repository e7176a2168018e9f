"""The rule of promotion."""

from datetime import date

import pytest

from pipelines.domain.training.evaluation import Estimate
from pipelines.domain.training.promotion import judge


@pytest.mark.parametrize(("lower", "expected"), [(0.0001, True), (0.0, False), (-0.01, False)])
def test_only_a_sure_gain_is_promoted(lower: float, expected: bool) -> None:
    """The lower bound of the difference must be above 0, not at it."""
    is_promoted, reason, evidence = judge(
        Estimate(0.01, lower, 0.03), snapshot=date(2026, 10, 1), rows=4000, churners=400
    )

    assert expected == is_promoted
    assert "+0.0100" in reason
    assert "4,000 customers of 2026-10-01, 400 churners" in reason
    assert {"value": 0.01, "lower": lower, "upper": 0.03} == evidence["auc_difference"]
