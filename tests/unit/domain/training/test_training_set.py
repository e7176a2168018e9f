"""Labelled rows divided into parts."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import by_time
from pipelines.domain.training.training_set import TrainingSet, joined, reference
from pipelines.errors import NotEnoughLabels

DAYS = [date(2026, 1, 1) + timedelta(days=30 * step) for step in range(4)]
SPLIT = by_time(DAYS, label_days=30, seed=1)


def test_rows_go_to_their_parts_with_features_and_labels(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """Each part has its own snapshots, and matrix, table and labels of the same rows."""
    table = made_up_customers(DAYS, rows=300)
    rows = TrainingSet.of(table, made_up_contract, SPLIT)

    assert {"learn": 900, "test": 300} == {
        name: count["rows"] for name, count in rows.counts.items()
    }
    test = rows.test
    np.testing.assert_array_equal(
        test.table["fee_eur"].to_numpy().astype(np.float32), test.matrix[:, 0]
    )
    assert table.slice(900)["is_churned"].to_pylist() == test.is_churned.tolist()


def test_the_fingerprint_moves_with_any_value(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """The same rows give the same one; one label turned round gives another."""
    table = made_up_customers(DAYS, rows=50)
    labels = table["is_churned"].to_pylist()
    turned = table.set_column(
        table.schema.get_field_index("is_churned"), "is_churned", [[not labels[0], *labels[1:]]]
    )
    first, again, other = (
        TrainingSet.of(rows, made_up_contract, SPLIT).fingerprint
        for rows in (table, table.combine_chunks(), turned)
    )

    assert first == again
    assert first != other


def test_too_few_churners_are_refused_with_their_counts(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """Every part is counted."""
    rows = TrainingSet.of(made_up_customers(DAYS, rows=50), made_up_contract, SPLIT)

    with pytest.raises(NotEnoughLabels, match=r"learn \d+ of 150, test \d+ of 50"):
        rows.require(40, next_step="churn backfill")


def test_golden_rows_and_reference_carry_no_names(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """Features only, as the warehouse holds them."""
    rows = TrainingSet.of(made_up_customers(DAYS, rows=200), made_up_contract, SPLIT)
    part = joined(rows.learn, rows.test)
    probabilities = np.linspace(0, 1, 800)

    sample = reference(part, probabilities, made_up_contract, seed=1)
    assert [*made_up_contract.names, "churn_probability"] == sample.column_names
    assert 800 == sample.num_rows
    assert pa.string() == sample.schema.field("plan").type
    at_risk = reference(part, probabilities, made_up_contract, seed=1, is_told_at_once=True)
    assert {*probabilities[~part.is_churned]} == {*at_risk["churn_probability"].to_pylist()}
    assert [*made_up_contract.names] == rows.golden(np.linspace(0, 1, 200)).column_names
