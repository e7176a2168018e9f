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
PERCENT = Range(above=0, at_most=100)
HOLD = Range(at_least=0, at_most=2)

# `share_<tier>` is a column of the scores gate, and PostgreSQL cuts a name after 63 characters.
NAME = re.compile(r"[a-z_][a-z0-9_]{0,56}")


@dataclass(frozen=True, slots=True)
class Size:
    """
    How many customers of a list a tier has: a number, or a share of the list.

    Attributes:
        customers: How many; None where it is a share.
        percent: Of the list, rounded down; None where it is a number.
    """

    customers: int | None = None
    percent: float | None = None

    def of(self, rows: int, lists: int = 1) -> int:
        """Return how many those are of *rows* customers in so many *lists*, and never more."""
        if self.customers is not None:
            return min(rows, self.customers * lists)

        # Rounded first: 29 % of 100 are 28.999999999999996.
        return int(round(rows * (self.percent or 0.0) / 100, 6))

    @property
    def fault(self) -> str | None:
        """What is wrong with it, in words; or None."""
        if (self.customers is None) == (self.percent is None):
            return "has to have either customers or percent"
        if self.customers is not None and self.customers < 1:
            return f"has customers = {self.customers}, and it takes 1 at least"
        if self.percent is not None and self.percent not in PERCENT:
            return f"has percent = {self.percent:g}, and that has to be {PERCENT}"

        return None


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """
    The risk tiers there are: where each begins, and what is done about its customers.

    Attributes:
        thresholds: Lowest churn probability, above 0 and below 1, of each tier that has one;
            kept in ascending order, whatever the order they are given in.
        actions: What is recommended, for every tier; kept from the lowest to the highest.
        actions_by_theme: What is recommended instead, by the theme of the first reason and tier.
        sizes: How many customers each tier has that has no threshold, all of them above those
            that have one, the lowest first.
        hold_log_odds: Whom the list before had on the other side of where a tier begins stays
            there as long as the log-odds are within so much of it; 0 holds nobody.
    """

    thresholds: Mapping[str, float]
    actions: Mapping[str, str]
    actions_by_theme: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sizes: Mapping[str, Size] = field(default_factory=dict)
    hold_log_odds: float = 0.0

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
        (floor,) = set(self.actions) - {*ascending, *self.sizes}
        actions = {name: self.actions[name] for name in (floor, *ascending, *self.sizes)}
        object.__setattr__(self, "thresholds", ascending)
        object.__setattr__(self, "actions", actions)

    @property
    def names(self) -> tuple[str, ...]:
        """The tiers, lowest first."""
        return tuple(self.actions)

    @property
    def floor(self) -> str:
        """The lowest tier, of those who reach no other."""
        return self.names[0]

    @property
    def top(self) -> tuple[str, ...]:
        """The two highest tiers above the lowest, or the only one, lowest first."""
        return self.names[1:][-2:]

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
        # Here, because every command reads tiers and few recommend: it takes 0.1 to 0.4 s.
        import numpy as np  # noqa: PLC0415

        found = np.array([*self.actions.values()], dtype=object)[codes]
        if themes is not None:
            for theme, actions in self.actions_by_theme.items():
                for tier, action in actions.items():
                    found[(themes == theme) & (codes == self.names.index(tier))] = action

        return found

    def _faults(self) -> list[str]:
        """Return what is wrong with the tiers, in words."""
        faults = [
            f"{name!r} is no name for a tier: lower-case letters, digits and _, 57 at most"
            for name in {**self.thresholds, **self.sizes, **self.actions}
            if not NAME.fullmatch(name)
        ]
        faults += [
            f"{name} is {low:g} and has to be {THRESHOLD}"
            for name, low in self.thresholds.items()
            if low not in THRESHOLD
        ]
        faults += [f"{name} {size.fault}" for name, size in self.sizes.items() if size.fault]
        if self.hold_log_odds not in HOLD:
            faults.append(f"hold_log_odds is {self.hold_log_odds:g} and has to be {HOLD}")
        begun = {
            **dict.fromkeys(self.thresholds, "threshold"),
            **dict.fromkeys(self.sizes, "size"),
        }
        faults += [
            f"{name} has a {what} and no action in [tiers.actions]"
            for name, what in begun.items()
            if name not in self.actions
        ]
        faults += [
            f"actions_by_theme.{theme} names {tier}, which is no tier"
            for theme, actions in self.actions_by_theme.items()
            for tier in actions
            if tier not in self.actions
        ]
        lowest = [name for name in self.actions if name not in begun]
        if len(lowest) != 1:
            found = ", ".join(lowest) or "none"
            faults.append(
                f"exactly one tier, the lowest, has an action and no threshold; here: {found}"
            )
        if not begun:
            faults.append("no tier has a threshold")
        for low, tiers in Counter(self.thresholds.values()).items():
            if tiers > 1:
                same = [name for name, value in self.thresholds.items() if value == low]
                faults.append(f"{' and '.join(same)} begin at the same {low:g}")

        return faults
