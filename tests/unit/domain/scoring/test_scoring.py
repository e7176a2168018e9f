"""The pure function every score comes from."""

import json
from dataclasses import replace
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
from pipelines.domain.scoring.scoring import SCHEMA, Before, score_batch
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
USUAL = replace(SPEC, usual={"tickets": 0.0, "idle_days": 2.0})
TIERS = TierPolicy(
    {"medium": 0.3, "high": 0.6, "critical": 0.8},
    {"low": "none", "medium": "mail", "high": "offer", "critical": "call"},
)


class Sum:
    """The sum of the features, which is also its own explanation."""

    base = 0.0

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
        ("a", "low", "none", None, None, None, None),
        ("b", "medium", "mail", "Idle: 5 days", None, None, None),
        ("c", "critical", "call", "Idle: 6 days", "Tickets: 4 tickets", None, None),
    ]
    columns = [name for name in SCHEMA.names if name != "churn_probability"]
    assert expected == [tuple(row[name] for name in columns) for row in actual.to_pylist()]
    np.testing.assert_allclose([0.1, 0.5, 0.9], actual["churn_probability"].to_numpy())


def test_reasons_are_stored_and_add_up_to_the_score() -> None:
    """Base and themes are the log-odds, and so are base, the strongest features and the rest."""
    batch = _batch(200)
    scored = score_batch(batch, spec=USUAL, predictors=PREDICTORS, tiers=TIERS).to_pylist()
    stored = {row["customer_id"]: row for row in scored if row["reasons"] is not None}

    assert {row["customer_id"] for row in scored if row["risk_tier"] != "low"} == {*stored}
    assert len(stored) > 20
    for row in stored.values():
        told = json.loads(row["reasons"])
        odds = np.log(row["churn_probability"] / (1 - row["churn_probability"]))
        features = sum(feature["log_odds"] for feature in told["features"])
        np.testing.assert_allclose(
            odds,
            [
                told["log_odds"],
                told["base"] + sum(told["themes"].values()),
                told["base"] + features + told["rest"],
            ],
            atol=1e-5,
        )


def test_everyone_has_reasons_if_asked() -> None:
    """The lowest tier too; the reasons of the others are what they are without."""
    batch = _batch(200)
    some, every = (
        score_batch(
            batch, spec=USUAL, predictors=PREDICTORS, tiers=TIERS, is_for_everyone=is_for_everyone
        )
        for is_for_everyone in (False, True)
    )
    is_told = some["reasons"].is_valid()

    assert (0, True) == (every["reasons"].null_count, some["reasons"].null_count > 20)
    assert some.filter(is_told).equals(every.filter(is_told))


def test_what_the_model_of_the_list_before_says_is_stored_too() -> None:
    """Of the same customers tonight, so that what the model changed can be told apart."""
    batch = _batch(50)
    other = replace(SPEC, calibrator=Calibrator.line(2.0, -1.0))
    scored = score_batch(
        batch,
        spec=USUAL,
        predictors=PREDICTORS,
        tiers=TIERS,
        is_for_everyone=True,
        before=Before(7, other, PREDICTORS),
    )
    before = [json.loads(text)["before"] for text in scored["reasons"].to_pylist()]
    sums = batch["tickets"].to_numpy() + batch["idle_days"].to_numpy()

    assert {7} == {told["version"] for told in before}
    np.testing.assert_allclose(2.0 * sums - 1, [told["log_odds"] for told in before], atol=1e-5)
    assert {"tickets", "idle_days"} == {*before[0]["themes"]}


@pytest.mark.parametrize("spec", [SPEC, USUAL], ids=["old", "new"])
@pytest.mark.parametrize("size", [1, 7, 64])
def test_the_size_of_a_batch_changes_nothing(size: int, spec: ModelSpec) -> None:
    """Scored in pieces or at once, every row is the same to the last bit."""
    batch = _batch(200)
    pieces = [
        score_batch(batch.slice(start, size), spec=spec, predictors=PREDICTORS, tiers=TIERS)
        for start in range(0, 200, size)
    ]
    expected = pa.Table.from_batches(
        [score_batch(batch, spec=spec, predictors=PREDICTORS, tiers=TIERS)]
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


def test_what_is_recommended_may_follow_the_first_reason() -> None:
    """Of who is idle before all; others of the tier keep its action."""
    batch = pa.RecordBatch.from_pydict(
        {"customer_id": ["a", "b", "c"], "tickets": [0, 6, 0], "idle_days": [6, 0, 0]}
    )
    tiers = replace(TIERS, actions_by_theme={"idle_days": {"high": "remind", "medium": "remind"}})
    found = score_batch(batch, spec=SPEC, predictors=PREDICTORS, tiers=tiers)
    usual = score_batch(batch, spec=SPEC, predictors=PREDICTORS, tiers=TIERS)

    assert found["risk_tier"][0] == found["risk_tier"][1]
    assert "remind" == found["recommended_action"][0].as_py()
    assert usual["recommended_action"][1:] == found["recommended_action"][1:]
