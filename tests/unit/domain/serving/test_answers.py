"""Scores of rows, as a service answers them: those of the night."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from pipelines.domain.arrays import Matrix
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.scoring import score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.serving.answers import answers, score_rows
from pipelines.testing.models import LinearPredictor

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("tickets", "numeric", "Tickets", unit="tickets", theme="support"),
        Feature("idle_days", "numeric", "Idle", unit="days", nullable=True),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True),
        Feature("is_autopay", "boolean", "Autopay"),
    ),
)
SPEC = ModelSpec(
    population="subscribers",
    family="sum",
    as_of=date(2026, 11, 1),
    contract=CONTRACT,
    calibrator=Calibrator.through(np.array([0.0, 3.0]), np.array([0.1, 0.9])),
    split=Split((date(2026, 8, 1),), (date(2026, 8, 1),), 1),
    usual={"tickets": 0.0, "idle_days": None, "plan": "pro", "is_autopay": True},
)
TIERS = TierPolicy(
    {"medium": 0.3, "high": 0.6},
    {"low": "none", "medium": "mail", "high": "call"},
    {"support": {"high": "apologise"}},
)


class Doubled(LinearPredictor):
    """Says twice as much."""

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Double what each feature adds."""
        return 2 * super().contributions(matrix)


WEIGHTS = np.array([0.9, 0.04, 0.3, -0.2])
FOLDS = tuple(LinearPredictor(WEIGHTS * share) for share in (0.7, 0.8, 0.9, 1.1, 1.2))
PREDICTORS = {
    "one model": CrossFitted(LinearPredictor(WEIGHTS), SPEC.split),
    "a model each": CrossFitted(Doubled(WEIGHTS), SPEC.split, FOLDS),
}


def customers(rows: int) -> pa.RecordBatch:
    """Return customers of a night, some of whose features are NULL."""
    random = np.random.default_rng(5)

    return pa.RecordBatch.from_pydict(
        {
            "customer_id": [f"c{number}" for number in range(rows)],
            "tickets": random.integers(0, 4, rows),
            "idle_days": pa.array(random.uniform(0, 60, rows), mask=random.random(rows) < 0.2),
            "plan": pa.array(random.choice(["basic", "pro", "gold"], rows)),
            "is_autopay": random.random(rows) < 0.5,
        }
    )


@pytest.mark.parametrize("predictors", PREDICTORS.values(), ids=[*PREDICTORS])
@pytest.mark.parametrize("is_for_everyone", [False, True])
def test_a_row_is_answered_as_the_night_answers_it(
    predictors: CrossFitted, is_for_everyone: bool
) -> None:
    """One at a time and all together, reasons and actions too."""
    night = customers(300)
    expected = answers(
        score_batch(
            night, spec=SPEC, predictors=predictors, tiers=TIERS, is_for_everyone=is_for_everyone
        )
    )
    rows = night.drop_columns(["customer_id"]).to_pylist()
    ids = night.column("customer_id").to_pylist()

    together = score_rows(
        rows,
        ids,
        spec=SPEC,
        predictors=predictors,
        tiers=TIERS,
        is_for_everyone=is_for_everyone,
    )
    alone = [
        score_rows(
            [row],
            [customer_id],
            spec=SPEC,
            predictors=predictors,
            tiers=TIERS,
            is_for_everyone=is_for_everyone,
        )[0]
        for row, customer_id in zip(rows[:100], ids[:100], strict=True)
    ]

    assert {"low", "medium", "high"} == {each.risk_tier for each in expected}
    assert "apologise" in {each.recommended_action for each in expected}
    assert expected == together
    assert expected[:100] == alone


def test_reasons_are_for_those_something_is_done_about() -> None:
    """The lowest tier has none, in words or as numbers."""
    low, high = score_rows(
        [{"tickets": 0, "is_autopay": True}, {"tickets": 9, "is_autopay": False}],
        ["", ""],
        spec=SPEC,
        predictors=PREDICTORS["one model"],
        tiers=TIERS,
    )

    assert ("low", (), None) == (low.risk_tier, low.reasons, low.explanation)
    assert "Tickets: 9 tickets, usually 0" == high.reasons[0]
    assert high.explanation is not None
    assert {"support", "idle_days", "plan", "is_autopay"} == {*high.explanation["themes"]}
