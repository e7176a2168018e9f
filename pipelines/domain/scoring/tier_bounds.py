"""Where the tiers of one list begin, and for whom: what cuts it, and what explains it later."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.tiers import TierPolicy

Codes = npt.NDArray[np.intp]

# Of a customer the list before does not have, or has in a tier there is no more.
UNKNOWN = -1


@dataclass(frozen=True, slots=True, order=True)
class Bound:
    """
    The lowest that reaches a tier.

    Attributes:
        probability: Whoever has more reaches it.
        key: Of those with exactly as much, whose `key_of` is at least this.
    """

    probability: float
    key: str = ""

    def reached(self, probabilities: Vector, customer_ids: pa.Array | None) -> Flags:
        """Tell who reaches it; without *customer_ids* everybody with exactly as much does."""
        if not self.key or customer_ids is None:
            return np.asarray(probabilities >= self.probability)
        is_reached = np.asarray(probabilities > self.probability)
        tied = np.flatnonzero(probabilities == self.probability)
        is_reached[tied] = keys_of(customer_ids.take(pa.array(tied))) >= self.key.encode()

        return is_reached


# Above every probability and every key.
NOBODY = Bound(1.0, "~")


@dataclass(frozen=True, slots=True)
class TierBounds:
    """
    Where the tiers of one list begin.

    Attributes:
        names: The tiers, the lowest first; that one has no bound.
        new: Of each other tier, for customers the list before does not have.
        up: The same, for those who were in a lower tier there.
        stay: The same, for those who were in it or in a higher one.
        before_run_id: Run of the list before, if customers are held in its tiers.
        before_date: Its date.
    """

    names: tuple[str, ...]
    new: tuple[Bound, ...]
    up: tuple[Bound, ...]
    stay: tuple[Bound, ...]
    before_run_id: int | None = None
    before_date: date | None = None

    @classmethod
    def of(cls, tiers: TierPolicy, before: ScoreRun | None = None) -> Self:
        """
        Return where the thresholds of *tiers* begin, and who is held on which side of them.

        Args:
            tiers: Of those that are sized nobody is.
            before: Run of the list before; None holds nobody.
        """
        by = 0.0 if before is None else tiers.hold_log_odds
        low = [tiers.thresholds.get(name) for name in tiers.names[1:]]

        def moved(by: float) -> tuple[Bound, ...]:
            return tuple(NOBODY if each is None else Bound(shifted(each, by)) for each in low)

        bounds = cls(tiers.names, moved(0.0), moved(by), moved(-by))
        if before is None or not by:
            return bounds

        return replace(bounds, before_run_id=before.run_id, before_date=before.as_of)

    def threshold(self, tier: str) -> float:
        """Return from which probability on customers of no earlier list are in *tier* or above."""
        return min(each.probability for each in self.new[self.names.index(tier) - 1 :])

    def cut(
        self,
        probabilities: Vector,
        customer_ids: pa.Array | None = None,
        was: Codes | None = None,
    ) -> Codes:
        """
        Return the position in `names` of the highest tier each customer reaches.

        In float64 on purpose: `float32(0.7) >= 0.7` is False.

        Args:
            probabilities: `(n_customers,)`.
            customer_ids: `(n_customers,)`, who decide where many have exactly as much.
            was: `(n_customers,)` positions in the list before, or UNKNOWN; None is all unknown.
        """
        scores = probabilities.astype(np.float64)
        codes = np.zeros(len(scores), dtype=np.intp)
        for place, (new, up, stay) in enumerate(zip(self.new, self.up, self.stay, strict=True), 1):
            is_in = new.reached(scores, customer_ids)
            if was is not None and not new == up == stay:
                known = np.where(
                    was >= place,
                    stay.reached(scores, customer_ids),
                    up.reached(scores, customer_ids),
                )
                is_in = np.where(was == UNKNOWN, is_in, known)
            codes[is_in] = place

        return codes

    def is_undecided(self, probabilities: Vector, customer_ids: pa.Array) -> Flags:
        """Tell of whom it depends on the list before in which tier they are."""
        everywhere = [
            self.cut(probabilities, customer_ids, np.full(len(probabilities), place, dtype=np.intp))
            for place in (UNKNOWN, 0, len(self.names))
        ]

        return np.asarray(np.ptp(everywhere, axis=0) > 0)

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON-compatible values: a probability and a key a bound."""
        return {
            "names": [*self.names],
            **{
                group: [[bound.probability, bound.key] for bound in bounds]
                for group, bounds in (("new", self.new), ("up", self.up), ("stay", self.stay))
            },
            "before_run_id": self.before_run_id,
            "before_date": self.before_date and self.before_date.isoformat(),
        }

    def at(self, was: int) -> tuple[Bound, ...]:
        """Return where each tier but the lowest begins for whom the list before had at *was*."""
        if was == UNKNOWN:
            return self.new
        pairs = zip(self.up, self.stay, strict=True)

        return tuple(stay if was >= place else up for place, (up, stay) in enumerate(pairs, 1))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote."""
        new, up, stay = (
            tuple(Bound(float(probability), key) for probability, key in data[group])
            for group in ("new", "up", "stay")
        )

        day = data["before_date"]

        return cls(
            tuple(data["names"]),
            new,
            up,
            stay,
            data["before_run_id"],
            None if day is None else date.fromisoformat(day),
        )


def shifted(probability: float, by: float) -> float:
    """Return the probability whose log-odds are *by* more; the very same one for 0."""
    if by == 0:
        return probability

    return float(1 / (1 + np.exp(-(log_odds(np.array(probability)) + by))))


def log_odds(probabilities: Vector) -> Vector:
    """Return the log-odds of each of *probabilities*, infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(probabilities) - np.log1p(-probabilities))


def keys_of(customer_ids: Iterable[pa.Scalar]) -> npt.NDArray[np.bytes_]:
    """
    Return `(n_customers,)` keys that order customers by nothing of theirs, every night alike.

    MD5 in hexadecimal digits, which PostgreSQL's md5() gives as well.
    """
    digests = [
        hashlib.md5(str(each).encode(), usedforsecurity=False).hexdigest() for each in customer_ids
    ]

    return np.array(digests, dtype="S32")
