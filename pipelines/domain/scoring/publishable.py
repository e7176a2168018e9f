"""Whether a list may be published: what the gates before it said of what it was scored from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipelines.domain.scoring.runs import ScoreRun


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """
    What one of the gates that stand before the scores said of a date at one time.

    Attributes:
        gate: Which gate.
        checked_at: When it looked.
        is_passed: Whether what it looked at was fit to use.
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


def why_unfit(
    run: ScoreRun, built_at: datetime | None, verdicts: Sequence[GateVerdict]
) -> Unfit | None:
    """
    Return why *run* may not be published, or None.

    A gate that never looked refuses nothing, so that old dates can be scored again.

    Args:
        run: The run that waits.
        built_at: When the features of its date were built last; None when they never were.
        verdicts: All that the gates of sources and features said of its date.
    """
    by_time = sorted(verdicts, key=lambda verdict: verdict.checked_at)
    last = {verdict.gate: verdict for verdict in by_time}
    for gate, verdict in last.items():
        if not verdict.is_passed:
            return Unfit(f"the {gate} gate refused {run.population} {run.as_of}", f"gate {gate}")
    if built_at is None:
        return None

    refused = [item for item in by_time if item.gate == "sources" and not item.is_passed]
    if refused and built_at < refused[-1].checked_at:
        return Unfit("the features were built from sources a gate refused", "features")
    if "features" in last and last["features"].checked_at < built_at:
        return Unfit("the features were built again after their gate looked", "gate features")
    if run.created_at < built_at:
        return Unfit("the features were built again after it was scored", "score")

    return None
