"""What a promotion would change of a list: who is contacted, and in which tier each customer is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.domain.arrays import Vector
from pipelines.domain.scoring.tier_sizes import bounds_of_list
from pipelines.domain.scoring.tiers import TierPolicy


@dataclass(frozen=True, slots=True)
class Preview:
    """
    The same customers scored by two models.

    Attributes:
        customers: How many.
        means: Mean probability by the champion, and by the challenger.
        overlap: Share of the riskiest that both have among them, by the percent of the list.
        tiers: Names of the tiers, lowest first.
        moves: Customers by tier of the champion, then by tier of the challenger, both lowest first.
    """

    customers: int
    means: tuple[float, float]
    overlap: Mapping[float, float]
    tiers: tuple[str, ...]
    moves: tuple[tuple[int, ...], ...]

    @property
    def changed(self) -> int:
        """How many customers change tier."""
        return self.customers - sum(row[tier] for tier, row in enumerate(self.moves))


def compared(
    champion: Vector, challenger: Vector, tiers: TierPolicy, *, riskiest_pct: Sequence[float]
) -> Preview:
    """
    Compare what two models say of the same customers.

    Args:
        champion: `(n_customers,)` probabilities, at least one.
        challenger: `(n_customers,)`, of the same in the same order.
        tiers: Where they begin; of a tier with a size, in either list by itself.
        riskiest_pct: Percents of the list whose customers are compared, at least one of them each.
    """
    before, after = (bounds_of_list(tiers, each).cut(each) for each in (champion, challenger))
    size = len(tiers.names)
    moves = np.bincount(before * size + after, minlength=size * size).reshape(size, size)

    return Preview(
        customers=len(champion),
        means=(float(champion.mean()), float(challenger.mean())),
        overlap={pct: _overlap(champion, challenger, pct) for pct in riskiest_pct},
        tiers=tiers.names,
        moves=tuple(tuple(row) for row in moves.tolist()),
    )


def _overlap(one: Vector, other: Vector, pct: float) -> float:
    """Return the share of the riskiest *pct* by one that are among as many by the other."""
    count = max(1, round(len(one) * pct / 100))
    first, second = (np.argsort(-each, kind="stable")[:count] for each in (one, other))

    return len(np.intersect1d(first, second)) / count
