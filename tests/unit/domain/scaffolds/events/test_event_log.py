"""A log, and which of its kinds have features of their own."""

from typing import Any

import pytest

from pipelines.domain.scaffolds.events.event_log import EventLog, LabelRule
from pipelines.domain.scaffolds.events.log_columns import (
    KindColumn,
    Level,
    amount_columns,
    kind_columns,
)

SILENCE = LabelRule("inactivity")


def test_the_commonest_kinds_are_their_own_and_the_rest_is_other() -> None:
    """Twelve; a thirteenth is not called other where it is the only one."""
    (many,) = kind_columns({"page": [f"page {letter}" for letter in "abcdefghijklmnop"]})
    (few,) = kind_columns({"page": [f"page {letter}" for letter in "abcdefghijklm"]})

    assert (12, True) == (len(many.levels), many.has_other)
    assert "page_other" == list(many.measures)[-1]
    assert (13, False) == (len(few.levels), few.has_other)


def test_columns_of_kinds_share_the_twelve() -> None:
    """And say their name in titles."""
    values = [f"kind {letter}" for letter in "abcdefghijklmnop"]
    columns = kind_columns({"page": values, "device": values, "plan": ["free", "paid"]})

    assert [4, 4, 2] == [len(column.levels) for column in columns]
    assert "plan free" == columns[2].measures["plan_free"]


def test_kinds_that_read_alike_are_two() -> None:
    """Also one that is called other."""
    values = ["Add", "add", "ADD!", "Other", *(f"kind {letter}" for letter in "abcdefghijklmnop")]
    (column,) = kind_columns({"page": values})

    assert ["add", "add_2", "add_3", "other_2"] == [level.slug for level in column.levels[:4]]
    assert len(column.measures) == 13


def test_amounts_have_names_no_kind_has() -> None:
    """And a unit, if somebody said one."""
    kinds = kind_columns({"page": ["Length"]})
    columns = amount_columns({"page": "", "page_length": "seconds", "fee": "EUR"}, kinds)

    assert ["page_2", "page_length_2", "fee"] == [column.stem for column in columns]
    assert ["", "seconds", "EUR"] == [column.unit for column in columns]


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_dated": True},
        {"horizon_days": 0},
        {"gap_days": -1},
        {"eligible_days": 0},
        {"label": LabelRule("kind", "page", "gone")},
        {"kinds": (KindColumn("user", "user", (Level("a", "a", "a"),)),)},
        {"kinds": kind_columns({"page": ["a"]}) * 2},
        {"population": 'x"'},
        {"table": ""},
        {"history_days": 83},
        {"eligible_days": 120, "history_days": 119},
        {"history_periods": 6},
        {"history_periods": 0, "has_periods": True},
    ],
)
def test_a_log_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    """Before any SQL is written."""
    with pytest.raises(ValueError, match=r"\w"):
        EventLog(**{"population": "music", "table": "events", "label": SILENCE, **wrong})


@pytest.mark.parametrize(
    ("definition", "column", "level"),
    [("inactivity", "page", "gone"), ("kind", "", ""), ("either", "page", ""), ("kind", "", "x")],
)
def test_a_label_needs_what_it_is_made_of(definition: Any, column: str, level: str) -> None:
    """And nothing else."""
    with pytest.raises(ValueError, match=definition):
        LabelRule(definition, column, level)
