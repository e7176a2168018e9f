"""Decide what follows from the evidence of a night: nothing, an alert, a training, a question."""

from datetime import date, timedelta

import structlog

from pipelines.domain.loop.decision import ASKS, MONTH_DAYS, RETRAINS, Decision, Evidence, decide
from pipelines.domain.loop.limits import LoopLimits
from pipelines.domain.ports.alerts import Outbox
from pipelines.domain.ports.loop import LoopStore
from pipelines.domain.ports.models import Promotions
from pipelines.domain.ports.outcomes import Outcomes
from pipelines.domain.training.promotion import Promotion, first_judged, last_promoted

log = structlog.get_logger(__name__)

DRIFT, BROKEN = "drift", "drift_unknown"


def govern(
    *,
    population: str,
    as_of: date,
    settings: LoopLimits,
    cooldown_days: int,
    maximum_days: int,
    store: LoopStore,
    outcomes: Outcomes,
    promotions: Promotions,
    outbox: Outbox,
) -> Decision:
    """
    Decide about the night, write the decision down with its cause, and tell people.

    What was told of drift is over when a night is judged quiet, and of a broken feed when a night
    can be judged.

    Args:
        population: Its name in churn.toml.
        as_of: The night; drift was judged, or could not be.
        settings: How often a training may be asked for.
        cooldown_days: A training is asked for at most once in so many days.
        maximum_days: From which age on a champion is old.
        store: Verdicts and decisions; a re-run replaces the night's.
        outcomes: What matured lists say against their models.
        promotions: The decisions about champions.
        outbox: Where people are told.

    Returns:
        The decision, as it was kept.
    """
    judged = [item for item in promotions.history(population) if item.as_of <= as_of]
    champion = last_promoted(judged)
    version = champion.challenger_version if champion else None
    verdict = store.verdict(population, as_of)
    requested = [
        each.as_of for each in store.decisions(population, as_of) if each.action == "retrain"
    ]
    findings = outcomes.latest_findings(population, version, as_of) if version else []
    decision = decide(
        population,
        as_of,
        version,
        Evidence(
            verdict=verdict,
            findings=[finding.sentence for finding in findings],
            is_old=version is not None
            and (as_of - first_judged(judged, version)).days > maximum_days,
            requested=[night for night in requested if (as_of - night).days < MONTH_DAYS],
            cooldown_days=cooldown_days,
            futile=_futile(requested, judged, champion),
        ),
        settings,
    )
    _end(population, as_of, decision, verdict, outbox)
    store.record(decision)
    log.info(
        "night_governed",
        population=population,
        as_of=str(as_of),
        action=decision.action,
        cause=decision.cause,
        reason=decision.reason,
    )

    return decision


def _futile(requested: list[date], judged: list[Promotion], champion: Promotion | None) -> int:
    """Return how many trainings that were asked for have promoted nobody since the champion was."""
    if champion is None:
        return 0
    refused = {
        item.as_of for item in judged if not item.is_promoted and item.as_of >= champion.as_of
    }

    return sum(night in refused for night in requested)


def _end(
    population: str, as_of: date, decision: Decision, verdict: str | None, outbox: Outbox
) -> None:
    """Resolve what is over by this night."""
    over = [ASKS] if decision.action in ("nothing", "retrain") else []
    if verdict == "quiet":
        over += [DRIFT, BROKEN]
    elif verdict == "drifted":
        over.append(BROKEN)
    outbox.resolve(population, as_of, over)
    # Each training is news of its own.
    outbox.resolve(population, as_of - timedelta(days=1), [RETRAINS])
