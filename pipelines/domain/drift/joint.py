"""Whether a classifier can tell tonight's customers from those of the training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.arrays import Matrix, Vector
from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import JOINT
from pipelines.domain.drift.significance import two_sided

LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True)
class JointTest:
    """
    What a classifier made of two samples it was to tell apart.

    Attributes:
        auc: Chance that it finds one of tonight more of tonight than one of the training, on rows
            it had not seen; one half is all that chance gives.
        p_value: Chance of that without a difference, as the engine computes it.
    """

    auc: float
    p_value: float


def joint_matrices(
    reference: pa.Table, current: pa.Table, categorical: Sequence[str], *, rows: int, seed: int
) -> tuple[Matrix, Matrix]:
    """
    Return both sides as one classifier sees them: the same columns, without a gap.

    A missing value is the reference's median, and whether it is missing a column of its own, so
    that an engine that cannot handle NaN sees it as well. Levels are numbered by how frequent they
    are in the reference.

    Args:
        reference: Comparable columns at training. Not modified.
        current: The same columns tonight. Not modified.
        categorical: Which of them are words.
        rows: Most rows of a side, drawn without replacement.
        seed: Seed of the draw.

    Returns:
        Two `(<= rows, n_columns)` float32.
    """
    random = np.random.default_rng(seed)
    sides = [
        table.take(np.sort(random.permutation(len(table))[:rows])) for table in (reference, current)
    ]
    columns: list[list[np.ndarray]] = [[], []]
    for name in reference.column_names:
        pair = [side[name] for side in sides]
        numbers = _numbered(pair) if name in categorical else pair
        is_missing = [np.asarray(pc.is_null(column).to_numpy()) for column in pair]
        middle = pc.quantile(numbers[0], 0.5)[0].as_py()
        for side, column in enumerate(numbers):
            filled = pc.fill_null(column.cast(pa.float64()), 0.0 if middle is None else middle)
            columns[side].append(_narrowed(filled.to_numpy()))
            if is_missing[0].any() or is_missing[1].any():
                columns[side].append(is_missing[side].astype(np.float32))

    return np.column_stack(columns[0]), np.column_stack(columns[1])


def check_joint(test: JointTest, *, rows: int, auc: float, z: float) -> DriftCheck:
    """
    Judge how well the two samples can be told apart.

    Each column may be spread as it was while they no longer go together; only a classifier of all
    of them sees that.

    Args:
        test: What the classifier made of them.
        rows: Customers of tonight it was shown.
        auc: AUC that has to be exceeded.
        z: Standard errors that the difference has to exceed.
    """
    is_drifted = test.auc > auc and test.p_value < two_sided(z)

    return DriftCheck(
        feature=JOINT,
        statistic=test.auc,
        p_value=test.p_value,
        effect_name="auc",
        effect=test.auc,
        missing_reference_pct=0.0,
        missing_current_pct=0.0,
        verdict="drifted" if is_drifted else "quiet",
        finding=f"told from the training with AUC {test.auc:.3f}, {rows:,} customers",
        owner="science",
    )


def _narrowed(numbers: Vector) -> Vector:
    """Return float32; what it cannot hold is the largest it can, and no infinity."""
    return np.clip(numbers, -LARGEST, LARGEST).astype(np.float32)


def _numbered(pair: Sequence[pa.ChunkedArray]) -> list[pa.ChunkedArray]:
    """Return levels as numbers, the most frequent of the reference first."""
    counted = pair[0].drop_null().value_counts().to_pylist()
    known = [item["values"] for item in sorted(counted, key=lambda item: -item["counts"])]
    new = sorted({*pair[1].drop_null().unique().to_pylist()} - {*known})
    levels = pa.array([*known, *new], pa.string())

    return [pc.index_in(column, value_set=levels, skip_nulls=True) for column in pair]
