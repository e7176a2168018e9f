"""What the values of a column are, and which of them are none."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.columns import column
from pipelines.domain.columns.column import Column


def read(name: str, *values: Any, kind: pa.DataType | None = None) -> Column:
    """Read a column of those values, a row each."""
    return column.read(name, pa.chunked_array([pa.array(values, kind or pa.string())]))


MANY = [str(10_000 + number) for number in range(60)]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("a", ["", " ", None, "N/A"], "empty"),
        ("a", ["Yes", "no", "YES", ""], "boolean"),
        ("a", ["0", "1", "1"], "boolean"),
        ("a", ["3", "1", "1"], "integer"),
        ("a", ["3.5", "1", "1"], "number"),
        ("a", ["$1,200", "$80", "$1,200"], "integer"),
        ("a", ["12,5", "3,25", "12,5"], "number"),
        ("a", ["0,812", "0,125", "0,812"], "number"),
        ("a", ["0,812", "1,125", "0,812"], "number"),
        ("a", ["1,812", "2,125", "1,812"], "integer"),
        ("a", ["1", "2", "3"], "identifier"),
        ("postcode", ["01067", "80331", "01067"], "category"),
        ("customer_id", [*MANY, MANY[0]], "identifier"),
        ("InvoiceNo", [*MANY, f"C{MANY[0]}"], "identifier"),
        ("number_of_items", [*MANY, MANY[0]], "integer"),
        ("customer_id", ["12.5", *(f"{number}.5" for number in range(60))], "number"),
        ("joined", ["2024-01-01", "2024-01-02", ""], "date"),
        ("joined", ["2024-01-01 10:00", "2024-01-02"], "instant"),
        ("ts", ["1700000000", "1700000100"], "instant"),
        ("phone", [f"+49 30 {1_000_000 + number}" for number in range(60)], "identifier"),
        ("registration", ["1600000000000", "1600000000001"], "instant"),
        ("length", ["1700000000", "1700000100", "1700000100"], "integer"),
        ("a", ["red", "blue", "red", "red"], "category"),
        ("a", [f"u-{number}" for number in range(60)], "identifier"),
        ("a", [f"the customer said no to offer {number}" for number in range(60)], "text"),
    ],
)
def test_the_kind_of_a_column(name: str, values: list[str | None], kind: str) -> None:
    """By what its values are; by its name only where they leave a choice."""
    assert kind == read(name, *values).kind


def test_types_make_no_difference() -> None:
    """Text, whole numbers and fractions of the same table are the same column."""
    numbers = [3, 1, 2, 2, None]
    text = read("a", *[None if number is None else str(number) for number in numbers])
    for kind in (pa.int32(), pa.float64(), pa.decimal128(9, 0)):
        typed = read("a", *numbers, kind=kind)
        assert (text.kind, text.levels, text.spans) == (typed.kind, typed.levels, typed.spans)
        assert list(text.values.levels) == list(typed.values.levels)


def test_values_of_another_kind_are_counted() -> None:
    """A column is what 95 in 100 rows are; the others are wrong."""
    found = read("age", *(str(number % 40) for number in range(99)), "forty")

    assert "integer" == found.kind
    assert [99] == list(np.flatnonzero(found.bad_rows))
    assert ("0", "39") == found.spans


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Area Code", "category"),
        ("payment_method_id", "category"),
        ("codes", "integer"),
        ("amount", "integer"),
        ("id_count", "integer"),
    ],
)
def test_codes_of_a_few_kinds_are_no_measures(name: str, kind: str) -> None:
    """Nobody adds them up, and none is more than another."""
    assert kind == read(name, *["408", "415", "510"] * 20).kind
    assert "number" == read(name, *["1.5", "2.5", "3.5"] * 20).kind


@pytest.mark.parametrize(
    ("values", "disguises"),
    [
        (["5", "7", "9", "999", "999", "999"], {"999": 3}),
        (["5", "7", "9", "999", "999"], {}),
        (["5", "7", "9", "-1", "-1", "-1"], {"-1": 3}),
        (["-5", "7", "9", "-1", "-1", "-1"], {}),
        (["900", "950", "998", "999", "999", "999"], {}),
        (["129", "149", "99", "99", "99"], {}),
        (["19.99", "29", "99", "99", "99"], {}),
        (["100", "110", "99", "99", "99"], {}),
        (["-1", "5", "-999", "-999", "-999"], {"-999": 3}),
        (["5", "?", "N/A", "7", ""], {"?": 1, "N/A": 1}),
        (["2024-01-01", "2024-02-01", *["1900-01-01"] * 3], {"1900-01-01": 3}),
        (["1900-02-01", "1901-02-01", *["1900-01-01"] * 3], {}),
        (["red", "Unknown", "red"], {"Unknown": 1}),
        (["1", "2", "\\N", "<NA>", "#DIV/0!"], {"\\N": 1, "<NA>": 1, "#DIV/0!": 1}),
    ],
)
def test_nothing_in_disguise(values: list[str], disguises: dict[str, int]) -> None:
    """Words for nothing always are; numbers and days where they stand apart, more than twice."""
    found = read("value", *values)

    assert disguises == found.disguises
    assert sum(disguises.values()) + values.count("") == found.missing_rows.sum()


def test_levels_of_people_are_not_shown() -> None:
    """Neither commonest values nor extremes of a column that may say who somebody is."""
    found = read("email", *(f"ada{number % 12}@example.org" for number in range(60)))

    assert "e-mail" == found.personal
    assert {} == found.levels
    assert found.spans is None


def test_the_commonest_levels_and_the_rest() -> None:
    """Fifty are counted; what is left is one number."""
    found = read("town", *(f"town {number % 80}" for number in range(800)), "town 7")

    assert "category" == found.kind
    assert (50, ("town 7", 11)) == (len(found.levels), next(iter(found.levels.items())))
    assert 801 - 50 * 10 - 1 == found.other_rows


def test_one_value_everywhere_tells_nothing() -> None:
    """A column is constant if no row is without the value."""
    assert read("a", "x", "x").is_constant
    assert not read("a", "x", "").is_constant
