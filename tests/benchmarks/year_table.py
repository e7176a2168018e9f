"""What was found of a year of nights, as a table."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from pipelines.domain.training.measures.shares import wilson
from pipelines.domain.training.tier_promises import promised_range

FIRST, CHAMPION = "the first model, never replaced", "whoever was champion"
# Of a slope; and on how large a share of the nights it has to be kept.
SLOPE, LEAST = (0.9, 1.1), 0.95
MOST_MOVED = 0.01
COUNTS, ENDS = ("customers", "churners"), ("lower", "upper")

Line = dict[str, Any]


def lines(told: Path) -> list[Line]:
    """Return what was found of every night; half a line, of a run that was killed, is none."""
    found = []
    if told.exists():
        for line in told.read_text("utf-8").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))

    return found


def table(found: Sequence[Line]) -> tuple[str, bool]:
    """Return a table in Markdown for each who scored, and whether the champions meet all of it."""
    parts, is_met = [], True
    for who in (FIRST, CHAMPION):
        nights = [line for line in found if line["who"] == who]
        if not nights:
            continue
        rows = [*_rows(nights)]
        customers, churners = (round(median(line[name] for line in nights)) for name in COUNTS)
        parts += [
            f"{who}: {len(nights)} nights, in the middle {customers:,} customers of whom "
            f"{churners:,} left, AUC {fmean(line['auc'] for line in nights):.3f}",
            "",
            "| of the nights | kept | surely not | asked |",
            "|---|---|---|---|",
            *(f"| {' | '.join(row)} |" for row, _ in rows),
            "",
        ]
        if who == CHAMPION:
            is_met = all(is_kept for _, is_kept in rows)

    return "\n".join(parts), is_met


def _rows(nights: Sequence[Line]) -> list[tuple[tuple[str, ...], bool]]:
    """Return each row, and whether it is as asked."""
    slopes = [line["calibration_slope"] for line in nights]
    rows = [
        _row(
            f"slope of calibration within {SLOPE[0]:g} and {SLOPE[1]:g}, "
            f"mean {fmean(slope['value'] for slope in slopes):.3f}",
            [SLOPE[0] <= slope["value"] <= SLOPE[1] for slope in slopes],
            [slope["upper"] < SLOPE[0] or slope["lower"] > SLOPE[1] for slope in slopes],
        )
    ]
    for tier in nights[0]["tiers"]:
        found = [line["tiers"][tier] for line in nights if line["tiers"][tier]["customers"]]
        if not found:
            continue
        left, customers = (sum(each[name] for each in found) for name in ("churners", "customers"))
        expected = sum(each["expected"] for each in found)
        low, high = (100 * median(each["promise"][end] for each in found) for end in ENDS)
        rows.append(
            _row(
                f"{tier}: {low:.1f} to {high:.1f} % promised, {left / customers:.1%} of "
                f"{round(customers / len(found)):,} left, {left / expected:.2f} of each expected",
                [is_inside(each) for each in found],
                [is_surely_outside(each) for each in found],
            )
        )
    every = [[each for each in line["tiers"].values() if each["customers"]] for line in nights]
    rows.append(
        _row(
            "every tier within its range",
            [all(map(is_inside, each)) for each in every],
            [any(map(is_surely_outside, each)) for each in every],
        )
    )
    for how, words in (("loose", "tiers that hold nobody"), ("held", "tiers that hold")):
        moved = [line["moved"][how] for line in nights]
        share = f"{fmean(moved):.2%}, {max(moved):.2%} at most"
        rows.append(
            (
                (f"customers whose tier noise changes, {words}", share, "", "below 1 %"),
                max(moved) < MOST_MOVED,
            )
        )

    return rows


def is_inside(tier: Line) -> bool:
    """Tell whether the share that left is within what was promised."""
    low, high = _range(tier)

    return bool(low <= tier["churners"] / tier["customers"] <= high)


def is_surely_outside(tier: Line) -> bool:
    """Tell whether all of its 95 % interval is not."""
    low, high = wilson(tier["churners"], tier["customers"])
    from_, to = _range(tier)

    return bool(high < from_ or low > to)


def _range(tier: Line) -> tuple[float, float]:
    """Return what was promised of as many customers as the tier has on the night."""
    return promised_range(tier["promise"], tier["customers"], tier["tiers"])


def _row(words: str, kept: Sequence[bool], broken: Sequence[bool]) -> tuple[tuple[str, ...], bool]:
    """Return one row of nights on which something was kept, and was surely not."""
    share = fmean(kept)

    return (
        (words, f"{sum(kept)} of {len(kept)} ({share:.0%})", f"{sum(broken)}", f"{LEAST:.0%}"),
        share >= LEAST,
    )
