"""A chart of lines as SVG, which asks for no font, script or file outside of it."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 76, 130, 24, 52
INK, MUTED, GRID = "#24292f", "#6e7781", "#d8dee4"
COLOURS = ("#0969da", "#bc4c00", "#8250df", "#1a7f37", "#cf222e")
# Milliseconds that have a line across.
MARKS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000)

FRAME = """\
<!-- {source} -->
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>{title}</title>
<style>
text {{ font: 13px system-ui, "DejaVu Sans", sans-serif; fill: {ink} }}
.axis {{ fill: {muted} }}
.name {{ font-weight: bold }}
</style>
<rect width="{width}" height="{height}" fill="#fff"/>
{parts}
</svg>
"""


class Point(NamedTuple):
    """
    One point of a line.

    Attributes:
        across: Where it is from left to right.
        time_ms: Milliseconds, on a logarithmic scale.
        is_full: Whether its mark is filled.
    """

    across: float
    time_ms: float
    is_full: bool = True


def chart(
    lines: Mapping[str, Sequence[Point]],
    *,
    title: str,
    axis: str,
    ticks: Sequence[float],
    source: str,
    bound_ms: float,
    is_logarithmic: bool = False,
) -> str:
    """
    Return a chart of times.

    Args:
        lines: By name, each with one point at least; at most as many as COLOURS.
        title: For who does not see it.
        axis: What goes from left to right.
        ticks: Where that has a number.
        source: What it is made from.
        bound_ms: A time that has a dashed line.
        is_logarithmic: Whether distances from left to right are ratios.
    """
    points = [each for line in lines.values() for each in line]
    scaled = math.log if is_logarithmic else float
    first, last = (scaled(edge([each.across for each in points])) for edge in (min, max))
    times = [max(each.time_ms, 1.0) for each in points] + [bound_ms]
    bottom, top = math.log(min(times) / 1.3), math.log(max(times) * 1.3)

    def x(across: float) -> float:
        share = (scaled(across) - first) / (last - first or 1.0)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(time_ms: float) -> float:
        share = (math.log(max(time_ms, 1.0)) - bottom) / (top - bottom)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [_across(y(time), f"{time:,} ms") for time in MARKS if bottom <= math.log(time) <= top]
    parts.append(
        f'<path d="M{LEFT} {y(bound_ms):.1f} H{WIDTH - RIGHT}" stroke="{MUTED}" '
        'stroke-dasharray="5 4"/>'
    )
    parts += [_axis(x(tick), HEIGHT - BOTTOM + 20, f"{tick:,g}") for tick in ticks]
    parts.append(_axis((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, axis))
    for colour, (name, line) in zip(COLOURS, lines.items(), strict=False):
        parts.append(_line(name, [(x(p.across), y(p.time_ms), p.is_full) for p in line], colour))

    return FRAME.format(
        source=source,
        width=WIDTH,
        height=HEIGHT,
        ink=INK,
        muted=MUTED,
        title=escape(title),
        parts="\n".join(parts),
    )


def _across(y: float, text: str) -> str:
    """Return a line of the grid with its number."""
    return (
        f'<path d="M{LEFT} {y:.1f} H{WIDTH - RIGHT}" stroke="{GRID}"/>'
        f'<text class="axis" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
    )


def _axis(x: float, y: float, text: str) -> str:
    """Return a word below the chart."""
    return f'<text class="axis" x="{x:.1f}" y="{y}" text-anchor="middle">{escape(text)}</text>'


def _line(name: str, points: Sequence[tuple[float, float, bool]], colour: str) -> str:
    """Return a line, its marks and its name."""
    path = " L".join(f"{x:.1f} {y:.1f}" for x, y, _ in points)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour if is_full else "#fff"}" '
        f'stroke="{colour}" stroke-width="2"/>'
        for x, y, is_full in points
    )
    x, y, _ = points[-1]

    return (
        f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>{marks}'
        f'<text class="name" x="{x + 9:.1f}" y="{y + 4:.1f}" style="fill: {colour}">'
        f"{escape(name)}</text>"
    )
