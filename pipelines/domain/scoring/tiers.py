"""Risk tiers: which customers are at which risk, and what to do about them."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
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
        actions_by_theme: What is recommended instead, by the theme of the first reason and tier.
    """

    thresholds: Mapping[str, float]
    actions: Mapping[str, str]
    actions_by_theme: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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

    @property
    def every_action(self) -> tuple[str, ...]:
        """Whatever may be recommended, each once."""
        others = [action for tiers in self.actions_by_theme.values() for action in tiers.values()]

        return tuple(dict.fromkeys([*self.actions.values(), *others]))

    def recommended(
        self, codes: "npt.NDArray[np.intp]", themes: "npt.NDArray[np.object_] | None" = None
    ) -> "npt.NDArray[np.object_]":
        """
        Return what is recommended to do about each customer.

        Args:
            codes: `(n_customers,)` positions in `names`.
            themes: `(n_customers,)`, of the first reason; None where there is no reason.
        """
        import numpy as np  # noqa: PLC0415  see cut

        found = np.array([*self.actions.values()], dtype=object)[codes]
        if themes is not None:
            for theme, actions in self.actions_by_theme.items():
                for tier, action in actions.items():
                    found[(themes == theme) & (codes == self.names.index(tier))] = action

        return found

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
        faults += [
            f"actions_by_theme.{theme} names {tier}, which is no tier"
            for theme, actions in self.actions_by_theme.items()
            for tier in actions
            if tier not in self.actions
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
