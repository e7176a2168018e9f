"""What is usual: the value of each feature that most customers have, or half of them reach."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.level_effects import many_levels

Value = float | bool | str | None


def usual_values(table: pa.Table, contract: FeatureContract) -> dict[str, Value]:
    """
    Return the usual value of each feature, to compare a customer's with.

    Args:
        table: The features of the contract, a row a customer. Not modified.
        contract: Which features, of which kind.

    Returns:
        The median of numbers, as a value somebody has; the commonest level, or answer; None unless
        more than half of the customers have a value. A category with many levels is only there if
        more than half of the customers have the same: to live in the largest city is not usual.
    """
    crowded = {contract.names[position] for position in many_levels(contract)}
    told = {
        feature.name: _usual(table.column(feature.name), feature) for feature in contract.features
    }

    return {
        name: value
        for name, value in told.items()
        if name not in crowded or value is None or _is_had_by_most(table.column(name), value)
    }


def _is_had_by_most(column: pa.ChunkedArray, value: Value) -> bool:
    """Tell whether more than half of the customers have *value*."""
    had = pc.sum(pc.equal(column.cast(pa.string()), value)).as_py() or 0

    return bool(2 * had > len(column))


def _usual(column: pa.ChunkedArray, feature: Feature) -> Value:
    """Return the usual value of one feature."""
    known = column.drop_null()
    if feature.kind == "numeric":
        numbers = known.to_numpy().astype(np.float64)
        numbers = numbers[~np.isnan(numbers)]
        is_known = 2 * len(numbers) > len(column)
        return float(np.percentile(numbers, 50, method="lower")) if is_known else None
    if 2 * len(known) <= len(column):
        return None

    counted = pc.value_counts(known.cast(pa.string())).to_pylist()
    commonest = min(counted, key=lambda item: (-item["counts"], item["values"]))["values"]

    return commonest == "true" if feature.kind == "boolean" else str(commonest)
