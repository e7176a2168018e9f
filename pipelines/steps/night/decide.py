"""Decide what follows from drift and outcomes: nothing, a training, or a person."""

from datetime import date

import structlog

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.ports.alerts import Outbox
from pipelines.domain.ports.drift import DriftStore
from pipelines.domain.ports.models import Promotions
from pipelines.domain.ports.outcomes import Outcomes
from pipelines.domain.ports.retraining import Retrainings
from pipelines.domain.ports.scores import Scores
from pipelines.domain.retraining import governor
from pipelines.domain.retraining.decision import RetrainingDecision
from pipelines.domain.retraining.governor import Evidence, Patience
from pipelines.errors import NothingStaged

log = structlog.get_logger(__name__)

ASKED = "retraining"


def decide(
    *,
    population: str,
    as_of: date,
    patience: Patience,
    scores: Scores,
    drift: DriftStore,
    outcomes: Outcomes,
    promotions: Promotions,
    retrainings: Retrainings,
    outbox: Outbox,
) -> RetrainingDecision:
    """
    Weigh what the night found against the model that scored it, and keep what follows.

    Args:
        population: Its name in churn.toml.
        as_of: The night; its list is published.
        patience: How often a training may be started.
        scores: The published lists.
        drift: What drift found; a night that was not judged says nothing.
        outcomes: What matured lists say against their models.
        promotions: Decisions about champions.
        retrainings: What was decided on earlier nights; a re-run replaces that of its own.
        outbox: Where a person is asked, for as long as there is something to ask.

    Raises:
        NothingStaged: No list is published for *as_of*.
    """
    run = scores.published(population, as_of)
    if run is None:
        raise NothingStaged(
            f"no list of {population} is published for {as_of}, so there is nothing to decide",
            next_step=f"churn run --population {population} --as-of {as_of}",
        )
    verdict, words = drift.verdict(population, as_of) or (None, "")
    found = outcomes.latest_findings(population, run.model_version, as_of)
    decision = governor.decide(
        population,
        as_of,
        model_version=run.model_version,
        evidence=Evidence(
            drift=verdict,
            drift_reason=words,
            findings=tuple(finding.sentence for finding in found),
        ),
        earlier=retrainings.before(population, as_of),
        promotions=[item for item in promotions.history(population) if item.as_of <= as_of],
        patience=patience,
    )
    retrainings.record(decision)
    if decision.action == "ask":
        outbox.add(_question(decision))
    else:
        outbox.resolve(population, as_of, [ASKED])
    log.info(
        "retraining_decided",
        population=population,
        as_of=str(as_of),
        action=decision.action,
        causes=list(decision.causes),
    )

    return decision


def _question(decision: RetrainingDecision) -> Alert:
    """Return what a person is asked."""
    return Alert(
        population=decision.population,
        as_of=decision.as_of,
        kind=ASKED,
        severity="warning",
        title=f"{decision.population}: {' and '.join(decision.causes)} speak against version "
        f"{decision.model_version}, and a person has to decide",
        body=f"{decision.reason}\nWhat trainings brought: sql/reports/retrainings.sql\n"
        f"Next: churn train --population {decision.population} --as-of {decision.as_of}, then "
        "churn promote",
        owner="science",
    )
