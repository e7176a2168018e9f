"""What is done about a night's evidence, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.loop.limits import LoopLimits

Action = Literal["nothing", "alert", "retrain", "ask"]

# What a person is asked, and what is told of a training that begins.
ASKS, RETRAINS = "loop_asks", "retraining"
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    What is known on a night against the champion.

    Attributes:
        verdict: What drift found; None where the night was not judged.
        findings: What the list that matured last says against the champion, in sentences.
        is_old: Whether the champion is older than churn.toml allows.
        requested: Nights on which a training was asked for, in the last month.
        cooldown_days: A training is asked for at most once in so many days.
        futile: Trainings asked for since the champion was promoted that promoted nobody.
    """

    verdict: str | None
    findings: Sequence[str]
    is_old: bool
    requested: Sequence[date]
    cooldown_days: int
    futile: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What is done about a night's evidence.

    Attributes:
        population: Its name in churn.toml.
        as_of: The night.
        champion_version: Whom the evidence is against; None where there is no champion.
        action: What is done.
        cause: The kinds of evidence, such as `drift and outcomes`; empty without any.
        reason: Why just that is done, in a sentence.
        evidence: The sentences behind it.
    """

    population: str
    as_of: date
    champion_version: int | None
    action: Action
    cause: str
    reason: str
    evidence: tuple[str, ...] = ()

    @property
    def alert(self) -> Alert | None:
        """What people are told: that they are asked, or that a training begins and why."""
        if self.action not in ("ask", "retrain"):
            return None
        is_question = self.action == "ask"
        title = "a person has to decide about" if is_question else "a training begins for"
        command = f"churn train --population {self.population} --as-of {self.as_of}"
        closing = f"Next: {command}" if is_question else "It has to beat the champion."

        return Alert(
            population=self.population,
            as_of=self.as_of,
            kind=ASKS if is_question else RETRAINS,
            severity="warning" if is_question else "info",
            title=f"{title} {self.population}: {self.cause}",
            body="\n".join([self.reason, *self.evidence, closing]),
            owner="science",
        )


def decide(
    population: str,
    as_of: date,
    champion_version: int | None,
    evidence: Evidence,
    limits: LoopLimits,
) -> Decision:
    """
    Return what is done about the evidence of a night.

    A broken feed never starts a training: a model would learn from it. With outcomes against the
    champion beside it a person is asked, for what came true may be what broke. Age alone starts
    none: the weekly training has tried, and found nobody better.

    Args:
        population: Its name in churn.toml.
        as_of: The night.
        champion_version: Whom the evidence is against.
        evidence: What is known.
        limits: How often a training may be asked for.
    """
    tonight = evidence.verdict
    causes = {
        "drift": tonight == "drifted",
        "outcomes": bool(evidence.findings),
        "age": evidence.is_old,
    }
    cause = " and ".join(name for name, holds in causes.items() if holds)
    action, reason = _action(as_of, cause, evidence, limits)
    if not cause and tonight == "unknown":
        cause = "broken feed"

    return Decision(
        population=population,
        as_of=as_of,
        champion_version=champion_version,
        action=action,
        cause=cause,
        reason=reason,
        evidence=tuple(evidence.findings),
    )


def _action(as_of: date, cause: str, evidence: Evidence, limits: LoopLimits) -> tuple[Action, str]:
    """Return what is done, and why."""
    tonight = evidence.verdict
    if not cause or cause == "age":
        return _without_training(tonight, cause)
    requested = {night: (as_of - night).days for night in evidence.requested}
    recent = [night for night, days in requested.items() if days < evidence.cooldown_days]
    month = sum(days < MONTH_DAYS for days in requested.values())
    if recent and tonight != "unknown":
        return "alert", f"A training was asked for on {max(recent)}, less than the cool-down ago."
    doubts = {
        "Promises do not come true, and a feed is broken: which of the two is it?": (
            tonight == "unknown"
        ),
        f"{evidence.futile} trainings for it have found nobody better.": (
            evidence.futile >= limits.futile_trainings
        ),
        f"{month} trainings were asked for in {MONTH_DAYS} days, the most.": (
            month >= limits.monthly_cap
        ),
    }
    doubt = next((sentence for sentence, holds in doubts.items() if holds), None)

    return ("ask", doubt) if doubt else ("retrain", f"There is {cause} against the champion.")


def _without_training(tonight: str | None, cause: str) -> tuple[Action, str]:
    """Return what is done where nothing asks for a training, and why."""
    if cause:
        return "alert", "The champion is old, and the weekly trainings found nobody better."
    if tonight == "unknown":
        return "alert", "A feed is broken or cannot be judged, and no model learns from that."

    return "nothing", "Nothing is known against the champion."
