"""Where a number of a setting may lie, and the refusal of one that lies elsewhere."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """
    The numbers between two ends, each of them included, excluded or open.

    Attributes:
        above: Lower end, excluded.
        at_least: Lower end, included.
        below: Upper end, excluded.
        at_most: Upper end, included.
    """

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    def __contains__(self, number: float) -> bool:
        """Tell whether *number* lies in the range; NaN lies in none."""
        return (
            not math.isnan(number)
            and (self.above is None or number > self.above)
            and (self.at_least is None or number >= self.at_least)
            and (self.below is None or number < self.below)
            and (self.at_most is None or number <= self.at_most)
        )

    def __str__(self) -> str:
        """Return the range in words: `above 0 and below 1`."""
        ends = {
            "above": self.above,
            "at least": self.at_least,
            "below": self.below,
            "at most": self.at_most,
        }

        return " and ".join(f"{word} {end:g}" for word, end in ends.items() if end is not None)


def require(settings: object, ranges: Mapping[str, Range]) -> None:
    """
    Refuse *settings* whose numbers lie outside of their ranges; None lies in any.

    Args:
        settings: An object with one attribute for each range.
        ranges: Where each attribute may lie.

    Raises:
        ValueError: Some do not, each named with its value and its range.
    """
    found = {name: getattr(settings, name) for name in ranges}
    faults = [
        f"{name} is {value:g} and has to be {ranges[name]}"
        for name, value in found.items()
        if value is not None and value not in ranges[name]
    ]
    if faults:
        raise ValueError("; ".join(faults))
