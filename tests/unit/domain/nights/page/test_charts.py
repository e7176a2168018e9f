"""Shapes of small charts: within their frame, in proportion, and in words as well."""

from datetime import date

import pytest

from pipelines.domain.nights.page import charts
from pipelines.domain.nights.page.view import Chart

NUMERIC = {
    "kind": "numeric",
    "edges": [0, 10.5, 2000],
    "reference": [0.75, 0.25],
    "current": [0.5, 0.5],
}
LEVELS = {
    "kind": "levels",
    "levels": ["basic", "<b>"],
    "reference": [1.0, 0],
    "current": [0.9, 0.1],
}


def within(chart: Chart) -> bool:
    """Tell whether every shape lies in the frame."""
    return all(
        0 <= shape.x - shape.width / 2 * shape.is_dot
        and shape.x + shape.width * (0.5 if shape.is_dot else 1) <= chart.width + 1e-9
        and 0 <= shape.y
        and (shape.is_dot or shape.y + shape.height <= chart.height + 1e-9)
        for shape in chart.shapes
    )


def test_a_distribution_is_then_behind_now() -> None:
    """Bars are as high as their shares, the highest fills the frame; each says what it is."""
    chart = charts.distribution(NUMERIC)

    assert chart is not None
    assert within(chart)
    assert ["then", "then", "now", "now", "line"] == [shape.tone for shape in chart.shapes]
    heights = [shape.height for shape in chart.shapes[:4]]
    assert [1, 1 / 3, 2 / 3, 2 / 3] == pytest.approx(
        [height / charts.SPREAD_HEIGHT for height in heights]
    )
    assert "0 to 10.5: 75.0\xa0% then, 50.0\xa0% now" == chart.shapes[0].hint
    assert "Largest difference at 0 to 10.5: 75.0\xa0% then, 50.0\xa0% now" == chart.says


def test_levels_are_called_as_they_are() -> None:
    """Whoever draws escapes them; a level nobody has is no bar, one that few have can be seen."""
    chart = charts.distribution(LEVELS)

    assert chart is not None
    assert "<b>: 0.0\xa0% then, 10.0\xa0% now" == chart.shapes[1].hint
    assert 0 == chart.shapes[1].height < charts.LEAST_VISIBLE <= chart.shapes[3].height


@pytest.mark.parametrize(
    "found",
    [
        None,
        [],
        "text",
        {},
        {**NUMERIC, "reference": [0.5]},
        {**NUMERIC, "reference": [], "current": []},
        {**NUMERIC, "reference": [1], "current": [1]},
        {**NUMERIC, "reference": ["0.5", "0.5"]},
        {**NUMERIC, "reference": [float("nan"), 1]},
        {**NUMERIC, "reference": [-1, 2]},
        {**NUMERIC, "reference": [1 / 30] * 30, "current": [1 / 30] * 30},
    ],
)
def test_what_is_no_distribution_is_not_drawn(found: object) -> None:
    """The column is written by others, and a night before it has none."""
    assert charts.distribution(found) is None


def test_bars_without_names_are_numbered() -> None:
    """Edges that do not fit the bars name none."""
    chart = charts.distribution({**NUMERIC, "edges": [1]})

    assert chart is not None
    assert chart.shapes[0].hint.startswith("part 1: ")


@pytest.mark.parametrize(("part", "whole", "filled"), [(0, 0, 0), (0, 5, 0), (5, 5, 1), (9, 5, 1)])
def test_a_bar_fills_its_track_in_proportion(part: float, whole: float, filled: float) -> None:
    """Nothing of nothing is nothing, and more than all is all."""
    chart = charts.bar(part, whole, "")

    assert within(chart)
    assert filled * charts.BAR_WIDTH == sum(shape.width for shape in chart.shapes[1:])


def test_a_bar_of_little_can_be_seen() -> None:
    """One of a million is not nobody."""
    assert 2.0 == charts.bar(1, 1e6, "").shapes[1].width


@pytest.mark.parametrize("value", [-5.0, 0.0, 0.5, 1.0, 7.0])
def test_an_interval_stays_in_its_frame(value: float) -> None:
    """What lies beyond the scale is shown at its edge."""
    chart = charts.interval(value, (value - 1, value + 1), (0.0, 1.0), "", band=(0.4, 0.6))

    assert within(chart)
    assert ["line", "then", "accent-soft", "accent"] == [shape.tone for shape in chart.shapes]


def test_a_scale_of_one_point_is_drawn_in_the_middle() -> None:
    """A range without room divides by nothing."""
    dot = charts.interval(3.0, None, (3.0, 3.0), "").shapes[-1]

    assert charts.RANGE_WIDTH / 2 == dot.x


def test_nights_are_squares_and_their_sum_is_said() -> None:
    """One of each state; drift is a mark on it."""
    states = ["none", "held", "failed", "published", "published"]
    nights = [
        {"as_of": date(2026, 3, at + 1), "state": state, "customers": None, "drift": None}
        for at, state in enumerate(states)
    ]
    nights[4] = {**nights[4], "customers": 1200, "drift": "drifted"}
    chart = charts.strip(nights)

    assert within(chart)
    assert ["track", "bad", "bad", "accent", "accent", "mark"] == [s.tone for s in chart.shapes]
    assert "2026-03-05: published, 1,200 customers, drift: drifted" == chart.shapes[4].hint
    assert "Of the last 5 nights 2 have a list and 2 were held or failed." == chart.says
