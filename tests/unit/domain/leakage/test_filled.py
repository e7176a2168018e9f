"""Columns that were written once it was over, and honest ones that look like it."""

import numpy as np
import pytest

from pipelines.domain.leakage.shares import Condition, is_only_of, lower, percent
from tests.unit.domain.leakage.customers import Customers


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.45])
def test_honest_customers_are_suspect_of_nothing(rate: float) -> None:
    """New ones have no invoice yet, and some contracts keep nearly everybody."""
    people = Customers(rate=rate)
    binding = np.where(people.chosen(0.02, 0.3), "two years", people.columns["contract"])

    assert {} == people.kinds(contract=binding)


@pytest.mark.parametrize(("of_left", "of_stayed"), [(1, 0), (0.95, 0.02), (0.5, 0), (0.15, 0)])
def test_a_column_filled_for_those_who_left_is_suspect(of_left: float, of_stayed: float) -> None:
    """Whatever share of them, and if a few others have it too."""
    people = Customers()
    is_written = people.chosen(of_left, of_stayed)

    assert {("note",): "filled"} == people.kinds(
        note=[str(n % 7) if here else None for n, here in enumerate(is_written)]
    )


def test_its_size_is_told() -> None:
    """For how many of those who left it is filled, and for how many others."""
    people = Customers()
    (found,) = people.findings(note=["moved" if left else None for left in people.is_churned])

    assert found.reason.startswith("is filled for 100 % of those who left and 0 % of the others")
    assert found.auc is not None
    assert found.auc > 0.99


def test_free_text_and_ids_may_be_filled_afterwards() -> None:
    """No model learns from them, and what comes with them may be no better."""
    people = Customers()
    is_written = people.chosen(0.5, 0)
    comment = [
        f"ticket {n}: I leave because of reason number {n}" if here else None
        for n, here in enumerate(is_written)
    ]

    assert {("comment",): "filled"} == people.kinds(comment=comment)


def test_what_is_taken_away_from_those_who_left_is_suspect() -> None:
    """They have no next invoice; and those who stayed alone have renewed."""
    people = Customers(rows=6000)
    next_invoice = [None if gone else f"2026-12-{1 + n % 28:02}" for n, gone in
                    enumerate(people.chosen(0.6, 0))]  # fmt: skip
    renewed = ["2026-03-01" if here else None for here in people.chosen(0, 0.6)]

    assert {("next_invoice",): "filled"} == people.kinds(next_invoice=next_invoice)
    assert {("renewed",): "filled"} == people.kinds(renewed=renewed)


def test_an_amount_nobody_else_has_is_suspect() -> None:
    """0 is what a refund is until somebody has left."""
    people = Customers()
    refund = np.where(people.chosen(0.3, 0), people.random.gamma(2, 20, people.rows).round(2), 0)

    assert {("refund",): "filled"} == people.kinds(refund=refund)


def test_a_rare_risk_is_no_leak() -> None:
    """Six times as common among those who left, filled or not."""
    people = Customers()
    complaint = ["2026-09-01" if here else None for here in people.chosen(0.18, 0.03)]
    bounced = people.chosen(0.3, 0.05).astype(int)

    assert {} == people.kinds(complaint=complaint, bounced_payments=bounced)


def test_what_is_called_after_an_ending_needs_less() -> None:
    """A reason that a few others have too, whereas a complaint may be an honest warning."""
    people = Customers()
    values = ["price" if here else None for here in people.chosen(0.4, 0.03)]

    assert {} == people.kinds(complaint=values)
    assert {("cancel_reason",): "filled"} == people.kinds(cancel_reason=values)


def test_a_level_of_those_who_left_is_suspect() -> None:
    """Half of them have it, and nobody else; three of a hundred may be a risk."""
    people = Customers()
    other = people.random.choice(["a", "b", "c"], people.rows)

    assert {("status",): "level"} == people.kinds(
        status=np.where(people.chosen(0.5, 0), "ended", other)
    )
    assert {} == people.kinds(status=np.where(people.chosen(0.03, 0), "four", other))


def test_days_counted_later_are_suspect() -> None:
    """Half of those who left were not seen for longer than anybody who stayed."""
    people = Customers()
    days = people.random.integers(0, 60, people.rows)
    later = people.random.integers(60, 300, people.rows)

    assert {("days_idle",): "tail"} == people.kinds(
        days_idle=np.where(people.chosen(0.5, 0), later, days)
    )
    assert {} == people.kinds(days_idle=(days * np.exp(0.4 * people.risk)).round())


def test_few_rows_prove_nothing() -> None:
    """Twenty of twenty are 79 % at least, and a hundred of a hundred 95 %."""
    assert lower(20, 20) == pytest.approx(0.787, abs=0.001)
    assert lower(100, 100) == pytest.approx(0.949, abs=0.001)
    assert not is_only_of(Condition(20, 20, 0.2), 20.0)
    assert is_only_of(Condition(30, 30, 0.2), 20.0)
    assert not is_only_of(Condition(30, 30, 0.5), 20.0)
    assert not is_only_of(Condition(0, 0, 0.2), 20.0)
    assert not is_only_of(Condition(300, 300, 0.2, independent=0.05), 20.0)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.004, "0.4 %"), (0.5, "50 %"), (0.996, "99.6 %"), (1, "100 %")],
)
def test_hardly_any_is_not_none(share: float, said: str) -> None:
    """Shares near none or all have a decimal."""
    assert said == percent(share)
