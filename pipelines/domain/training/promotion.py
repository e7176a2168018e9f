"""Promotion: the decision which version is champion, and the evidence for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """
    A row of churn.model_promotions.

    Attributes:
        population: Its name in churn.toml.
        as_of: The date it was decided at.
        champion_version: Champion until then; None where there was none.
        challenger_version: The version that was judged.
        is_promoted: Whether it is champion now.
        manifest_sha256: Of the judged version's manifest; None where it was not recorded yet.
        reason: Why, in a sentence for people.
        evidence: The measurements behind the decision.
        decided_by: Who was logged in; what is being recorded does not say it yet.
        is_waiting: Whether it is better, and a person has yet to approve.
    """

    population: str
    as_of: date
    champion_version: int | None
    challenger_version: int
    is_promoted: bool
    reason: str
    manifest_sha256: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    decided_by: str | None = field(default=None, compare=False)
    is_waiting: bool = False

    def __str__(self) -> str:
        """Return the decision in one line, for people."""
        return f"{self.population}: version {self.challenger_version} {self.verdict}: {self.reason}"

    @property
    def verdict(self) -> str:
        """What was decided, for people."""
        if self.is_waiting:
            return "waits for a person"
        if self.rejected_by is not None:
            return "was rejected"

        return "is now champion" if self.is_promoted else "was not promoted"

    @property
    def rejected_by(self) -> str | None:
        """Who did not want it; None where nobody rejected it."""
        return self.evidence.get("rejected_by")


def missed(auc: float, floors: Mapping[str, float | None]) -> str | None:
    """
    Return the first floor that a model does not reach, in a sentence for people; or None.

    Args:
        auc: On its test.
        floors: What it has to reach, by name, the lowest first; None is none.
    """
    for name, floor in floors.items():
        if floor is not None and auc < floor:
            return f"its AUC on the test is {auc:.3f}, below the {name} floor of {floor:g}"

    return None


def last_promoted(decisions: Sequence[Promotion]) -> Promotion | None:
    """Return the decision that made the champion of now, of *decisions* oldest first; or None."""
    return next((item for item in reversed(decisions) if item.is_promoted), None)


def last_rejected(decisions: Sequence[Promotion], version: int) -> Promotion | None:
    """Return the decision with which a person rejected *version*, if no later one is about it."""
    about = [item for item in decisions if item.challenger_version == version]

    return about[-1] if about and about[-1].rejected_by is not None else None


def promoted_before(decisions: Sequence[Promotion]) -> Promotion | None:
    """Return the decision that last made another version champion than that of now; or None."""
    current = last_promoted(decisions)

    return last_promoted(
        [
            item
            for item in decisions
            if current and item.challenger_version != current.challenger_version
        ]
    )


def first_judged(decisions: Sequence[Promotion], version: int) -> date:
    """
    Return the date at which *version* was first decided about: a champion of before stays old.

    Args:
        decisions: One of them at least is about it.
        version: Its number.
    """
    return min(item.as_of for item in decisions if item.challenger_version == version)
