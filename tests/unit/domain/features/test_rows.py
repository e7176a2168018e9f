"""Rows as programs send them: the same matrix as from columns, and faults that say where."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.rows import TYPES, RowFault, RowsAsBatch, columns_of, encode_rows
from pipelines.errors import ContractMismatch
from tests.security.examples import settings

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("fee_eur", "numeric", "Fee"),
        Feature("idle_days", "numeric", "Idle", nullable=True),
        Feature("is_autopay", "boolean", "Autopay"),
        Feature("has_app", "boolean", "App", nullable=True),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro")),
        Feature("city", "categorical", "City", levels=("bonn", "", "köln"), nullable=True),
    ),
)
LEGAL = {"fee_eur": 9.5, "is_autopay": True, "plan": "pro"}

numbers = st.one_of(st.none(), st.floats(), st.integers(-(2**70), 2**70), st.just(10**400))
flags = st.one_of(st.none(), st.booleans())
words = st.one_of(st.none(), st.sampled_from(["basic", "pro", "bonn", "", "köln"]), st.text())
rows_of_any = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "fee_eur": numbers,
            "idle_days": numbers,
            "is_autopay": flags,
            "has_app": flags,
            "plan": words,
            "city": words,
        },
    ),
    max_size=5,
)


def as_number(value: Any) -> float | None:
    """Return what a column of float64 holds of a number."""
    try:
        return None if value is None else float(value)
    except OverflowError:
        return float("inf")


def columns(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Return the rows as the warehouse would, without any code of rows."""
    return pa.RecordBatch.from_pydict(
        {
            feature.name: pa.array(
                [
                    as_number(row.get(feature.name))
                    if feature.kind == "numeric"
                    else row.get(feature.name)
                    for row in rows
                ],
                TYPES[feature.kind],
            )
            for feature in CONTRACT.features
        }
    )


@pytest.mark.simulation
@settings()
@given(rows_of_any)
def test_rows_are_encoded_as_columns_are(rows: list[dict[str, Any]]) -> None:
    """In every bit, with NULL, unknown levels, infinities and overflow; refused where those are."""
    found = encode_rows(rows, CONTRACT)
    if not found.faults:
        assert encode(columns(rows), CONTRACT).matrix.tobytes() == found.matrix.tobytes()
        return

    with pytest.raises(ContractMismatch) as refused:
        encode(columns(rows), CONTRACT)
    assert {fault.feature for fault in found.faults} == {
        feature.name for feature in CONTRACT.features if f"{feature.name} is" in str(refused.value)
    }


@pytest.mark.simulation
@settings()
@given(rows_of_any)
def test_rows_without_a_fault_become_columns_that_encode_alike(rows: list[dict[str, Any]]) -> None:
    """What reasons are worded from is what was scored."""
    found = encode_rows(rows, CONTRACT)
    at_fault = {fault.row for fault in found.faults}
    kept = [row for number, row in enumerate(rows) if number not in at_fault]
    batch = columns_of(kept, CONTRACT, ["C"] * len(kept))

    assert ["C"] * len(kept) == batch.column("customer_id").to_pylist()
    np.testing.assert_array_equal(
        encode_rows(kept, CONTRACT).matrix, encode(batch, CONTRACT).matrix
    )


@pytest.mark.simulation
@settings()
@given(rows_of_any, st.dictionaries(st.text(), st.one_of(numbers, flags, words), max_size=1))
def test_rows_are_encoded_alone_as_they_are_beside_one_at_fault(
    rows: list[dict[str, Any]], other: dict[str, Any]
) -> None:
    """What is sent every day goes another way than rows with a fault among them: to the same."""
    changed = [{**LEGAL, **row, **other} for row in rows]
    beside = encode_rows([*changed, {}], CONTRACT)
    assert beside.faults
    for number, row in enumerate(changed):
        alone = encode_rows([row], CONTRACT)
        faults = [(each.feature, each.fault) for each in beside.faults if each.row == number]
        assert faults == [(each.feature, each.fault) for each in alone.faults]
        if not faults:
            assert beside.matrix[[number]].tobytes() == alone.matrix.tobytes()


def test_columns_are_made_of_the_rows_that_are_taken() -> None:
    """And are those of all rows, taken."""
    rows = [{**LEGAL, "fee_eur": float(number)} for number in range(5)]
    ids = [f"C{number}" for number in range(5)]
    whole, lazy = columns_of(rows, CONTRACT, ids), RowsAsBatch(rows, CONTRACT, ids)
    for taken in ([], [3, 1]):
        assert whole.take(pa.array(taken, pa.int64())) == lazy.take(pa.array(taken, pa.int64()))

    assert (5, whole.column("customer_id")) == (lazy.num_rows, lazy.column("customer_id"))


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("fee_eur", None, "is missing and must not be"),
        ("plan", None, "is missing and must not be"),
        ("fee_eur", "9.5", "has to be a number"),
        ("fee_eur", True, "has to be a number"),
        ("is_autopay", 1, "has to be true or false"),
        ("city", 7, "has to be a text"),
        ("idle_days", 10**400, "is beyond the range of a 32-bit float"),
        ("idle_days", -1e300, "is beyond the range of a 32-bit float"),
        ("idle", 3.0, "is no feature of this model"),
    ],
)
def test_a_fault_names_row_and_feature_and_no_value(name: str, value: Any, fault: str) -> None:
    """Once, and the rows beside it have none."""
    rows = [LEGAL, {**LEGAL, name: value}, LEGAL]

    assert (RowFault(1, name, fault),) == encode_rows(rows, CONTRACT).faults


def test_a_level_nobody_knows_is_no_fault() -> None:
    """It is told apart from NULL: the night scores such customers too."""
    found = encode_rows([{**LEGAL, "plan": "gold"}], CONTRACT)

    assert () == found.faults
    assert np.isnan(found.matrix[0, 4])
