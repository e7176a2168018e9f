"""The pure function every score comes from."""

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
from pipelines.domain.scoring.scoring import SCHEMA, score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.errors import ContractMismatch

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("tickets", "numeric", "Tickets", unit="tickets"),
        Feature("idle_days", "numeric", "Idle", unit="days"),
    ),
)
SPEC = ModelSpec(
    population="subscribers",
    family="sum",
    as_of=date(2026, 11, 1),
    contract=CONTRACT,
    calibrator=Calibrator.through(np.array([0.0, 10.0]), np.array([0.1, 0.9])),
    split=Split((date(2026, 8, 1), date(2026, 9, 1)), (date(2026, 10, 1),), 1),
)
TIERS = TierPolicy(
    {"medium": 0.3, "high": 0.6, "critical": 0.8},
    {"low": "none", "medium": "mail", "high": "offer", "critical": "call"},
)


class Sum:
    """The sum of the features, which is also its own explanation."""

    def margins(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Add up each row."""
        return matrix.sum(axis=1).astype(np.float64)

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Each feature adds itself."""
        return matrix.astype(np.float64)


PREDICTORS = CrossFitted(Sum(), SPEC.split)


def _batch(rows: int) -> pa.RecordBatch:
    random = np.random.default_rng(3)
    return pa.RecordBatch.from_pydict(
        {
            "customer_id": [f"c{number}" for number in range(rows)],
            "idle_days": random.integers(0, 8, rows),
            "tickets": random.integers(0, 4, rows),
        }
    )


def test_each_row_has_probability_tier_action_and_reasons() -> None:
    """Low customers have no reasons, the others those features that push."""
    batch = pa.RecordBatch.from_pydict(
        {"customer_id": ["a", "b", "c"], "tickets": [0, 0, 4], "idle_days": [0, 5, 6]}
    )

    actual = score_batch(batch, spec=SPEC, predictors=PREDICTORS, tiers=TIERS)

    assert SCHEMA == actual.schema
    expected = [
        ("a", "low", "none", None, None, None),
        ("b", "medium", "mail", "Idle: 5 days", None, None),
        ("c", "critical", "call", "Idle: 6 days", "Tickets: 4 tickets", None),
    ]
    columns = [name for name in SCHEMA.names if name != "churn_probability"]
    assert expected == [tuple(row[name] for name in columns) for row in actual.to_pylist()]
    np.testing.assert_allclose([0.1, 0.5, 0.9], actual["churn_probability"].to_numpy())


@pytest.mark.parametrize("size", [1, 7, 64])
def test_the_size_of_a_batch_changes_nothing(size: int) -> None:
    """Scored in pieces or at once, every row is the same to the last bit."""
    batch = _batch(200)
    pieces = [
        score_batch(batch.slice(start, size), spec=SPEC, predictors=PREDICTORS, tiers=TIERS)
        for start in range(0, 200, size)
    ]
    expected = pa.Table.from_batches(
        [score_batch(batch, spec=SPEC, predictors=PREDICTORS, tiers=TIERS)]
    )

    assert expected.equals(pa.Table.from_batches(pieces).combine_chunks())


def test_nobody_is_scored_to_nothing() -> None:
    """An empty batch gives an empty batch of the same columns."""
    empty = score_batch(_batch(5).slice(0, 0), spec=SPEC, predictors=PREDICTORS, tiers=TIERS)

    assert (0, SCHEMA) == (empty.num_rows, empty.schema)


def test_a_batch_that_lacks_a_feature_is_refused() -> None:
    """Nothing is filled in."""
    batch = _batch(5).drop_columns(["tickets"])

    with pytest.raises(ContractMismatch, match="tickets is missing"):
        score_batch(batch, spec=SPEC, predictors=PREDICTORS, tiers=TIERS)
