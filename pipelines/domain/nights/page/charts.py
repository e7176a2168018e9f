"""Small charts, as shapes: whatever draws them needs no arithmetic."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.domain.nights.page.figures import plural, share
from pipelines.domain.nights.page.view import Chart, Shape

BAR_WIDTH, BAR_HEIGHT = 120.0, 8.0
SPREAD_WIDTH, SPREAD_HEIGHT = 180.0, 40.0
RANGE_WIDTH, RANGE_HEIGHT = 180.0, 16.0
DAY, DAY_GAP, STRIP_HEIGHT = 18.0, 4.0, 22.0
# More bars than that are too thin to be told apart.
MOST_BARS = 24
LEAST_VISIBLE = 1.0


def bar(part: float, whole: float, says: str, tone: str = "accent") -> Chart:
    """
    Return a horizontal bar on a track.

    Args:
        part: How much of *whole* it shows, neither below 0.
        whole: What would fill it; of 0 nothing is filled.
        says: The same in words.
        tone: Name of its colour.
    """
    filled = BAR_WIDTH * min(1.0, part / whole) if whole > 0 else 0.0
    if part > 0:
        filled = max(filled, 2.0)
    shapes = [Shape(0, 0, BAR_WIDTH, BAR_HEIGHT, "track")]
    if filled:
        shapes.append(Shape(0, 0, filled, BAR_HEIGHT, tone))

    return Chart(says, BAR_WIDTH, BAR_HEIGHT, shapes, "bar")


def distribution(found: Any) -> Chart | None:  # noqa: ANN401  JSON, of a table others write
    """
    Return how a feature was spread then and is now: wide pale bars, and narrow strong ones before.

    Args:
        found: `{"kind": "numeric", "edges": […], "reference": […], "current": […]}`, or `levels`
            instead of edges; shares of 1 on both sides, as many of each.

    Returns:
        The chart, or None where *found* is not of that form.
    """
    then, now, names = _sides(found)
    if not then:
        return None
    top = max(*then, *now) or 1.0
    slot = SPREAD_WIDTH / len(then)
    shapes = []
    for tone, values, inset in (("then", then, 0.08), ("now", now, 0.3)):
        for position, value in enumerate(values):
            height = SPREAD_HEIGHT * value / top
            if value > 0:
                height = max(height, LEAST_VISIBLE)
            hint = f"{names[position]}: {share(then[position])} then, {share(now[position])} now"
            left, width = slot * (position + inset), slot * (1 - 2 * inset)
            shapes.append(Shape(left, SPREAD_HEIGHT - height, width, height, tone, hint=hint))
    shapes.append(Shape(0, SPREAD_HEIGHT, SPREAD_WIDTH, 1, "line"))
    moved = max(range(len(then)), key=lambda position: abs(now[position] - then[position]))
    says = (
        f"Largest difference at {names[moved]}: {share(then[moved])} then, {share(now[moved])} now"
    )

    return Chart(says, SPREAD_WIDTH, SPREAD_HEIGHT + 1, shapes, "spread")


def interval(
    value: float,
    ends: tuple[float, float] | None,
    scale: tuple[float, float],
    says: str,
    *,
    band: tuple[float, float] | None = None,
    tone: str = "accent",
) -> Chart:
    """
    Return a dot with its interval, before the range it was promised to be in.

    Args:
        value: Where the dot is.
        ends: Of its interval; None is a dot alone.
        scale: What is at the left and the right edge; what lies beyond is shown at the edge.
        says: The same in words.
        band: The range that was promised.
        tone: Name of the dot's colour.
    """

    def at(number: float) -> float:
        low, high = scale
        inner = RANGE_WIDTH - 8
        part = (number - low) / (high - low) if high > low else 0.5

        return 4 + inner * min(1.0, max(0.0, part))

    middle = RANGE_HEIGHT / 2
    shapes = [Shape(0, middle - 0.5, RANGE_WIDTH, 1, "line")]
    if band is not None:
        left, right = at(band[0]), at(band[1])
        shapes.append(Shape(left, 2, max(right - left, 2), RANGE_HEIGHT - 4, "then"))
    if ends is not None:
        left, right = at(ends[0]), at(ends[1])
        shapes.append(Shape(left, middle - 1.5, max(right - left, 1), 3, f"{tone}-soft"))
    shapes.append(Shape(at(value), middle, 7, 7, tone, is_dot=True))

    return Chart(says, RANGE_WIDTH, RANGE_HEIGHT, shapes, "range")


def strip(nights: Sequence[Mapping[str, Any]]) -> Chart:
    """
    Return a square a night, the latest at the right.

    Args:
        nights: With as_of, state (published, held, failed or none), customers and drift.
    """
    shapes = []
    tones = {"published": "accent", "held": "bad", "failed": "bad", "none": "track"}
    for position, night in enumerate(nights):
        customers = night["customers"]
        told = f", {customers:,} customers" if customers is not None else ""
        state = "no list" if night["state"] == "none" else night["state"]
        drift = f", drift: {night['drift']}" if night["drift"] else ""
        left = position * (DAY + DAY_GAP)
        hint = f"{night['as_of']}: {state}{told}{drift}"
        shapes.append(Shape(left, 0, DAY, DAY, tones[night["state"]], hint=hint))
        if night["drift"] not in {None, "quiet"}:
            shapes.append(Shape(left + DAY / 2, DAY / 2, 6, 6, "mark", is_dot=True, hint=hint))
    published = sum(night["state"] == "published" for night in nights)
    ended = sum(night["state"] in {"held", "failed"} for night in nights)
    says = (
        f"Of the last {len(nights)} nights {published} {plural(published, 'has', 'have')} a list "
        f"and {ended} {plural(ended, 'was', 'were')} held or failed."
    )

    return Chart(says, len(nights) * (DAY + DAY_GAP) - DAY_GAP, STRIP_HEIGHT, shapes, "strip")


def _sides(found: Any) -> tuple[list[float], list[float], list[str]]:  # noqa: ANN401
    """Return both sides as shares and what each bar is called; nothing where it cannot be read."""
    if not isinstance(found, Mapping):
        return [], [], []
    then, now = found.get("reference"), found.get("current")
    if not isinstance(then, list) or not isinstance(now, list) or len(then) != len(now):
        return [], [], []
    if not 1 < len(then) <= MOST_BARS or not all(
        isinstance(value, int | float) and 0 <= value <= 1 for value in (*then, *now)
    ):
        return [], [], []

    return [*map(float, then)], [*map(float, now)], _bar_names(found, len(then))


def _bar_names(found: Mapping[str, Any], bars: int) -> list[str]:
    """Return what each bar is of: a level, or from where to where."""
    levels, edges = found.get("levels"), found.get("edges")
    if isinstance(levels, list) and len(levels) == bars:
        return [str(level) for level in levels]
    if isinstance(edges, list) and len(edges) == bars + 1:
        ends = [f"{edge:,.4g}" if isinstance(edge, int | float) else str(edge) for edge in edges]
        return [f"{low} to {high}" for low, high in itertools.pairwise(ends)]

    return [f"part {position + 1}" for position in range(bars)]
