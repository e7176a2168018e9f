"""Names of the warehouse, made from headers of any kind."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.scaffolds.naming import LONGEST, RESERVED, identifier, identifiers, title


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("MonthlyCharges", "monthly_charges"),
        ("monthly charges (€)", "monthly_charges"),
        ("customerID", "customer_id_given"),
        ("Kündigung", "kundigung"),
        ("2nd line", "n_2nd_line"),
        ("order", "order_given"),
        ("  ", "column"),
        ("顧客", "column"),
        ("a" * 100, "a" * LONGEST),
    ],
)
def test_a_header_becomes_a_name(header: str, name: str) -> None:
    """In snake case and ASCII, and never a word PostgreSQL or we use."""
    assert name == identifier(header, otherwise="column")


def test_no_two_headers_share_a_name() -> None:
    """The second of a name is its second, and one that has none is numbered."""
    names = identifiers(["Plan", "plan", "plan_2", "顧客", "PLAN"])

    assert ["plan", "plan_2", "plan_2_2", "column_4", "plan_3"] == [*names.values()]


@given(st.lists(st.text(max_size=200), unique=True, max_size=30))
def test_whatever_people_call_their_columns(headers: list[str]) -> None:
    """Every header has a legal name of its own."""
    names = [*identifiers(headers).values()]

    assert len({*names}) == len(headers)
    assert all(re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name) for name in names)
    assert not {*names} & RESERVED


def test_a_title_is_words() -> None:
    """What stands before the value in a reason."""
    assert "monthly charges" == title("MonthlyCharges")
    assert "?" == title(" ? ")
