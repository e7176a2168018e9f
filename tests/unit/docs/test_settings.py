"""The table of settings: meanings from comments and docstrings, defaults and limits from types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pytest
from pydantic import BaseModel, Field

from docs.generate.comments import comments
from docs.generate.settings import section

FILE = """\
# A remark about the file.

# How a cake is made.
[cake]
flour_grams = 200  # wheat, or spelt
# Of the oven.
minutes = 40
degrees = 180  # Celsius
# fan_degrees = 160  # where there is a fan

icing = "none # at all"
"""


class Cake(BaseModel):
    """
    How a cake is made.

    Attributes:
        eggs: How many,
            of any size.
    """

    flour_grams: int = Field(200, ge=100, le=1000)
    icing: Literal["none", "sugar"] = "none"
    eggs: int


@dataclass(frozen=True)
class Tin:
    """
    What it is baked in.

    Attributes:
        width_cm: Across.
        name: What it is called.
    """

    RANGES: ClassVar[Mapping[str, str]] = {"width_cm": "above 0 and below 60"}

    width_cm: float = 24.0
    name: str | None = None


def test_a_comment_belongs_to_its_line_or_to_what_is_below() -> None:
    """A key without a comment of its own takes the one above; an empty line ends that."""
    assert {
        ("", "cake"): "How a cake is made.",
        ("cake", "flour_grams"): "wheat, or spelt",
        ("cake", "minutes"): "Of the oven.",
        ("cake", "degrees"): "Celsius",
        ("cake", "fan_degrees"): "where there is a fan",
    } == comments(FILE)


def test_a_setting_shows_meaning_default_and_limits() -> None:
    """A comment explains a key first, an attribute of the docstring where there is none."""
    said = {("cake", "flour_grams"): "wheat", ("cake", "icing"): "on top"}
    text = section("cake", Cake, {"cake": {}}, said)

    assert "How a cake is made.\n" in text
    assert (
        "| `flour_grams` | wheat | `200` | a whole number, at least 100 and at most 1,000 |" in text
    )
    assert '| `icing` | on top | `"none"` | `none`, `sugar` |' in text
    assert "| `eggs` | How many, of any size. | required | a whole number |" in text


def test_a_dataclass_is_read_like_a_model() -> None:
    """A table of churn.toml may be read into a class of the domain."""
    text = section("tin", Tin, {}, {})

    assert "| `width_cm` | Across. | `24.0` | a number, above 0 and below 60 |" in text
    assert "| `name` | What it is called. | nothing | text |" in text


def test_a_setting_without_a_meaning_is_refused() -> None:
    """The message names the key and where to explain it."""
    with pytest.raises(LookupError, match=r"cake flour_grams: explain it in churn.toml or in Cake"):
        section("cake", Cake, {"cake": {}}, {})


def test_a_table_whose_keys_are_free_has_those_of_the_file() -> None:
    """They are not the fields of what is made from them, and need a meaning like any other."""
    said = {("cake", "candles"): "how many"}
    text = section("cake", Cake, {"cake": {"candles": 3}}, said, is_free=True)

    assert "| key | is |\n| --- | --- |\n| `candles` | how many |" in text
    assert "eggs" not in text
    with pytest.raises(LookupError, match="cake candles"):
        section("cake", Cake, {"cake": {"candles": 3}}, {}, is_free=True)
