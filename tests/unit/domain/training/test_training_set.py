"""Labelled rows divided into parts."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import by_time
from pipelines.domain.training import training_set
from pipelines.domain.training.part import joined
from pipelines.domain.training.training_set import TrainingSet, reference
from pipelines.errors import NotEnoughLabels

DAYS = [date(2026, 1, 1) + timedelta(days=30 * step) for step in range(4)]
SPLIT = by_time(DAYS, label_days=30, seed=1)


def test_rows_go_to_their_parts_with_features_and_labels(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """Each part has its own snapshots, and matrix, table and labels of the same rows."""
    table = made_up_customers(DAYS, rows=300)
    rows = TrainingSet.of(table.to_batches(), made_up_contract, SPLIT)

    assert {"learn": 900, "test": 300} == {
        name: count["rows"] for name, count in rows.counts.items()
    }
    test = rows.test
    np.testing.assert_array_equal(
        test.sample.features["fee_eur"].to_numpy().astype(np.float32), test.matrix[:, 0]
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
        TrainingSet.of(rows.to_batches(), made_up_contract, SPLIT).fingerprint
        for rows in (table, table.combine_chunks(), turned)
    )

    assert first == again
    assert first != other


def test_too_few_churners_are_refused_with_their_counts(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """Every part is counted."""
    rows = TrainingSet.of(made_up_customers(DAYS, rows=50).to_batches(), made_up_contract, SPLIT)

    with pytest.raises(NotEnoughLabels, match=r"learn \d+ of 150, test \d+ of 50"):
        rows.require(40, next_step="churn backfill")


def test_golden_rows_and_reference_carry_no_names(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> None:
    """Features only, as the warehouse holds them."""
    rows = TrainingSet.of(made_up_customers(DAYS, rows=200).to_batches(), made_up_contract, SPLIT)
    halves = np.linspace(0, 1, 600), np.linspace(0, 1, 200)

    sample = reference([rows.learn, rows.test], halves, seed=1, contract=rows.contract)
    assert [*made_up_contract.names, "churn_probability"] == sample.column_names
    assert 800 == sample.num_rows
    assert pa.string() == sample.schema.field("plan").type
    at_risk = reference(
        [rows.learn, rows.test], halves, seed=1, contract=rows.contract, is_told_at_once=True
    )
    part = joined(rows.learn, rows.test)
    assert {*np.concatenate(halves)[~part.is_churned]} == {
        *at_risk["churn_probability"].to_pylist()
    }
    assert [*made_up_contract.names] == rows.golden(np.linspace(0, 1, 200)).column_names


def test_batches_of_any_size_make_the_same_set(
    made_up_customers: Callable[..., pa.Table],
    made_up_contract: FeatureContract,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Matrix, keys, fingerprint and the rows that are kept as they were."""
    monkeypatch.setattr(training_set, "SAMPLE_ROWS", 0)
    assert (
        0
        == TrainingSet.of(
            made_up_customers(DAYS, rows=3).to_batches(), made_up_contract, SPLIT
        ).test.sample.features.num_rows
    )
    monkeypatch.setattr(training_set, "SAMPLE_ROWS", 150)
    monkeypatch.setattr(training_set, "BLOCK_ROWS", 64)
    table = made_up_customers(DAYS, rows=300)
    whole, pieces = (
        TrainingSet.of(table.to_batches(max_chunksize=size), made_up_contract, SPLIT)
        for size in (10_000, 37)
    )

    assert whole.fingerprint == pieces.fingerprint
    for one, other in ((whole.learn, pieces.learn), (whole.test, pieces.test)):
        np.testing.assert_array_equal(one.matrix, other.matrix)
        np.testing.assert_array_equal(one.sample.rows, other.sample.rows)
        assert one.keys.equals(other.keys)
        assert one.sample.features.equals(other.sample.features)
    np.testing.assert_array_equal(encode(table, made_up_contract).matrix[:900], whole.learn.matrix)
    kept = len(whole.learn.sample.rows) + len(whole.test.sample.rows)
    assert 50 < kept <= 150
    np.testing.assert_array_equal(
        whole.learn.sample.features["fee_eur"].to_numpy().astype(np.float32),
        whole.learn.matrix[whole.learn.sample.rows, 0],
    )
    assert whole.golden(np.linspace(0, 1, 300)).num_rows == len(whole.test.sample.rows)
