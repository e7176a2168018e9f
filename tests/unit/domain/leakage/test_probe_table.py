"""A whole table probed: copies, scores, identifiers, times; and what is honest."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.columns import column as table_column
from pipelines.domain.leakage import probe
from pipelines.domain.leakage.finding import Finding, by_column, names
from tests.unit.domain.leakage.customers import Customers

PEOPLE = Customers()


@pytest.mark.parametrize("wrong", [0, 0.01, 0.05])
def test_a_copy_of_the_label_is_suspect(wrong: float) -> None:
    """As a number, in other words, turned round; and if a few rows are wrong."""
    copy = PEOPLE.flipped(wrong)
    for values in (copy.astype(int), np.where(copy, "gone", "here"), np.where(copy, "0", "1")):
        assert [("x",)] == [*PEOPLE.kinds(x=values)]


@pytest.mark.parametrize("distance", [1.7, 3.0])
def test_another_models_score_is_suspect(distance: float) -> None:
    """AUC 0.88 and 0.98; also in percent, and as a band of five."""
    score = PEOPLE.random.normal(size=PEOPLE.rows) + distance * PEOPLE.is_churned
    edges = np.quantile(score, [0.3, 0.6, 0.8, 0.9])
    band = np.array([*"ABCDE"])[np.searchsorted(edges, score)]
    for values in ((100 / (1 + np.exp(-score))).round(), score.round(3), band):
        assert [("x",)] == [*PEOPLE.kinds(x=values)]


def test_a_column_called_after_the_outcome_may_tell_less() -> None:
    """A score of AUC 0.80 is suspect if it is called one, and an honest column if it is not."""
    score = (PEOPLE.random.normal(size=PEOPLE.rows) + 1.2 * PEOPLE.is_churned).round(3)

    assert {} == PEOPLE.kinds(engagement=-score)
    assert {("churn_propensity",): "named"} == PEOPLE.kinds(churn_propensity=score)
    assert {} == PEOPLE.kinds(churn_propensity=PEOPLE.random.normal(size=PEOPLE.rows).round(3))


def test_silence_may_tell_more_than_a_score() -> None:
    """An AUC of 0.88 of what counts days is honest, and 0.93 of it is not."""
    noise = PEOPLE.random.normal(size=PEOPLE.rows)
    silent, gone = (np.exp(noise + by * PEOPLE.is_churned).round(2) for by in (1.66, 2.1))

    assert {} == PEOPLE.kinds(days_idle=silent)
    assert {("rating",): "tells"} == PEOPLE.kinds(rating=silent)
    assert {("days_idle",): "tells"} == PEOPLE.kinds(days_idle=gone)


def test_ids_given_by_outcome_are_suspect() -> None:
    """By the letters they begin with, or by their numbers; ids given by chance are not."""
    number = PEOPLE.random.permutation(PEOPLE.rows)
    letters = [f"{'X' if left else 'A'}{n:06d}" for n, left in zip(number, PEOPLE.is_churned,
                                                                   strict=True)]  # fmt: skip
    sorted_by = np.empty(PEOPLE.rows, dtype=int)
    sorted_by[np.argsort(PEOPLE.is_churned, kind="stable")] = np.arange(PEOPLE.rows)

    assert {("account",): "id"} == PEOPLE.kinds(account=letters)
    assert {("account_id",): "id"} == PEOPLE.kinds(account_id=[f"K{n:07d}" for n in sorted_by])
    assert {} == PEOPLE.kinds(account_id=[f"K{n:07d}" for n in number])
    tickets = [f"T{n:07d}" if gone else None for n, gone in zip(number, PEOPLE.is_churned,
                                                               strict=True)]  # fmt: skip
    assert {("ticket_id",): "filled"} == PEOPLE.kinds(ticket_id=tickets)


def test_numbers_of_sorted_rows_are_no_suspects() -> None:
    """A file may be sorted by who left; its rows are numbered, and no model learns from that."""
    people = Customers(seed=5)
    order = np.argsort(people.is_churned, kind="stable")
    people.is_churned = people.is_churned[order]
    people.columns = {name: [*np.asarray(each)[order]] for name, each in people.columns.items()}

    assert {} == people.kinds(row_id=[f"R{n:06d}" for n in range(people.rows)])


def test_times_after_their_row_are_suspect() -> None:
    """Unless they are said to lie ahead."""
    rows = 200
    month = [date(2026, 1 + n % 6, 1) for n in range(rows)]
    later = [str(day + timedelta(days=n % 40)) for n, day in enumerate(month)]
    columns = {
        name: table_column.read(name, pa.chunked_array([values]))
        for name, values in {
            "month": [str(day) for day in month],
            "updated_at": later,
            "expiry_date": later,
            "signup_date": [str(day - timedelta(days=n)) for n, day in enumerate(month)],
        }.items()
    }
    found = probe.of_table(
        [*columns.values()],
        np.ones(rows, np.bool_),
        np.random.default_rng(1).random(rows) < 0.3,
        time=columns["month"],
    ).findings

    assert [(("updated_at",), "later")] == [(each.columns, each.kind) for each in found]
    assert "lies after month in 98% of its rows" in found[0].reason


def test_findings_are_told_by_column() -> None:
    """Several together name each other, and the first reason of a column is told."""
    pair = Finding(("a", "b"), "pair", "tell together", 0.99)
    alone = Finding(("a",), "tells", "alone tells", 0.9)

    assert {
        "a": "with b: tell together",
        "b": "with a: tell together",
    } == by_column([pair, alone])
    assert ["a", "b"] == names([pair, alone])
    assert {"columns": ["a"], "kind": "tells", "reason": "alone tells", "auc": 0.9} == (
        alone.to_dict()
    )


def test_many_rows_are_looked_at_evenly() -> None:
    """A rate is that of all rows, and found all the same; so is what the rest of them tells."""
    people = Customers(seed=6)
    group = people.random.permutation(people.rows) // 20
    rate = (np.bincount(group, people.is_churned) / np.bincount(group))[group]
    note = ["moved" if here else None for here in people.chosen(0.5, 0)]

    assert {("rate",): "rates", ("note",): "filled"} == people.kinds(
        most_rows=1000, rate=rate, note=note
    )


def test_where_few_have_left_all_rows_are_looked_at() -> None:
    """Of 3 % of a thousand too few would be left to judge by."""
    people = Customers(rate=0.03, seed=6)

    assert {("x",): "filled"} == people.kinds(most_rows=500, x=people.is_churned.astype(int))


def test_many_rows_of_a_customer_are_evidence_of_one() -> None:
    """A dozen rows of each of 300: what they are like is no leak, and a day of closing is."""
    people = Customers(rows=300, seed=4)
    rows = np.repeat(np.arange(people.rows), 12)
    signed = [str(date(2024, 1, 1) + timedelta(days=int(n))) for n in people.columns["tenure"] * 30]
    closed = np.where(people.chosen(0.7, 0), "2026-09-03", None)
    voucher = np.where(np.arange(people.rows) == people.is_churned.argmax(), "v", None)
    told = people.columns | {"signed": signed, "closed_at": closed, "voucher": voucher}
    columns = [
        table_column.read(name, pa.chunked_array([[None if v is None else str(v) for v in values]]))
        for name, values in (
            ("customer_id", [f"c-{n}" for n in rows]),
            *((name, np.asarray(values, dtype=object)[rows]) for name, values in told.items()),
        )
    ]
    found = probe.of_table(
        columns, np.ones(len(rows), np.bool_), people.is_churned[rows], key="customer_id"
    )

    assert [("closed_at",)] == [finding.columns for finding in found.findings]
