"""Which columns may say who somebody is."""

import numpy as np
import pandas as pd
import pytest

from pipelines.domain.columns.personal_data import personal


def told(name: str, values: list[str]) -> str | None:
    """Judge a column of different values."""
    return personal(name, pd.Series(values, dtype=str), np.ones(len(values), dtype=np.int64))


WORDS = [f"Ada{chr(97 + number)}" for number in range(20)]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("contact", [f"a{number}@example.org" for number in range(20)], "e-mail"),
        ("value", ["4111 1111 1111 1111", "5500-0000-0000-0004"], "card"),
        ("value", ["4111 1111 1111 1112", "5500-0000-0000-0005"], None),
        ("value", ["DE89370400440532013000", "GB29NWBK60161331926819"], "bank account"),
        ("value", ["+49 30 123456", "030 1234567", "(030) 123 45 67"], "telephone"),
        ("value", ["0049301234567", "00441632960001"], "telephone"),
        ("number", [f"{number:08}" for number in range(1, 999_999, 9_999)], None),
        ("value", ["192.168.0.1", "10.0.0.7"], "ip address"),
        ("Surname", WORDS, "name"),
        ("first_name", WORDS, "name"),
        ("customer name", WORDS, "name"),
        ("plan_name", WORDS, None),
        ("street", WORDS, "address"),
        ("emails_sent", [str(number) for number in range(20)], None),
        ("wants_email", ["Yes", "No"], None),
        ("joined", ["2024-01-01", "2024-01-02"], None),
        ("joined", [f"0{number}.01.2024" for number in range(1, 9)], None),
        ("amount", [f"0.{number}12345678" for number in range(1, 9)], None),
    ],
)
def test_who_may_be_told(name: str, values: list[str], kind: str | None) -> None:
    """By check digits and shape, or by a header whose values are many."""
    assert kind == told(name, values)
