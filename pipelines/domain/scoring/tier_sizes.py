"""Tiers sized to what can be done in a day: who is in them, found in one pass over a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.tier_bounds import (
    NOBODY,
    UNKNOWN,
    Bound,
    Codes,
    TierBounds,
    keys_of,
    log_odds,
)
from pipelines.domain.scoring.tiers import TierPolicy

Places = npt.NDArray[np.intp]


@dataclass(slots=True)
class _Riskiest:
    """The customers who may be in one tier or above, and one more: so many, whatever the list."""

    most: int
    place: int
    rank: Vector = field(default_factory=lambda: np.empty(0))
    probability: Vector = field(default_factory=lambda: np.empty(0))
    key: npt.NDArray[np.bytes_] = field(default_factory=lambda: np.empty(0, dtype="S32"))
    was: Codes = field(default_factory=lambda: np.empty(0, dtype=np.intp))

    @property
    def least(self) -> float:
        """The rank it takes to be among them by now."""
        if not self.most:
            return np.inf

        return float(self.rank[-1]) if len(self.rank) == self.most else -np.inf

    def add(
        self, rank: Vector, probability: Vector, key: npt.NDArray[np.bytes_], was: Codes
    ) -> None:
        """Keep those who are among them."""
        ranks, keys = np.append(self.rank, rank), np.append(self.key, key)
        order = np.lexsort((keys, ranks))[::-1][: self.most]
        self.rank, self.key = ranks[order], keys[order]
        self.probability = np.append(self.probability, probability)[order]
        self.was = np.append(self.was, was)[order]

    def between(self, chosen: Places, others: Places) -> Bound:
        """
        Return the bound that those at *chosen* reach, and none of the *others*, who have less.

        Of a key it has as many digits as it takes: a whole one would name a customer.
        """
        if not len(chosen):
            return NOBODY
        last = chosen[np.lexsort((self.key[chosen], self.probability[chosen]))[0]]
        probability, key = self.probability[last], self.key[last].decode()
        tied = self.key[others[self.probability[others] == probability]].tolist()
        digits = 0
        while tied and key[:digits] <= max(tied).decode():
            digits += 1

        return Bound(float(probability), key[:digits])


class SizedTiers:
    """
    Finds where sized tiers begin, from the probabilities of a list in any number of batches.

    The highest tier takes its size first, the next one its own of the others. Where several have
    exactly the same, `keys_of` decides. Whom the list before had in a tier counts as
    `hold_log_odds` more, and whom it had below as so much less, so that a tier keeps its size.
    Of the list it holds as many customers as the sized tiers do.
    """

    def __init__(self, tiers: TierPolicy, rows: int, before: ScoreRun | None = None) -> None:
        """
        Begin a list.

        Args:
            tiers: Some of which are sized.
            rows: Customers in the list.
            before: Run of the list before; None holds nobody in its tiers.
        """
        self._others = TierBounds.of(tiers, before)
        self._hold = 0.0 if before is None else tiers.hold_log_odds
        self._sizes = {name: tiers.sizes[name].of(rows) for name in reversed([*tiers.sizes])}
        self._kept: dict[str, _Riskiest] = {}
        most = 0
        for name, size in self._sizes.items():
            most += size
            self._kept[name] = _Riskiest(most and most + 1, tiers.names.index(name))

    def may_be_in(self, probabilities: Vector) -> Flags:
        """Tell who would be in a sized tier if nobody else came."""
        least = min(each.least for each in self._kept.values())

        return np.asarray(self._ranked(probabilities) + self._hold >= least)

    def add(self, probabilities: Vector, customer_ids: pa.Array, was: Codes | None = None) -> None:
        """
        Add some of the list; who cannot be in a sized tier by now may be left out.

        Args:
            probabilities: `(n_customers,)`.
            customer_ids: `(n_customers,)`.
            was: `(n_customers,)` positions in the list before, or UNKNOWN; None is all unknown.
        """
        before = np.full(len(probabilities), UNKNOWN, dtype=np.intp) if was is None else was
        keys, ranks = keys_of(customer_ids), self._ranked(probabilities)
        for each in self._kept.values():
            side = np.where(before >= each.place, self._hold, -self._hold)
            own = ranks + np.where(before == UNKNOWN, 0.0, side)
            each.add(own, probabilities, keys, before)

    @property
    def bounds(self) -> TierBounds:
        """Where all tiers begin, once everybody was added."""
        found: dict[str, Sequence[Bound]] = {}
        taken = np.empty(0, dtype="S32")
        for name, kept in self._kept.items():
            free = np.flatnonzero(~np.isin(kept.key, taken))
            chosen, others = np.split(free, [self._sizes[name]])
            taken, was = np.append(taken, kept.key[chosen]), kept.was
            groups = (was == UNKNOWN, (was != UNKNOWN) & (was < kept.place), was >= kept.place)
            if not self._hold:
                groups = (np.full(len(was), True),) * 3
            found[name] = [
                kept.between(chosen[is_in[chosen]], others[is_in[others]]) for is_in in groups
            ]

        return _laid(self._others, found)

    def _ranked(self, probabilities: Vector) -> Vector:
        """Return what customers are ordered by: where nobody is held, that is what they have."""
        return log_odds(probabilities) if self._hold else probabilities


def bounds_of_list(tiers: TierPolicy, probabilities: Vector, lists: int = 1) -> TierBounds:
    """
    Return where tiers begin in rows that are at hand, holding nobody; all who tie are in.

    Args:
        tiers: Sized or not.
        probabilities: `(n_customers,)`, at least one.
        lists: Of how many lists of one size they are; a number of customers is of each.
    """
    falling = np.sort(probabilities)[::-1]
    found: dict[str, Sequence[Bound]] = {}
    most = 0
    for name in reversed([*tiers.sizes]):
        most += tiers.sizes[name].of(len(falling), lists)
        bound = Bound(float(falling[min(most, len(falling)) - 1])) if most else NOBODY
        found[name] = [bound] * 3

    return _laid(TierBounds.of(tiers), found)


def _laid(others: TierBounds, found: Mapping[str, Sequence[Bound]]) -> TierBounds:
    """Return *others* with what was found of some tiers in its place."""
    new, up, stay = (
        tuple(
            found[name][group] if name in found else bound
            for name, bound in zip(others.names[1:], bounds, strict=True)
        )
        for group, bounds in enumerate((others.new, others.up, others.stay))
    )

    return replace(others, new=new, up=up, stay=stay)
