"""Rows drawn in one pass, the same each time."""

import numpy as np
import pyarrow as pa

from pipelines.domain.features.sample import sample

TABLE = pa.table({"row": np.arange(5000)})


def test_the_sample_does_not_depend_on_where_batches_end() -> None:
    """One batch or many, the same rows in their order."""
    whole = sample(TABLE.to_batches(), rows=300, seed=1)
    pieces = sample(TABLE.to_batches(max_chunksize=77), rows=300, seed=1)

    assert 300 == len(whole)
    assert whole.equals(pieces)
    assert sorted(whole["row"].to_pylist()) == whole["row"].to_pylist()


def test_every_row_is_as_likely() -> None:
    """Over 200 seeds the mean row drawn is the middle one, early rows and late."""
    means = [
        sample(TABLE.to_batches(max_chunksize=500), rows=100, seed=seed)["row"].to_numpy().mean()
        for seed in range(200)
    ]

    # A mean of 20,000 draws of a uniform over 5,000: standard error 10.
    assert abs(float(np.mean(means)) - 2499.5) < 40


def test_fewer_rows_than_asked_for_are_all() -> None:
    """Nothing is drawn twice, and no batch at all is no row."""
    assert TABLE.equals(sample(TABLE.to_batches(max_chunksize=999), rows=10_000, seed=1))
    assert 0 == len(sample([], rows=10, seed=1))
