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
        reason: The verdict in words.
        checks: One per feature; one for the scores, for their order, for what the model says again
            and for all features together; one per source column that is missing.
    """

    population: str
    as_of: date
    model_version: int
    engine: str
    verdict: NightVerdict
    reason: str
    checks: tuple[DriftCheck, ...]

    @property
    def is_training_requested(self) -> bool:
        """Whether drift asks for another model; `[loop]` of churn.toml says what follows."""
        return self.verdict == "drifted"

    @property
    def alert(self) -> Alert | None:
        """What people are told; None on a quiet night."""
        if self.verdict == "quiet":
            return None
        loud = [check for check in self.checks if check.verdict != "quiet"]
        action = (
            "Drift asks for a training; the last line of `churn drift` says whether one follows."
            if self.is_training_requested
            else "Drift asks for no training: a model would learn from data that is not right."
        )
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
                        f"{check.feature}: {_told(check)}: {check.finding} (owner {check.owner})"
                        for check in loud
                    ),
                ]
            ),
            owner=_owners(loud, self.verdict),
        )


def judge_night(
    checks: Sequence[DriftCheck], *, nights: int = 1, is_source_counted: bool = False
) -> tuple[NightVerdict, str]:
    """
    Return the verdict on a night, and the reason.

    A source that is not filled, or a column that cannot be judged, makes the night unknown whatever
    else moved, at once: a broken feed moves everything that is derived from it, and no model should
    learn from it. So does a feature that misses values, unless the sources are filled and more
    features drifted than miss any: then the customers changed, and what they miss with it. Drift
    counts once it was seen on enough nights.

    Args:
        checks: At least one.
        nights: On how many of the last three nights a column has to have drifted.
        is_source_counted: Whether the gate counted the sources of the night.
    """
    missing = [check for check in checks if check.verdict == "missing"]
    unknown = [check for check in checks if check.verdict == "unknown"]
    drifted = [check for check in checks if check.verdict == "drifted"]
    lasting = [check for check in drifted if check.nights >= nights]
    parts = [
        f"{words}: {_named(found)}"
        for words, found in (
            ("missing rates changed", missing),
            ("cannot be judged", unknown),
            ("drifted", sorted(lasting, key=lambda check: -(check.importance or 1))),
        )
        if found
    ]
    fresh = len(drifted) - len(lasting)
    if not parts:
        if fresh:
            return "quiet", (
                f"{len(checks)} checks, {fresh} of them drifted and not on {nights} of three "
                f"nights: {_named(drifted)}"
            )
        return "quiet", f"{len(checks)} checks, none differs from the training reference"
    if not (missing or unknown):
        return "drifted", "; ".join(parts)

    # A source and the scores have no importance.
    is_source_missing = any(check.importance is None for check in missing)
    changed = sum(check.importance is not None for check in lasting)
    is_of_customers = (
        is_source_counted and not unknown and not is_source_missing and changed > len(missing)
    )

    return "drifted" if is_of_customers else "unknown", "; ".join(
        reversed(parts) if is_of_customers else parts
    )


def _told(check: DriftCheck) -> str:
    """Return the verdict on a column, and on how many nights it drifted."""
    if check.verdict != "drifted":
        return check.verdict

    return f"drifted on {check.nights} of three nights"


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
