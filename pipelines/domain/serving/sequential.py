"""Whether one model is better than another, such that it may be looked at every day."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pipelines.domain.arrays import Flags, Vector

# Bets never risk more than this of what they have; half is what the authors use.
MOST_BET: Final = 0.5


@dataclass(frozen=True, slots=True)
class Always:
    """
    A mean with bounds that hold at every number of rows at once.

    Attributes:
        estimate: The mean of all rows.
        lower: Lower bound; it and the upper one hold after every row at once, with the confidence
            that was asked for.
        upper: Upper bound.
        rows: Of how many.
        is_contradictory: Whether bounds have passed one another, so that some missed the mean: they
            are all there can be from then on.
    """

    estimate: float
    lower: float
    upper: float
    rows: int
    is_contradictory: bool = False


def always(differences: Vector, *, most: float, alpha: float) -> Always:
    """
    Return the mean of *differences*, bounded for whoever looks after every row and stops at will.

    The predictable plug-in empirical-Bernstein confidence sequence of Waudby-Smith and Ramdas,
    "Estimating means of bounded random variables by betting" (JRSS B 86(1), 2024), theorem 2 and
    equations 14 and 15, on rows scaled to 0 … 1; bounds are those of all rows so far, intersected.
    Rows have to be bounded, and have the same mean given those before; nothing else is assumed. Of
    no row the bounds are all there can be.

    Args:
        differences: `(n_rows,)` in the order in which they came to be known. Not modified.
        most: No difference is larger than this, either way.
        alpha: How often the bounds may ever miss the mean.

    Raises:
        ValueError: A difference is larger than *most*, or no number.
    """
    if not len(differences):
        return Always(0.0, -most, most, 0)
    if not bool(np.all(np.abs(differences) <= most * (1 + 1e-12))):
        raise ValueError(f"differences have to lie between {-most:g} and {most:g}")
    scaled = (np.clip(differences / most, -1.0, 1.0) + 1) / 2
    number = np.arange(1, len(scaled) + 1)

    mean = (0.5 + np.cumsum(scaled)) / (number + 1)
    variance = (0.25 + np.cumsum((scaled - mean) ** 2)) / (number + 1)
    # What a bet is made by is known before its row is.
    mean_before = np.concatenate([[0.5], mean[:-1]])
    variance_before = np.concatenate([[0.25], variance[:-1]])
    threshold = np.log(2 / alpha)
    bet = np.minimum(
        np.sqrt(2 * threshold / (variance_before * number * np.log1p(number))), MOST_BET
    )
    paid = 4 * (scaled - mean_before) ** 2 * (-np.log1p(-bet) - bet) / 4

    stake = np.cumsum(bet)
    centre = np.cumsum(bet * scaled) / stake
    margin = (threshold + np.cumsum(paid)) / stake
    lower, upper = float(np.max(centre - margin)), float(np.min(centre + margin))
    is_contradictory = lower > upper
    if is_contradictory:
        lower, upper = 0.0, 1.0

    return Always(
        float(np.mean(differences)),
        max(lower * 2 - 1, -1.0) * most,
        min(upper * 2 - 1, 1.0) * most,
        len(scaled),
        is_contradictory,
    )


def brier_differences(is_churned: Flags, champion: Vector, challenger: Vector) -> Vector:
    """
    Return how much larger the challenger's Brier loss of each customer is; between -1 and 1.

    Args:
        is_churned: `(n_rows,)` what happened.
        champion: `(n_rows,)` probabilities.
        challenger: `(n_rows,)` probabilities, of the same customers.
    """
    happened = is_churned.astype(np.float64)

    return np.asarray((challenger - happened) ** 2 - (champion - happened) ** 2)


def share_differences(losses: Vector, is_challenger: Flags, *, share: float) -> Vector:
    """
    Return rows whose mean is how much larger the loss of the challenger's customers is.

    Each customer has only one model's loss, weighted by how likely they were to have that one
    (Horvitz and Thompson, JASA 47, 1952). The mean loss of those before is taken off first, which
    changes no mean and leaves less noise. Between -1 / s and 1 / s, s being the smaller share.

    Args:
        losses: `(n_rows,)` between 0 and 1, in the order in which they came to be known.
        is_challenger: `(n_rows,)` whether the challenger had the customer.
        share: How likely that was, for everybody.
    """
    number = np.arange(1, len(losses) + 1)
    usual = (0.5 + np.cumsum(losses)) / (number + 1)
    usual_before = np.concatenate([[0.5], usual[:-1]])[: len(losses)]
    weights = np.where(is_challenger, 1 / share, -1 / (1 - share))

    return np.asarray((losses - usual_before) * weights)
