"""Columns of two nights brought to one form, so that a difference is one of the customers."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.features.contract import Feature
from pipelines.errors import ContractMismatch

# Checks of no single feature.
SCORE = "*score*"
RANKS = "*score ranks*"
RESCORED = "*scored again*"
JOINT = "*joint*"
OTHER_LEVEL = "(other)"
PROBABILITY = "churn_probability"


def comparable(table: pa.Table, features: Sequence[Feature]) -> pa.Table:
    """
    Return the columns of *features* as drift looks at them.

    Args:
        table: At least those columns, in any order and of any type SQL or parquet gave them.
        features: What is wanted, in order.

    Returns:
        `(n_rows, n_features)`: numeric as float64, others as strings. What is not there, or is no
        number, is null; levels the contract does not know are one level.

    Raises:
        ContractMismatch: A column is not there.
    """
    gone = [feature.name for feature in features if feature.name not in table.column_names]
    if gone:
        raise ContractMismatch(
            f"{len(gone)} of {len(features)} watched columns are not there: {', '.join(gone)}",
            next_step="churn train, or undo the change of the feature model",
        )

    return pa.table({feature.name: _plain(table[feature.name], feature) for feature in features})


def scored(
    features: Sequence[Feature], table: pa.Table, published: pa.Table | None = None
) -> pa.Table:
    """
    Return comparable columns, `*score*` last.

    Args:
        features: What is wanted, in order.
        table: Their columns; without *published* `churn_probability` too, and else `customer_id`.
        published: `customer_id` and `churn_probability` of the list whose scores are meant.
    """
    columns = (*features, Feature(SCORE, "numeric", "Churn probability"))
    if published is None:
        probabilities = table[PROBABILITY]
    else:
        found = pc.index_in(table["customer_id"], value_set=published["customer_id"])
        probabilities = published[PROBABILITY].take(found)

    return comparable(table.append_column(SCORE, probabilities), columns)


def require_same_columns(reference: pa.Table, current: pa.Table) -> None:
    """
    Refuse to compare columns that are not the same ones, of the same types, in the same order.

    alibi-detect accepts swapped columns and says that all is quiet.

    Raises:
        ContractMismatch: They differ.
    """
    if reference.schema.equals(current.schema):
        return

    before = [f"{field.name} {field.type}" for field in reference.schema]
    now = [f"{field.name} {field.type}" for field in current.schema]
    raise ContractMismatch(
        f"the reference has columns {sorted(set(before) - set(now))} that tonight has not, "
        f"tonight has {sorted(set(now) - set(before))}, and order counts",
        next_step="churn train",
    )


def values(column: pa.ChunkedArray) -> np.ndarray:
    """Return what is there of a comparable column: float64, or strings as objects."""
    return np.asarray(column.drop_null().to_numpy())


def level_counts(reference: pa.ChunkedArray, current: pa.ChunkedArray) -> np.ndarray:
    """
    Return how many rows of each side have each level, `(2, n_levels)`, levels in their order.

    Args:
        reference: Comparable column of strings; null rows are not counted. Not modified.
        current: The same column of other rows. Not modified.
    """
    # Counted by Arrow: NumPy would have to sort a Python string a row.
    sides = [
        {pair["values"]: pair["counts"] for pair in column.drop_null().value_counts().to_pylist()}
        for column in (reference, current)
    ]
    levels = sorted({*sides[0], *sides[1]})

    return np.array([[side.get(level, 0) for level in levels] for side in sides])


def missing_count(column: pa.ChunkedArray) -> int:
    """Return how many rows have no value."""
    return int(column.null_count)


def missing_pct(column: pa.ChunkedArray) -> float:
    """Return the percentage of rows without a value."""
    return 100 * missing_count(column) / len(column)


def _plain(column: pa.ChunkedArray, feature: Feature) -> pa.ChunkedArray:
    """Return one column in its comparable form."""
    if feature.kind == "numeric":
        numbers = column.cast(pa.float64())

        return pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))

    words = column.cast(pa.string())
    if feature.kind == "boolean":
        return words
    is_known = pc.is_in(words, value_set=pa.array(feature.levels, pa.string()))
    is_named = pc.or_(is_known, pc.is_null(words))

    return pc.if_else(is_named, words, pa.scalar(OTHER_LEVEL))
