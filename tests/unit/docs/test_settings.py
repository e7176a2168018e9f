"""The table of settings: meanings from comments and docstrings, defaults and limits from types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pytest
from pydantic import BaseModel, Field

from docs.generate.comments import comments
from docs.generate.settings import free_section, section

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


def test_names_that_people_choose_share_a_row() -> None:
    """Another name in churn.toml changes no page, and each needs a meaning like any key."""
    said = {("", "shelf"): "What is kept.", ("shelf", "extra"): "the rest"}
    said |= {("shelf", name): "grams there are" for name in ("flour", "sugar")}
    text = free_section("shelf", {"flour": 3, "sugar": 2, "extra": {}}, said)

    assert "What is kept.\n" in text
    assert "| `NAME` | grams there are |\n| `extra` | the rest |" in text
    assert "sugar" not in text
    with pytest.raises(LookupError, match=r"\[shelf\] flour"):
        free_section("shelf", {"flour": 3}, {})
