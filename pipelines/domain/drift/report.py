"""What the checks of one night add up to: who is told, and whether a model is trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.drift.check import DriftCheck

NightVerdict = Literal["quiet", "drifted", "unknown"]

NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """
    Tonight against the training reference of the model that scored it.

    Attributes:
        population: Its name in churn.toml.
        as_of: The date of the night.
        model_version: The model that scored it.
        engine: What computed statistics and p-values.
        verdict: quiet, drifted or unknown.
        is_training_requested: Whether a new model should be trained now.
        reason: The verdict in words.
        checks: One per watched feature, one for the scores, one per source column that is missing.
    """

    population: str
    as_of: date
    model_version: int
    engine: str
    verdict: NightVerdict
    is_training_requested: bool
    reason: str
    checks: tuple[DriftCheck, ...]

    @property
    def alert(self) -> Alert | None:
        """What people are told; None on a quiet night."""
        if self.verdict == "quiet":
            return None
        loud = [check for check in self.checks if check.verdict != "quiet"]
        if self.is_training_requested:
            action = "A training was requested; the new model has to beat the champion."
        elif self.verdict == "drifted":
            action = "No training was requested: one was, less than the allowed time ago."
        else:
            action = "No training was requested: a model would learn from data that is not right."
        title = "drift cannot be judged" if self.verdict == "unknown" else "drift"

        return Alert(
            population=self.population,
            as_of=self.as_of,
            kind="drift_unknown" if self.verdict == "unknown" else "drift",
            severity="warning",
            title=f"{self.population} {self.as_of}: {title}: {len(loud)} of {len(self.checks)} "
            "checks",
            body="\n".join(
                [
                    f"{self.reason}.",
                    action,
                    "",
                    *(
                        f"{check.feature}: {check.verdict}: {check.finding} (owner {check.owner})"
                        for check in loud
                    ),
                ]
            ),
            owner=_owners(loud, self.verdict),
        )


def judge_night(checks: Sequence[DriftCheck]) -> tuple[NightVerdict, str]:
    """
    Return the verdict on a night, and the reason.

    A column that is missing, or cannot be judged, makes the night unknown whatever else moved: a
    broken feed moves everything that is derived from it, and no model should learn from it.

    Args:
        checks: At least one.
    """
    found = {
        verdict: [check for check in checks if check.verdict == verdict]
        for verdict in ("missing", "unknown", "drifted")
    }
    parts = []
    if found["missing"]:
        parts.append(f"missing rates changed: {_named(found['missing'])}")
    if found["unknown"]:
        parts.append(f"cannot be judged: {_named(found['unknown'])}")
    if found["drifted"]:
        important = sorted(found["drifted"], key=lambda check: -(check.importance or 1))
        parts.append(f"drifted: {_named(important)}")
    if not parts:
        return "quiet", f"{len(checks)} checks, none differs from the training reference"

    is_unknown = bool(found["missing"] or found["unknown"])

    return "unknown" if is_unknown else "drifted", "; ".join(parts)


def _named(checks: Sequence[DriftCheck]) -> str:
    """Return the first checks by name with what was found, and how many more there are."""
    named = [f"{check.feature} ({check.finding})" for check in checks[:NAMED]]
    if len(checks) > NAMED:
        named.append(f"and {len(checks) - NAMED} more")

    return ", ".join(named)


def _owners(loud: Sequence[DriftCheck], verdict: NightVerdict) -> str:
    """Return who acts: data science on drift, whoever owns the broken columns otherwise."""
    if verdict == "drifted":
        return "science"

    return ", ".join(sorted({check.owner for check in loud if check.verdict != "drifted"}))
