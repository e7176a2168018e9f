"""Risk tiers: which customers are at which risk, and what to do about them."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain.ranges import Range

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

THRESHOLD = Range(above=0, below=1)

# `share_<tier>` is a column of the scores gate, and PostgreSQL cuts a name after 63 characters.
NAME = re.compile(r"[a-z_][a-z0-9_]{0,56}")


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """
    The risk tiers there are: where each begins, and what is done about its customers.

    Attributes:
        thresholds: Lowest churn probability, above 0 and below 1, of each tier but the lowest;
            kept in ascending order, whatever the order they are given in.
        actions: What is recommended, for every tier; kept from the lowest to the highest.
    """

    thresholds: Mapping[str, float]
    actions: Mapping[str, str]

    def __post_init__(self) -> None:
        """
        Put the tiers in order.

        Raises:
            ValueError: Two thresholds are equal, one is not within (0, 1), one has no action, not
                exactly one action has no threshold, or a name is none.
        """
        if faults := self._faults():
            raise ValueError("; ".join(faults))

        ascending = dict(sorted(self.thresholds.items(), key=lambda tier: tier[1]))
        (floor,) = set(self.actions) - set(ascending)
        actions = {name: self.actions[name] for name in (floor, *ascending)}
        object.__setattr__(self, "thresholds", ascending)
        object.__setattr__(self, "actions", actions)

    @property
    def names(self) -> tuple[str, ...]:
        """The tiers, lowest first."""
        return tuple(self.actions)

    @property
    def floor(self) -> str:
        """The lowest tier, of those who reach no threshold."""
        return self.names[0]

    @property
    def top(self) -> tuple[str, ...]:
        """The two highest tiers that have a threshold, or the only one, lowest first."""
        return tuple(self.thresholds)[-2:]

    def cut(self, probabilities: "npt.NDArray[np.float64]") -> "npt.NDArray[np.intp]":
        """
        Return the position in `names` of each of *probabilities*; a threshold belongs to its tier.

        In float64 on purpose: `float32(0.7) >= 0.7` is False.
        """
        # Here, because every command reads tiers and few of them cut: it takes 0.1 to 0.4 s.
        import numpy as np  # noqa: PLC0415

        thresholds = np.array([*self.thresholds.values()], dtype=np.float64)

        return np.searchsorted(thresholds, probabilities.astype(np.float64), side="right")

    def _faults(self) -> list[str]:
        """Return what is wrong with the tiers, in words."""
        faults = [
            f"{name!r} is no name for a tier: lower-case letters, digits and _, 57 at most"
            for name in {**self.thresholds, **self.actions}
            if not NAME.fullmatch(name)
        ]
        faults += [
            f"{name} is {low:g} and has to be {THRESHOLD}"
            for name, low in self.thresholds.items()
            if low not in THRESHOLD
        ]
        faults += [
            f"{name} has a threshold and no action in [tiers.actions]"
            for name in self.thresholds
            if name not in self.actions
        ]
        lowest = [name for name in self.actions if name not in self.thresholds]
        if len(lowest) != 1:
            found = ", ".join(lowest) or "none"
            faults.append(
                f"exactly one tier, the lowest, has an action and no threshold; here: {found}"
            )
        if not self.thresholds:
            faults.append("no tier has a threshold")
        for low, tiers in Counter(self.thresholds.values()).items():
            if tiers > 1:
                same = [name for name, value in self.thresholds.items() if value == low]
                faults.append(f"{' and '.join(same)} begin at the same {low:g}")

        return faults
