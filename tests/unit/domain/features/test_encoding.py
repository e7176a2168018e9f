"""From Arrow columns to the matrix a model sees."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.errors import ContractMismatch

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("fee_eur", "numeric", "Fee"),
        Feature("idle_days", "numeric", "Idle", nullable=True),
        Feature("is_autopay", "boolean", "Autopay", nullable=True),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True),
    ),
)
LEGAL = {
    "plan": ["pro", "basic", None],
    "extra": ["x", "y", "z"],
    "is_autopay": [True, None, False],
    "idle_days": pa.array([3, None, 5], pa.int64()),
    "fee_eur": [1.5, 2.5, 3.5],
}


def test_columns_go_by_name_into_contract_order() -> None:
    """Booleans become 0 and 1, levels their position, NULL becomes NaN; other columns are left."""
    encoded = encode(pa.RecordBatch.from_pydict(LEGAL), CONTRACT)

    expected = np.array(
        [[1.5, 3, 1, 1], [2.5, np.nan, np.nan, 0], [3.5, 5, 0, np.nan]], dtype=np.float32
    )
    assert np.float32 == encoded.matrix.dtype
    np.testing.assert_array_equal(expected, encoded.matrix)
    assert {} == encoded.unknown_levels


@pytest.mark.parametrize(
    "plan",
    [
        pa.array(["pro", "gold", "gold"]),
        pa.array(["pro", "gold", "gold"]).dictionary_encode(),
        pa.array(["pro", "gold", "gold"], pa.large_string()),
    ],
    ids=["string", "dictionary", "large_string"],
)
def test_unknown_levels_are_missing_and_counted(plan: pa.Array) -> None:
    """A level the contract does not list is NaN and counted, however the column is stored."""
    encoded = encode(pa.table({**LEGAL, "plan": plan}), CONTRACT)

    np.testing.assert_array_equal([1, np.nan, np.nan], encoded.matrix[:, 3])
    assert {"plan": 2} == encoded.unknown_levels


def test_a_table_of_chunks_encodes_as_one() -> None:
    """Chunks of a table change nothing."""
    batch = pa.table(LEGAL)

    expected = encode(pa.table({name: batch[name].combine_chunks() for name in LEGAL}), CONTRACT)
    actual = encode(pa.concat_tables([batch.slice(0, 1), batch.slice(1)]), CONTRACT)

    np.testing.assert_array_equal(expected.matrix, actual.matrix)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fee_eur": None}, "fee_eur is missing"),
        ({"fee_eur": ["1", "2", "3"]}, "fee_eur is string, which is not numeric"),
        ({"is_autopay": [1, 0, 1]}, "is_autopay is int64, which is not boolean"),
        ({"plan": [1, 2, 3]}, "plan is int64, which is not categorical"),
        ({"fee_eur": [1.0, None, None]}, "fee_eur is NULL in 2 of 3 rows"),
        ({"fee_eur": [1.0, float("nan"), 2.0]}, "fee_eur is NULL in 1 of 3 rows"),
        ({"fee_eur": [1.0, float("inf"), 2.0]}, "fee_eur is infinite in 1 of 3 rows"),
        ({"idle_days": [1.0, 1e300, -1e300]}, "idle_days is infinite in 2 of 3 rows"),
    ],
)
def test_what_the_contract_does_not_promise_is_refused(
    change: dict[str, list[object] | None], message: str
) -> None:
    """A column that is missing, of another type, NULL or infinite is named with its count."""
    columns = {name: value for name, value in {**LEGAL, **change}.items() if value is not None}

    with pytest.raises(ContractMismatch, match=message):
        encode(pa.RecordBatch.from_pydict(columns), CONTRACT)


def test_every_fault_is_named_at_once() -> None:
    """Two faults are two parts of one message."""
    with pytest.raises(ContractMismatch, match=r"fee_eur is missing; .*plan is missing"):
        encode(
            pa.RecordBatch.from_pydict({name: LEGAL[name] for name in ("is_autopay", "idle_days")}),
            CONTRACT,
        )
