"""Rows as programs send them: the same matrix as from columns, and faults that say where."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.rows import TYPES, RowFault, columns_of, encode_rows, is_plain
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


@settings()
@given(rows_of_any, st.dictionaries(st.text(), st.one_of(numbers, flags, words), max_size=1))
def test_a_row_that_is_plain_has_no_fault(
    rows: list[dict[str, Any]], other: dict[str, Any]
) -> None:
    """Whatever it has, of the right kind or another, and of a name nobody knows."""
    for row in rows:
        changed = {**LEGAL, **row, **other}
        assert not (is_plain(changed, CONTRACT) and encode_rows([changed], CONTRACT).faults)


def test_what_is_sent_every_day_is_plain() -> None:
    """Also where something is unknown that may be, left out or said to be."""
    for row in (LEGAL, {**LEGAL, "idle_days": 3, "has_app": None}, {**LEGAL, "plan": "gold"}):
        assert is_plain(row, CONTRACT)


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
    assert [True, False, True] == [is_plain(row, CONTRACT) for row in rows]


def test_a_level_nobody_knows_is_no_fault() -> None:
    """It is told apart from NULL: the night scores such customers too."""
    found = encode_rows([{**LEGAL, "plan": "gold"}], CONTRACT)

    assert () == found.faults
    assert np.isnan(found.matrix[0, 4])
