"""Bounds around what is usual, as checks: how far is worth a word, and how far is too far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import median
from typing import Any, Literal

from pipelines.domain.gates.check import Check, CheckSeverity
from pipelines.domain.gates.limits import Points, Ratio

# What a bounded number is: rows of a table, its rows kept since the last night, …
Quantity = Literal[
    "rows", "kept", "week", "day", "missing", "unknown levels", "mean", "share", "overlap"
]

# Where results keep the quantity, beside the arguments of the expectation; old databases have it.
QUANTITY = "measure"

# A count of independent arrivals wobbles by its root. Four of those: 1 honest night in 30,000.
CHANCE = 4.0


@dataclass(frozen=True, slots=True)
class Usual:
    """
    What a number was before.

    Attributes:
        values: One for each of the earlier nights, weeks or days; none means nothing is known.
        of: What they are one of: nights, weeks or days.
        remark: Why being far from them only warns; empty where it may stop the night.
    """

    values: Sequence[float] = ()
    of: str = "nights"
    remark: str = ""

    @property
    def median(self) -> float:
        """The middle of the values, of which there is at least one."""
        return median(self.values)


def within_ratio(
    check: Check, usual: Usual, limit: Ratio, *, quantity: Quantity, is_chance: bool = False
) -> tuple[Check, ...]:
    """
    Return *check* with bounds around what is usual, once for each severity that has any.

    Args:
        check: An expectation that takes `min_value` and `max_value`.
        usual: What the number was before.
        limit: How far from its median is legal.
        quantity: What the number is; kept with the result, so that tomorrow finds it.
        is_chance: Whether the number counts what arrives by chance, so that small ones get room.
    """
    levels: list[tuple[CheckSeverity, dict[str, Any]]] = []
    if usual.values and usual.median > 0:
        room = CHANCE * sqrt(usual.median) if is_chance else 0.0
        sides: tuple[tuple[CheckSeverity, float | None, float | None], ...] = (
            ("fail", limit.fail_below, limit.fail_above),
            ("warn", limit.warn_below, limit.warn_above),
        )
        for severity, lowest, highest in sides:
            bounds = {}
            if lowest is not None:
                bounds["min_value"] = max(lowest * usual.median - room, 0.0)
            if highest is not None:
                bounds["max_value"] = highest * usual.median + room
            levels.append((severity, bounds))

    return _bounded(check, levels, usual, quantity)


def within_points(
    check: Check, usual: Usual, limit: Points, *, quantity: Quantity
) -> tuple[Check, ...]:
    """Return *check*, a mean that is a share, with bounds around what is usual."""
    levels: list[tuple[CheckSeverity, dict[str, Any]]] = []
    if usual.values:
        for severity, far in limit.levels:
            lowest, highest = max(usual.median - far, 0.0), min(usual.median + far, 1.0)
            levels.append((severity, {"min_value": lowest, "max_value": highest}))

    return _bounded(check, levels, usual, quantity)


def at_most_points_more(
    check: Check, usual: Usual, limit: Points, *, quantity: Quantity
) -> tuple[Check, ...]:
    """
    Return *check* with the share of rows that must meet it, once for each severity.

    Args:
        check: An expectation that takes `mostly`.
        usual: Share of rows that did not meet it.
        limit: Percentage points it may be more than their median.
        quantity: What the share is of; kept with the result.
    """
    levels: list[tuple[CheckSeverity, dict[str, Any]]] = []
    if usual.values:
        for severity, far in limit.levels:
            levels.append((severity, {"mostly": max(1 - usual.median - far, 0.0)}))

    return _bounded(check, levels, usual, quantity, unbounded={"mostly": 0.0})


def _bounded(
    check: Check,
    levels: Sequence[tuple[CheckSeverity, Mapping[str, Any]]],
    usual: Usual,
    quantity: Quantity,
    unbounded: Mapping[str, Any] | None = None,
) -> tuple[Check, ...]:
    """Return *check* with the bounds of each level, or once without any: tomorrow needs a past."""
    there = [(severity, bounds) for severity, bounds in levels if bounds]
    if not there:
        kwargs = {**check.kwargs, **(unbounded or {})}
        return (replace(check, kwargs=kwargs, severity="warn", context={QUANTITY: quantity}),)

    context: dict[str, Any] = {
        QUANTITY: quantity,
        "trailing_median": usual.median,
        usual.of: len(usual.values),
    }
    if usual.remark:
        there = [("warn", bounds) for _, bounds in there[-1:]]
        context["remark"] = usual.remark

    return tuple(
        replace(check, kwargs={**check.kwargs, **bounds}, severity=severity, context=context)
        for severity, bounds in there
    )
