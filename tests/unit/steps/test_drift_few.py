"""Nights nobody plans: few customers, nothing known of them, nobody of the night before."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.drift.scipy_engine import ScipyEngine
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.models import MemoryRegistry
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.judged_night import PROBABILITIES, ROWS, JudgedNight, reference
from tests.unit.steps.subscribers import CONTRACT, NIGHT, before, customers, model, stage


def night(table: pa.Table) -> JudgedNight:
    """Return a night of some customers, of whom three features matter, with real tests."""
    made = JudgedNight()
    made.engine = ScipyEngine()  # type: ignore[assignment]  the same, and real
    made.models, made.scores = MemoryRegistry(), MemoryScores()
    weights = {"fee_eur": 0.3, "tickets_28d": 0.2, "plan": 0.1}
    made.models.add(model(weights, reference=reference()))
    made.features = MemoryFeatures()
    made.features.add(NIGHT, table, CONTRACT)
    scores = np.linspace(0.1, 0.9, len(table)).tolist()
    made.scores.publish(stage(made.scores, scores, ids=table["customer_id"]))

    return made


@pytest.mark.parametrize(("rows", "is_together"), [(1, False), (2, False), (29, False), (30, True)])
def test_few_customers_are_judged_column_by_column(rows: int, is_together: bool) -> None:
    """One is quiet like any other; no classifier learns who is like whom from fewer than thirty."""
    report = night(customers(rows)).judge()

    assert "quiet" == report.verdict
    assert is_together == ("*joint*" in {check.feature for check in report.checks})


@pytest.mark.parametrize("gone", [["fee_eur"], ["plan"], [*CONTRACT.names]])
def test_what_is_missing_of_everybody_is_unknown(gone: list[str]) -> None:
    """One column or all of them: named, and no reason to train."""
    table = customers(ROWS)
    for name in gone:
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.nulls(ROWS, table[name].type))
    report = night(table).judge()

    assert "unknown" == report.verdict
    assert {*gone} == {check.feature for check in report.checks if check.verdict == "missing"}
    assert report.reason.startswith("missing rates changed: ")


def test_where_everybody_is_new_no_order_is_compared() -> None:
    """Nobody is in both lists; the customers themselves are as they were."""
    made = night(customers(ROWS))
    others = [f"another {number}" for number in range(ROWS)]
    earlier = stage(made.scores, PROBABILITIES[::-1].tolist(), as_of=before(1), ids=others)
    made.scores.publish(earlier)
    report = made.judge()

    assert "quiet" == report.verdict
    assert "*score ranks*" not in {check.feature for check in report.checks}
