"""Names of columns from what people wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.scaffolds import names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thumbs Up", "thumbs_up"),
        ("NextSong", "next_song"),
        ("  50% off! ", "x_50_off"),
        ("Ça & là", "ca_la"),
        ("Покупка", "x"),
        ("", "x"),
        ("a" * 30, "a" * 12),
        ("it's {{ odd }}", "it_s_odd"),
    ],
)
def test_a_slug_is_a_name_without_quotes(text: str, expected: str) -> None:
    """Whatever people wrote, of no more than the length asked for."""
    found = names.slug(text, longest=12)

    assert expected == found
    assert names.NAME.fullmatch(found)


def test_a_slug_that_is_taken_gets_a_number() -> None:
    """Also where that leaves less room for the word."""
    assert "x_2" == names.slug("Покупка", longest=12, taken=["x"])
    assert "abcdefghij_3" == names.slug(
        "abcdefghijkl", longest=12, taken=["abcdefghijkl", "abcdefghij_2"]
    )


@pytest.mark.parametrize("column", ["user", "Order", "events", "changeReason", "days", "as_of"])
def test_a_stem_is_no_word_of_sql_and_begins_no_feature(column: str) -> None:
    """Neither what PostgreSQL reserves nor what other columns of ours are called."""
    found = names.stem(column, taken=())

    assert found.startswith("x_")
    assert names.is_name(found)


def test_words_are_one_line_that_dbt_leaves_alone() -> None:
    """Without braces and control characters, and no longer than people read."""
    assert "It's odd page" == names.words("It's {{ odd }}\n_page")
    assert 40 == len(names.words("long " * 20))


@pytest.mark.simulation
@given(st.lists(st.text(max_size=200), unique=True, max_size=30))
def test_columns_have_names_of_their_own(headers: list[str]) -> None:
    """Whatever people call them; none is a word of SQL or a column of ours."""
    found = [*names.columns(headers).values()]

    assert len({*found}) == len(headers)
    assert all(names.is_name(name) and len(name) <= names.LONGEST_COLUMN for name in found)


def test_a_column_is_called_as_its_header() -> None:
    """The second of a name is its second."""
    found = names.columns(["MonthlyCharges", "monthly charges (€)", "customerID", "order"])

    assert ["monthly_charges", "monthly_charges_2", "customer_id_2", "order_2"] == [*found.values()]


@pytest.mark.parametrize(
    ("column", "expected"), [("songLength", "song length"), ("user", "user"), ("{{}}", "column")]
)
def test_a_header_is_read_as_words(column: str, expected: str) -> None:
    """Also one that is no words."""
    assert expected == names.header_words(column)
