"""What most customers have."""

import pyarrow as pa
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.usual import Value, usual_values


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("numeric", [0, 0, 3], 0.0),
        ("numeric", [1, 2, 3, 4], 2.0),
        ("numeric", [0.5, float("nan"), 2.5, None, 3.5], 2.5),
        ("numeric", [None, None, 7, 7], None),
        ("boolean", [True, False, True], True),
        ("boolean", [True, False], False),
        ("boolean", [None, None, True], None),
        ("categorical", ["pro", "basic", "pro", None], "pro"),
        ("categorical", ["pro", "basic"], "basic"),
        ("categorical", [None, None, "pro"], None),
        ("numeric", [], None),
        ("categorical", [], None),
    ],
)
def test_the_usual_value_is_one_that_somebody_has(
    kind: str, values: list[Value], expected: Value
) -> None:
    """A median or the commonest; none where half of the customers have no value."""
    levels = ("basic", "pro") if kind == "categorical" else ()
    types = {"numeric": pa.float64(), "boolean": pa.bool_(), "categorical": pa.string()}
    feature = Feature("x", kind, "X", levels=levels)  # type: ignore[arg-type]
    table = pa.table({"x": pa.array(values, types[kind])})

    assert {"x": expected} == usual_values(table, FeatureContract("fct", (feature,)))


@pytest.mark.parametrize(
    ("cities", "expected"),
    [
        (["c0"] * 6 + ["c1"] * 5, {"city": "c0"}),
        (["c0"] * 5 + ["c1", None] * 3, {}),
        ([None] * 6 + ["c0"] * 5, {"city": None}),
        (["other"] * 4 + ["c0", "c1"] * 3, {}),
    ],
)
def test_of_many_levels_one_is_usual_if_most_have_it(
    cities: list[str | None], expected: dict[str, Value]
) -> None:
    """The commonest of 20 cities is where few live, and `other` is no city."""
    levels = (*(f"c{number}" for number in range(20)), "other")
    contract = FeatureContract("fct", (Feature("city", "categorical", "City", levels=levels),))

    assert expected == usual_values(pa.table({"city": pa.array(cities, pa.string())}), contract)
