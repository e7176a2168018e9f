"""How many refused rows are too many, and what is said of them."""

import pytest

from pipelines.domain.imports import quarantine
from pipelines.domain.imports.quarantine import Quarantine
from pipelines.errors import ImportRefused


def refused() -> Quarantine:
    """Return one with three rows of two causes."""
    found = Quarantine("shop", "shop__orders", "orders.csv")
    found.add([9, 4], "paid_eur", "is not a number")
    found.add([2], None, "has 3 values for 2 columns")

    return found


@pytest.mark.parametrize(("of_rows", "is_refused"), [(300, False), (299, True)])
def test_a_share_of_the_rows_may_be_refused(of_rows: int, is_refused: bool) -> None:
    """One in a hundred is still legal at one percent."""
    if not is_refused:
        refused().require(of_rows=of_rows, most_pct=1.0)
        return
    with pytest.raises(ImportRefused) as caught:
        refused().require(of_rows=of_rows, most_pct=1.0)

    assert (
        "orders.csv was refused and nothing was loaded: rows that are none of shop__orders are "
        "3 of 299, and 1 % may be: paid_eur: is not a number: 2 rows, first on line 9, 4; "
        "has 3 values for 2 columns: 1 rows, first on line 2"
    ) == caught.value.message


def test_rows_kept_elsewhere_count() -> None:
    """And the commonest reason is told first, wherever its rows are."""
    found = refused()
    found.count(40, (5, 6, 7, 8), "customer_id", "repeats the customer of an earlier row")

    assert 43 == found.rows
    assert (
        "customer_id: repeats the customer of an earlier row: 40 rows, first on line 5, 6, 7"
        == (found.reasons()[0])
    )
    assert 3 == len(found.table())


def test_five_reasons_are_told() -> None:
    """And how many more there are."""
    found = Quarantine("shop", "shop__orders", "orders.csv")
    for number in range(8):
        found.add([number], None, f"reason {number}")

    assert [5 + 1, "and 3 more reasons"] == [len(found.reasons()), found.reasons()[-1]]


def test_the_table_holds_no_values() -> None:
    """Where and why, in the order the rows came."""
    assert [(9, "paid_eur"), (4, "paid_eur"), (2, None)] == [
        (row["line"], row["column_name"]) for row in refused().table().to_pylist()
    ]
    assert quarantine.SCHEMA == refused().table().schema


def test_a_load_of_nothing_but_faults_is_not_read_to_its_end() -> None:
    """Nor is memory filled with them."""
    found = Quarantine("shop", "shop__orders", "orders.csv")
    with pytest.raises(ImportRefused, match="are more than 1,000,000: is none"):
        found.add(range(quarantine.MOST + 1), None, "is none")
