"""What a classifier is shown, and what is made of its answer."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.drift.joint import JointTest, check_joint, joint_matrices
from pipelines.domain.drift.significance import two_sided

REFERENCE = pa.table(
    {"usage": [1.0, 3.0, None, 2.0], "plan": ["b", "a", "b", None], "whole": [1.0, 1.0, 1.0, 1.0]}
)
CURRENT = pa.table({"usage": [9.0, None], "plan": ["new", "a"], "whole": [1.0, 1.0]})


def test_gaps_are_filled_and_told() -> None:
    """The reference's median, and a column that says so; levels by frequency, new ones last."""
    before, now = joint_matrices(REFERENCE, CURRENT, ["plan"], rows=10, seed=1)

    assert [
        [1.0, 0.0, 0.0, 0.0, 1.0],
        [3.0, 0.0, 1.0, 0.0, 1.0],
        [2.0, 1.0, 0.0, 0.0, 1.0],
        [2.0, 0.0, 0.0, 1.0, 1.0],
    ] == before.tolist()
    assert [[9.0, 0.0, 2.0, 0.0, 1.0], [2.0, 1.0, 1.0, 0.0, 1.0]] == now.tolist()


def test_a_column_without_any_value_is_filled_with_zero() -> None:
    """No median to take, and still no NaN."""
    empty = pa.table({"usage": pa.nulls(3, pa.float64())})
    before, now = joint_matrices(empty, CURRENT.select(["usage"]), [], rows=10, seed=1)

    assert [[0.0, 1.0]] * 3 == before.tolist()
    assert [[9.0, 0.0], [0.0, 1.0]] == now.tolist()


def test_no_more_rows_are_shown_than_asked_for() -> None:
    """The same ones each time."""
    table = pa.table({"usage": np.arange(100.0)})
    first = joint_matrices(table, table, [], rows=10, seed=1)
    second = joint_matrices(table, table, [], rows=10, seed=1)

    assert [(10, 1), (10, 1)] == [side.shape for side in first]
    assert [side.tolist() for side in first] == [side.tolist() for side in second]


@pytest.mark.parametrize(
    ("auc", "p_value", "expected"),
    [
        (0.56, two_sided(4.1), "drifted"),
        (0.55, two_sided(9), "quiet"),
        (0.60, two_sided(3.9), "quiet"),
        (0.40, two_sided(9), "quiet"),
    ],
)
def test_size_and_significance_are_both_needed(auc: float, p_value: float, expected: str) -> None:
    """On either side of 0.55 and of four standard errors."""
    check = check_joint(JointTest(auc, p_value), rows=5000, auc=0.55, z=4.0)

    assert (expected, "auc", auc) == (check.verdict, check.effect_name, check.effect)


def test_a_number_too_large_for_the_trees_is_no_infinity() -> None:
    """They take float32, and some engines refuse what is not finite."""
    table = pa.table({"usage": [1.0, 1e300, -1e300]})
    matrix, _ = joint_matrices(table, table, [], rows=10, seed=1)

    largest = float(np.finfo(np.float32).max)

    assert [[1.0], [largest], [-largest]] == matrix.tolist()
