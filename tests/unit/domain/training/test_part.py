"""Rows of a training, taken and thinned."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.training.part import Part, Sample, joined

CUSTOMERS = 1000


@pytest.fixture
def part() -> Part:
    """Three rows a customer, one of ten of whom leaves; every third row is in the sample."""
    rows = np.arange(3 * CUSTOMERS)
    customer = rows // 3
    sampled = rows[::3]

    return Part(
        pa.table({"as_of": rows % 3, "customer_id": [f"c{number}" for number in customer]}),
        rows[:, None].astype(np.float32),
        customer % 10 == 0,
        Sample(sampled, pa.table({"row": sampled})),
    )


def test_taken_rows_keep_what_is_theirs(part: Part) -> None:
    """Keys, matrix, outcome, and of the sample those that are among them."""
    rows = np.array([0, 1, 3, 5, 9, 2999])
    taken = part.taken(rows)

    np.testing.assert_array_equal(rows, taken.matrix[:, 0])
    assert ["c0", "c0", "c1", "c1", "c3", "c999"] == taken.keys["customer_id"].to_pylist()
    np.testing.assert_array_equal([0, 2, 4], taken.sample.rows)
    assert [0, 3, 9] == taken.sample.features["row"].to_pylist()
    assert np.shares_memory(part.matrix, part.taken(np.arange(5, 9)).matrix)
    nobody = part.taken(np.empty(0, dtype=np.intp))
    assert 0 == len(nobody.sample.rows) == nobody.sample.features.num_rows


def test_joined_parts_are_one_after_the_other(part: Part) -> None:
    """The sample points to the same rows as before."""
    both = joined(part.taken(np.arange(4)), part.taken(np.arange(9, 12)))

    assert [0, 1, 2, 3, 9, 10, 11] == both.matrix[:, 0].tolist()
    assert both.matrix[both.sample.rows, 0].tolist() == both.sample.features["row"].to_pylist()


def test_a_thinned_part_has_all_rows_of_its_customers(part: Part) -> None:
    """About as many rows as asked for, and churners as all have."""
    thin = part.thinned(600, least_churners=1, seed=1)
    ids = thin.keys["customer_id"].to_pylist()

    assert 450 < len(ids) < 750
    assert len(ids) == 3 * len({*ids})
    assert 0.05 < thin.is_churned.mean() < 0.15
    assert thin.keys.equals(part.thinned(600, least_churners=1, seed=1).keys)
    assert not thin.keys.equals(part.thinned(600, least_churners=1, seed=2).keys)


def test_a_small_part_is_not_thinned(part: Part) -> None:
    """Nor one whose churners are few."""
    assert part is part.thinned(3 * CUSTOMERS, least_churners=1, seed=1)
    assert part is part.thinned(1, least_churners=300, seed=1)
    assert 100 < part.thinned(1, least_churners=150, seed=1).is_churned.sum() < 200
