"""Why scores moved between two published lists, as a view tells it."""

import json
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.tables.scores import WarehouseScores
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.scoring import Before, score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.testing.models import LinearPredictor

FIRST = date(2026, 3, 1)
CONTRACT = FeatureContract(
    "fct",
    (
        Feature("uses_7d", "numeric", "Uses, last 7 days", unit="uses", theme="usage"),
        Feature("uses_28d", "numeric", "Uses, last 28 days", unit="uses", theme="usage"),
        Feature("fee_eur", "numeric", "Fee", unit="EUR", theme="price"),
    ),
)
SPEC = ModelSpec(
    population="subscribers",
    family="logistic",
    as_of=FIRST,
    contract=CONTRACT,
    calibrator=Calibrator.through(np.array([-2.0, 0.0, 2.0]), np.array([0.1, 0.3, 0.8])),
    split=Split((date(2025, 8, 1),), (date(2025, 10, 1),), 1),
    usual={"uses_7d": 3.0, "uses_28d": 12.0, "fee_eur": 20.0},
)
MODELS = {
    1: CrossFitted(LinearPredictor(np.array([-0.3, -0.05, 0.04]), 0.2), SPEC.split),
    2: CrossFitted(LinearPredictor(np.array([-0.1, -0.1, 0.06]), 0.4), SPEC.split),
}
TIERS = TierPolicy({"high": 0.6}, {"low": "none", "high": "call"})
MOVES = """
select
  customer_id, previous_date, is_model_changed, previous_probability, churn_probability,
  log_odds_change, by_data, by_model, data_themes, model_themes, unknown_because
from churn.score_moves where score_date = :as_of order by customer_id
"""


def publish(
    warehouse: Warehouse, as_of: date, *, version: int, before: int | None = None
) -> pa.Table:
    """Publish the list of five customers, whose features are new on every date."""
    random = np.random.default_rng(as_of.toordinal())
    batch = pa.RecordBatch.from_pydict(
        {
            "customer_id": [f"C{number}" for number in range(5)],
            "uses_7d": random.integers(0, 9, 5),
            "uses_28d": random.integers(0, 40, 5),
            "fee_eur": random.uniform(10, 40, 5),
        }
    )
    scored = score_batch(
        batch,
        spec=SPEC,
        predictors=MODELS[version],
        tiers=TIERS,
        is_for_everyone=True,
        before=None if before is None else Before(before, SPEC, MODELS[before]),
    )
    scores = WarehouseScores(warehouse)
    run = scores.stage(
        population="subscribers",
        as_of=as_of,
        model_name="churn-subscribers",
        model_version=version,
        contract_fingerprint=CONTRACT.fingerprint,
        batches=[scored],
    )
    scores.publish(run)

    return pa.Table.from_batches([scored])


def odds(probability: float) -> float:
    """Return log-odds."""
    return float(np.log(probability / (1 - probability)))


def test_stored_reasons_are_read_as_they_were_written(warehouse: Warehouse) -> None:
    """In both views of lists, as JSON the database understands."""
    scored = publish(warehouse, FIRST, version=1)
    expected = [json.loads(text) for text in scored["reasons"].to_pylist()]

    for view in ("scores_current", "scores_published"):
        found = warehouse.rows(f"select reasons from churn.{view} order by customer_id")
        assert expected == [row.reasons for row in found]


def test_with_one_model_data_moved_the_score(warehouse: Warehouse) -> None:
    """Themes sum to the difference of the log-odds."""
    publish(warehouse, FIRST, version=1)
    publish(warehouse, FIRST + timedelta(days=1), version=1)
    rows = warehouse.rows(MOVES, {"as_of": FIRST + timedelta(days=1)})

    assert 5 == len(rows)
    for row in rows:
        assert (FIRST, False, 0, None) == (
            row.previous_date,
            row.is_model_changed,
            row.by_model,
            row.model_themes,
        )
        assert {"usage", "price"} == {*row.data_themes}
        change = odds(row.churn_probability) - odds(row.previous_probability)
        assert [change] * 3 == pytest.approx(
            [float(row.log_odds_change), float(row.by_data), sum(row.data_themes.values())],
            abs=1e-5,
        )


def test_after_a_promotion_data_and_model_are_told_apart(warehouse: Warehouse) -> None:
    """Data is what the old model makes of the new features, the model is the rest."""
    publish(warehouse, FIRST, version=1)
    publish(warehouse, FIRST + timedelta(days=1), version=2, before=1)
    rows = warehouse.rows(MOVES, {"as_of": FIRST + timedelta(days=1)})

    assert 5 == len(rows)
    for row in rows:
        assert row.is_model_changed
        assert {"usage", "price", "everyone"} == {*row.model_themes}
        assert abs(row.by_model) > Decimal("0.001")
        change = odds(row.churn_probability) - odds(row.previous_probability)
        by_data, by_model = sum(row.data_themes.values()), sum(row.model_themes.values())
        assert [float(row.by_data), float(row.by_model)] == pytest.approx(
            [by_data, by_model], abs=1e-5
        )
        assert change == pytest.approx(by_data + by_model, abs=1e-5)


@pytest.mark.parametrize("before", [None, 2])
def test_what_the_model_before_would_have_said_is_not_guessed(
    warehouse: Warehouse, before: int | None
) -> None:
    """It was not asked, or the list before is by now another model's: the change has no parts."""
    publish(warehouse, FIRST, version=1)
    publish(warehouse, FIRST + timedelta(days=1), version=2, before=before)
    rows = warehouse.rows(MOVES, {"as_of": FIRST + timedelta(days=1)})

    assert 5 == len(rows)
    assert {"model version 1 of the list before did not score this one"} == {
        row.unknown_because for row in rows
    }
    assert {(None,) * 4} == {
        (row.by_data, row.by_model, row.data_themes, row.model_themes) for row in rows
    }
    for row in rows:
        change = odds(row.churn_probability) - odds(row.previous_probability)
        assert change == pytest.approx(float(row.log_odds_change), abs=1e-5)


def test_who_has_no_numbers_in_one_of_the_lists_is_told_why(warehouse: Warehouse) -> None:
    """By how much it moved is known of the probabilities, and by what themes is not."""
    second = FIRST + timedelta(days=1)
    publish(warehouse, FIRST, version=1)
    publish(warehouse, second, version=1)
    bare = "update churn.scores set reasons = null, risk_tier = :tier where "
    lists = "score_date = :night and customer_id = any(:ids)"
    for night, ids, tier in ((FIRST, ["C0", "C1"], "low"), (second, ["C1", "C2"], "medium")):
        warehouse.execute(bare + lists, {"night": night, "ids": ids, "tier": tier})
    rows = warehouse.rows(MOVES, {"as_of": second})

    assert [
        ("C0", "the list before tells no reasons of the customer, who was in its tier low"),
        ("C2", "this list tells no reasons of the customer, who is in its tier medium"),
        ("C3", None),
        ("C4", None),
    ] == [(row.customer_id, row.unknown_because) for row in rows]
    for row in rows:
        change = odds(row.churn_probability) - odds(row.previous_probability)
        assert [change, change] == pytest.approx(
            [float(row.log_odds_change), float(row.by_data)], abs=1e-5
        )
        assert (0, None) == (row.by_model, row.model_themes)
        assert (row.unknown_because is None) == (row.data_themes is not None)


def test_certainty_moves_nothing_that_can_be_counted(warehouse: Warehouse) -> None:
    """A probability of 0 or 1 without reasons has no log-odds, and breaks no view."""
    publish(warehouse, FIRST, version=1)
    warehouse.execute("update churn.scores set reasons = null, churn_probability = 1")
    warehouse.execute("update churn.scores set churn_probability = 0 where customer_id = 'C0'")
    publish(warehouse, FIRST + timedelta(days=1), version=1)
    rows = warehouse.rows(MOVES, {"as_of": FIRST + timedelta(days=1)})

    assert [None] * 5 == [row.log_odds_change for row in rows]


def test_after_a_promotion_parts_are_unknown_where_a_list_tells_no_reasons(
    warehouse: Warehouse,
) -> None:
    """The model before speaks in stored reasons only."""
    publish(warehouse, FIRST, version=1)
    publish(warehouse, FIRST + timedelta(days=1), version=2, before=1)
    warehouse.execute(
        "update churn.scores set reasons = null where score_date = :night and customer_id = 'C1'",
        {"night": FIRST + timedelta(days=1)},
    )
    rows = warehouse.rows(MOVES, {"as_of": FIRST + timedelta(days=1)})
    (one,) = [row for row in rows if row.customer_id == "C1"]

    assert (None,) * 4 == (one.by_data, one.by_model, one.data_themes, one.model_themes)
    assert one.unknown_because.startswith("this list tells no reasons")
    assert 5 == len(rows)


def test_a_change_of_tier_names_both_reasons_and_the_model(warehouse: Warehouse) -> None:
    """What was the first reason then, what it is now, and whether another model says so."""
    first = publish(warehouse, FIRST, version=1)
    second = publish(warehouse, FIRST + timedelta(days=1), version=2)
    rows = warehouse.rows(
        "select customer_id, previous_reason_1, reason_1, is_model_changed "
        "from churn.tier_changes order by customer_id"
    )
    pairs = zip(first.to_pylist(), second.to_pylist(), strict=True)

    assert rows
    assert [
        (then["customer_id"], then["reason_1"], now["reason_1"], True)
        for then, now in pairs
        if then["risk_tier"] != now["risk_tier"]
    ] == [tuple(row) for row in rows]


def test_a_list_of_before_reasons_were_stored_is_the_same_list(warehouse: Warehouse) -> None:
    """Its hash does not know them, so that a night again changes nothing."""
    scored = publish(warehouse, FIRST, version=1)
    scores = WarehouseScores(warehouse)
    bare = scored.set_column(
        scored.column_names.index("reasons"), "reasons", pa.nulls(5, pa.string())
    )
    again = scores.stage(
        population="subscribers",
        as_of=FIRST,
        model_name="churn-subscribers",
        model_version=1,
        contract_fingerprint=CONTRACT.fingerprint,
        batches=bare.to_batches(),
    )
    published = scores.published("subscribers", FIRST)

    assert published is not None
    assert published.scores_hash == again.scores_hash
