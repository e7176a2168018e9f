"""Groups of customers."""

import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.training.measures.groups import (
    levels,
    quartiles,
    worth_a_look,
    worth_bands,
)

PLAN = Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True)
AUTOPAY = Feature("is_autopay", "boolean", "Pays automatically")
AGE = Feature("age", "numeric", "Age", nullable=True)
TABLE = pa.table(
    {
        "plan": ["pro", "basic", None, "pro"] * 25 + ["rare"],
        "is_autopay": [True, False, True, True] * 25 + [True],
        "age": [*map(float, range(100)), None],
    }
)


def test_levels_are_groups_from_a_share_on() -> None:
    """Of categories, and of a yes or no; numbers and what is missing are none."""
    found = levels(TABLE, [PLAN, AUTOPAY, AGE])

    assert [
        ("plan", "plan = basic", 25),
        ("plan", "plan = pro", 50),
        ("is_autopay", "is_autopay = false", 25),
        ("is_autopay", "is_autopay = true", 76),
    ] == [(group.feature, group.name, group.is_in.sum()) for group in found]
    assert "plan = rare" in [group.name for group in levels(TABLE, [PLAN], least_share=0)]


def test_quartiles_hold_a_quarter_each() -> None:
    """Named by what is in them; categories are passed over."""
    found = quartiles(TABLE, [PLAN, AGE])

    assert ["age 0 to 24", "age 25 to 49", "age 50 to 74", "age 75 to 99"] == [
        group.name for group in found
    ]
    assert [25] * 4 == [group.is_in.sum() for group in found]


def test_values_that_do_not_differ_are_one_band() -> None:
    """Half of the customers have none, and a tenth is not known."""
    values = [0.0] * 50 + [1.0] * 20 + [7.0] * 20 + [None] * 10
    found = quartiles(pa.table({"age": values}), [AGE])

    assert ["age missing", "age = 0", "age = 1", "age = 7"] == [group.name for group in found]
    assert [10, 50, 20, 20] == [group.is_in.sum() for group in found]
    assert [] == quartiles(pa.table({"age": pa.array([None] * 3, pa.float64())}), [AGE])[1:]


def test_the_strongest_numbers_and_those_named_are_worth_bands() -> None:
    """Categories count for nothing, however strong."""
    numbers = tuple(Feature(name, "numeric", name) for name in "abcde")
    contract = FeatureContract("fct", (PLAN, *numbers))
    found = worth_bands(contract, (0.5, 0.1, 0.2, 0.05, 0.1, 0.05), {"e"})

    assert ["a", "b", "d", "e"] == [feature.name for feature in found]


def test_what_everybody_has_is_no_group() -> None:
    """As where every level of an attribute was rare and became `other`, and a fee all pay."""
    table = pa.table({"plan": ["other"] * 40, "is_autopay": [True] * 40, "age": [7.0] * 40})

    assert [] == levels(table, [PLAN, AUTOPAY], least_share=0)
    assert [] == quartiles(table, [AGE])
    some = table.set_column(0, "plan", pa.array(["other"] * 30 + [None] * 10))
    assert ["plan = other"] == [group.name for group in levels(some, [PLAN])]


def test_what_no_model_sees_is_looked_at_too() -> None:
    """By its levels, each where it is protected, and by its bands."""
    contract = FeatureContract("fct", (AUTOPAY,), attributes=(PLAN, AGE))
    bands = worth_bands(contract, (1.0,), ())
    some, every = (
        {group.name for group in worth_a_look(TABLE, contract, bands=bands, protected=named)}
        for named in ((), ("plan",))
    )

    assert [AGE] == bands
    assert {"plan = pro", "is_autopay = true", "age 0 to 24"} < some
    assert {"plan = rare"} == every - some
