"""What a campaign earns at best, if nobody knows yet how many take its offer."""

import functools

import numpy as np

from pipelines.domain.arrays import Vector
from pipelines.domain.training.measures.cells import Cells
from pipelines.domain.training.measures.costs import Costs

# Steps of the integral over the acceptance.
STEPS = 10_000


def maximum_profit(cells: Cells, costs: Costs) -> dict[str, float]:
    """
    Return expected_maximum_profit, per customer, and profitable_pct, whom to contact for it.

    The EMPC of Verbraken, Verbeke & Baesens 2013 (IEEE TKDE 25(5)). A churner who is contacted
    brings `acceptance · (value - offer) - contact`, one who would have stayed
    `-(offer + contact)`. Of every acceptance the best threshold is taken, which is a corner of
    the convex hull of the ROC curve: a segment of it is contacted from the acceptance on at
    which it brings more than nothing. So the integral is a sum over segments.

    Args:
        cells: Customers counted by score, the riskiest first.
        costs: What contacting them costs and saves.
    """
    churners, stayers = _segments(np.cumsum(cells.churners), np.cumsum(cells.stayers))
    spent = costs.contact_cost * churners + (costs.offer_cost + costs.contact_cost) * stayers
    saved = (costs.customer_lifetime_value - costs.offer_cost) * churners
    needed = np.divide(spent, saved, out=np.ones_like(spent), where=saved > spent)
    likely, mean = _above(costs.acceptance_alpha, costs.acceptance_beta, needed)
    customers = cells.everyone.sum()

    return {
        "expected_maximum_profit": float((saved * mean - spent * likely).sum() / customers),
        "profitable_pct": float(100 * ((churners + stayers) * likely).sum() / customers),
    }


def _segments(found: Vector, wasted: Vector) -> tuple[Vector, Vector]:
    """Return churners and stayers of each segment of the convex hull, the steepest first."""
    hull: list[tuple[float, float]] = [(0.0, 0.0)]
    for x, y in zip(wasted.tolist(), found.tolist(), strict=True):
        while len(hull) > 1:
            (x1, y1), (x2, y2) = hull[-2:]
            if (x2 - x1) * (y - y2) < (y2 - y1) * (x - x2):
                break
            hull.pop()
        if (x, y) != hull[-1]:
            hull.append((x, y))
    corners = np.array(hull)

    return np.diff(corners[:, 1]), np.diff(corners[:, 0])


def _above(alpha: float, beta: float, least: Vector) -> tuple[Vector, Vector]:
    """Return how likely the acceptance is above *least*, and its mean there times that."""
    grid, likely, mean = _tails(alpha, beta)

    return np.interp(least, grid, likely), np.interp(least, grid, mean)


@functools.cache
def _tails(alpha: float, beta: float) -> tuple[Vector, Vector, Vector]:
    """Return a grid over [0, 1], and probability and mean of a Beta variate above each of it."""
    grid = np.linspace(0.0, 1.0, STEPS + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0 · log 0 is 0: at the ends a density of alpha or beta 1 is not 0.
        logs = [(alpha - 1) * np.log(grid), (beta - 1) * np.log(1 - grid)]
    log_density = sum(np.where(np.isnan(each), 0.0, each) for each in logs)
    density = np.exp(log_density - np.max(log_density))
    likely, mean = _tail(density), _tail(density * grid)

    return grid, likely / likely[0], mean / likely[0]


def _tail(values: Vector) -> Vector:
    """Return the integral of *values* from each of the grid to its end, by trapezoids."""
    return np.append(np.cumsum(((values[1:] + values[:-1]) / 2)[::-1])[::-1], 0.0)
