"""From evidence to one of nothing, telling people, waiting, a training, or asking a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.domain.drift.report import NightVerdict
from pipelines.domain.retraining.decision import Action, Cause, RetrainingDecision
from pipelines.domain.training.promotion import Promotion, last_promoted

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    What a night says of the model that scored it.

    Attributes:
        drift: The verdict on its customers; None where drift was not judged.
        drift_reason: That verdict in words.
        findings: What the list measured last says against the model, a sentence each.
    """

    drift: NightVerdict | None = None
    drift_reason: str = ""
    findings: tuple[str, ...] = ()

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What speaks for another model; a feed that broke does not."""
        found: list[Cause] = ["drift"] if self.drift == "drifted" else []

        return (*found, "outcomes") if self.findings else tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """
    How often a training may be started.

    Attributes:
        cooldown_days: After a night that started one, so many days start no other.
        most_a_month: With so many in 30 days a person is asked instead.
        tries: With so many in a row that promoted nobody, a person is asked instead.
    """

    cooldown_days: int
    most_a_month: int
    tries: int


def decide(
    population: str,
    as_of: date,
    *,
    model_version: int,
    evidence: Evidence,
    earlier: Sequence[RetrainingDecision],
    promotions: Sequence[Promotion],
    patience: Patience,
) -> RetrainingDecision:
    """
    Return what follows from the evidence of one night.

    Evidence that lasts starts a training after every cool-down, until so many in a row promoted
    nobody, or the month has had enough of them. Only earlier nights count, so that a night that is
    run again decides the same.

    Args:
        population: Its name in churn.toml.
        as_of: The night.
        model_version: The version that scored it.
        evidence: What the night says of that version.
        earlier: Decisions of *population*; those of *as_of* and later are not looked at.
        promotions: Decisions about its champions, oldest first.
        patience: How often a training may be started.
    """
    started = [item.as_of for item in earlier if item.is_training_requested and item.as_of < as_of]
    action, why = _follows(as_of, evidence, started, promotions, patience)
    said = [evidence.drift_reason] if evidence.drift not in (None, "quiet") else []

    return RetrainingDecision(
        population=population,
        as_of=as_of,
        model_version=model_version,
        action=action,
        causes=evidence.causes,
        reason=" ".join([why, *(_sentence(part) for part in (*said, *evidence.findings))]),
    )


def _follows(
    as_of: date,
    evidence: Evidence,
    started: Sequence[date],
    promotions: Sequence[Promotion],
    patience: Patience,
) -> tuple[Action, str]:
    """Return what follows, and why, but for the evidence itself."""
    if not evidence.causes:
        if evidence.drift == "unknown":
            return "alert", "A model would learn from data that is not right; mend the feed first."
        return "nothing", "Nothing speaks for another model."

    lately = [day for day in started if day > as_of - timedelta(days=patience.cooldown_days)]
    if lately:
        return "wait", (
            f"A training was started on {max(lately)}, and within {patience.cooldown_days} days "
            "no other is."
        )
    in_vain = _in_vain(started, promotions)
    if in_vain >= patience.tries:
        return "ask", (
            f"The last {in_vain} trainings promoted nobody: a person has to look at what changed."
        )
    of_month = [day for day in started if day > as_of - MONTH]
    if len(of_month) >= patience.most_a_month:
        return "ask", (
            f"{len(of_month)} trainings were started in 30 days, and more are for a person to ask "
            "for."
        )

    return "retrain", "A training is started; the new model has to beat the champion."


def _in_vain(started: Sequence[date], promotions: Sequence[Promotion]) -> int:
    """Return how many trainings were started since the last that made another version champion."""
    changes = [
        item for item in promotions if item.challenger_version != item.champion_version
    ]  # a checksum that was recorded later made nobody champion
    champion = last_promoted(changes)

    return sum(champion is None or day > champion.as_of for day in started)


def _sentence(words: str) -> str:
    """Return *words* with a full stop."""
    return words if words.endswith(".") else f"{words}."
