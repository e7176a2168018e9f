"""How surely nearly everybody who shares something left, or stayed."""

from dataclasses import dataclass

import numpy as np

# One-sided 99 % of a normal distribution.
SURELY = 2.326
# A share of so many times the others' is beyond what risk factors known beforehand reach: of a
# dozen public tables the largest that a condition with many rows had was 19.
LIKELIHOOD_RATIO = 20.0
# To stay is the rule, and there are conditions, such as a contract that binds, under which hardly
# anybody can leave: 0.5 % of those with one, where a quarter of all did.
LIKELIHOOD_RATIO_OF_STAYING = 50.0
LEAST_SHARE = 0.8
# Of what is called after an ending, such as a reason, a refund or a day of closing.
LIKELIHOOD_RATIO_OF_ENDINGS = 5.0
LEAST_SHARE_OF_ENDINGS = 0.5


@dataclass(frozen=True, slots=True)
class Condition:
    """
    Rows that share something.

    Attributes:
        of_kind: How many of them left; or stayed, where that is asked.
        rows: How many there are.
        base: Share of that kind among all rows.
        independent: Share of the rows that say something of their own; 1 where each is of another
            customer.
    """

    of_kind: int
    rows: int
    base: float
    independent: float = 1.0


def is_only_of(condition: Condition, ratio: float, least: float = LEAST_SHARE) -> bool:
    """
    Tell whether a condition is nearly only met by one kind of customers, and not by chance.

    The lower bound of their share among its rows (Wilson 1927) is at least *least*, and at least
    what it is when the condition is *ratio* times as common among them as among the others.

    Args:
        condition: The rows that meet it.
        ratio: Likelihood ratio of the condition.
        least: Smallest share.
    """
    if condition.rows == 0:
        return False
    odds = ratio * condition.base / (1 - condition.base)
    of_kind, rows = (each * condition.independent for each in (condition.of_kind, condition.rows))

    return lower(of_kind, rows) >= max(least, odds / (1 + odds))


def lower(of_kind: float, rows: float) -> float:
    """Return the lower bound of a share (Wilson 1927), one-sided 99 %."""
    share, square = of_kind / rows, SURELY**2
    half = SURELY * np.sqrt(share * (1 - share) / rows + square / (4 * rows**2))

    return float((share + square / (2 * rows) - half) / (1 + square / rows))


def percent(share: float) -> str:
    """Return a share as a person reads it; neither none nor all unless it is."""
    if 0 < share < 0.01 or 0.99 < share < 1:
        return f"{100 * share:.1f} %"

    return f"{100 * share:.0f} %"
