"""A share of customers, and between which bounds it may lie."""

import math

NORMAL_95 = 1.96


def wilson(churners: int, customers: int, z: float = NORMAL_95) -> tuple[float, float]:
    """
    Return the interval of a share (Wilson 1927); everything is possible of nobody.

    Args:
        churners: How many left.
        customers: Of how many.
        z: Standard errors of a normal distribution to either side; 95 % where it is left out.
    """
    if not customers:
        return 0.0, 1.0
    share, square = churners / customers, z**2
    centre = (share + square / (2 * customers)) / (1 + square / customers)
    spread = math.sqrt(share * (1 - share) / customers + square / (4 * customers**2))
    half = z / (1 + square / customers) * spread

    return max(0.0, centre - half), min(1.0, centre + half)
