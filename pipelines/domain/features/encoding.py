"""From Arrow columns to the matrix a model sees: by name, in contract order, float32."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.arrays import Matrix
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.errors import ContractMismatch


@dataclass(frozen=True, slots=True)
class Encoded:
    """
    Features as numbers.

    Attributes:
        matrix: `(n_customers, n_features)`; NULL and unknown levels are NaN, booleans 0 and 1,
            levels their position in the contract.
        unknown_levels: Rows whose level the contract does not list, by feature; only those above 0.
    """

    matrix: Matrix
    unknown_levels: dict[str, int]


def encode(batch: pa.RecordBatch | pa.Table, contract: FeatureContract) -> Encoded:
    """
    Return the features of *batch* as the model's matrix.

    Args:
        batch: Columns in any order; those that are not features are ignored. Not modified.
        contract: Which features, in which order.

    Raises:
        ContractMismatch: A feature is missing, has another type, holds NULL where it must not, or
            is infinite. Every fault is named with the number of its rows.
    """
    matrix = np.empty((batch.num_rows, len(contract.features)), dtype=np.float32)
    unknown_levels: dict[str, int] = {}
    faults: list[str] = []

    for position, feature in enumerate(contract.features):
        fault = _shape_fault(batch, feature)
        if fault:
            faults.append(fault)
            continue
        column = batch.column(feature.name)
        values = _numbers(column, feature)
        faults += _value_faults(column, values, feature)
        matrix[:, position] = values
        if feature.kind == "categorical":
            unknown = int(np.isnan(values).sum()) - column.null_count
            if unknown:
                unknown_levels[feature.name] = unknown

    if faults:
        raise ContractMismatch(
            f"{contract.table} does not hold what contract {contract.fingerprint} promises: "
            + "; ".join(faults),
            next_step="correct the feature model, then `churn features`, or train on the new one",
        )

    return Encoded(matrix, unknown_levels)


def _shape_fault(batch: pa.RecordBatch | pa.Table, feature: Feature) -> str | None:
    """Say why a column cannot be read at all, if it cannot."""
    found = batch.schema.get_all_field_indices(feature.name)
    if len(found) != 1:
        return f"{feature.name} is {'missing' if not found else f'there {len(found)} times'}"

    kind = batch.schema.field(found[0]).type
    value_kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_legal = {
        "numeric": pa.types.is_integer(kind) or pa.types.is_floating(kind),
        "boolean": pa.types.is_boolean(kind),
        "categorical": pa.types.is_string(value_kind) or pa.types.is_large_string(value_kind),
    }[feature.kind]

    return None if is_legal else f"{feature.name} is {kind}, which is not {feature.kind}"


def _numbers(column: pa.Array | pa.ChunkedArray, feature: Feature) -> Matrix:
    """Return one column as float32, NULL as NaN."""
    if feature.kind == "categorical":
        if pa.types.is_dictionary(column.type):
            column = pc.cast(column, column.type.value_type)
        column = pc.index_in(column, value_set=pa.array(feature.levels, column.type))
    # Through float64, which holds NULL as NaN; a value beyond float32 becomes an infinity.
    values = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype=np.float32)


def _value_faults(
    column: pa.Array | pa.ChunkedArray, values: Matrix, feature: Feature
) -> list[str]:
    """Say how many values are not legal."""
    rows = len(values)
    faults = []
    missing = column.null_count if feature.kind == "categorical" else int(np.isnan(values).sum())
    if missing and not feature.nullable:
        faults.append(f"{feature.name} is NULL in {missing} of {rows} rows and must not be")
    infinite = int(np.isinf(values).sum())
    if infinite:
        faults.append(f"{feature.name} is infinite in {infinite} of {rows} rows")

    return faults
