"""Whether a list may be published: what the gates before it said of what it was scored from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipelines.domain.scoring.runs import ScoreRun


@dataclass(frozen=True, slots=True)
class Look:
    """
    One check of a date by a gate that stands before the scores.

    Attributes:
        gate: Which.
        checked_at: When.
        is_passed: What it said.
    """

    gate: Literal["sources", "features"]
    checked_at: datetime
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Unfit:
    """
    Why a list may not be published.

    Attributes:
        reason: What is wrong with what it was scored from.
        command: What comes next, without its options.
    """

    reason: str
    command: str


def why_unfit(run: ScoreRun, built_at: datetime | None, looks: Sequence[Look]) -> Unfit | None:
    """
    Return why *run* may not be published, or None.

    A gate that never looked refuses nothing, so that old dates can be scored again.

    Args:
        run: The run that waits.
        built_at: When the features of its date were built last; None when they never were.
        looks: Every check of its date by the gates of sources and features.
    """
    by_time = sorted(looks, key=lambda look: look.checked_at)
    last = {look.gate: look for look in by_time}
    for gate, look in last.items():
        if not look.is_passed:
            return Unfit(f"the {gate} gate refused {run.population} {run.as_of}", f"gate {gate}")
    if built_at is None:
        return None

    refused = [look for look in by_time if look.gate == "sources" and not look.is_passed]
    if refused and built_at < refused[-1].checked_at:
        return Unfit("the features were built from sources a gate refused", "features")
    if "features" in last and last["features"].checked_at < built_at:
        return Unfit("the features were built again after their gate looked", "gate features")
    if run.created_at < built_at:
        return Unfit("the features were built again after it was scored", "score")

    return None
