"""What the service is made of, handed to each of its parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.api.metrics import Metrics
from pipelines.api.models import ModelsInService
from pipelines.api.scorer import Scorer
from pipelines.api.scoring.published import PublishedCustomers
from pipelines.api.scoring.tiers import ListTiers
from pipelines.api.together import Together
from pipelines.api.trials.answering import Answering
from pipelines.domain.access.keys import Admission, KeyShown
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.sections import Service
from pipelines.wiring.service import Collaborators

ADMITTED_TOGETHER = 500


@dataclass(frozen=True)
class Parts:
    """
    One process of the service.

    Attributes:
        limits: How much at once, and for how long.
        asked: What it asks.
        metrics: What it counts.
        models: The models in service.
        scorer: What scores by them.
        answering: By which of them each row is answered.
        tiers: Where tiers begin.
        published: What nights have published.
        admitted: Says who is let in, those who come at once together.
        tonight: Returns the date of the night that will know what is known now.
    """

    limits: Service
    asked: Collaborators
    metrics: Metrics
    models: ModelsInService
    scorer: Scorer
    answering: Answering
    tiers: ListTiers
    published: PublishedCustomers
    admitted: Together[KeyShown, Admission]
    tonight: Callable[[], date]


def made(
    asked: Collaborators,
    limits: Service,
    populations: Sequence[str],
    tiers: TierPolicy,
    *,
    is_for_everyone: bool,
    tonight: Callable[[], date],
) -> Parts:
    """
    Return the parts of one process; nothing of it runs yet.

    Args:
        asked: What it asks.
        limits: How much at once, and for how long.
        populations: Of churn.toml.
        tiers: Thresholds and actions.
        is_for_everyone: Whether the lowest tier has reasons too.
        tonight: Returns the date of the night that will know what is known now.
    """
    metrics = Metrics()
    if (identity := asked.identity) is not None:
        metrics.watch_identity(lambda: identity.is_usable)

    models = ModelsInService(
        populations, asked.refreshed, limits.model_poll_seconds, metrics, asked.challenger
    )
    scorer = Scorer(tiers, is_for_everyone=is_for_everyone)
    answering = Answering(limits.trials, models.challengers, scorer, asked.predictions, metrics)

    return Parts(
        limits=limits,
        asked=asked,
        metrics=metrics,
        models=models,
        scorer=scorer,
        answering=answering,
        tiers=ListTiers(asked.lists, tiers, limits.model_poll_seconds),
        published=PublishedCustomers(asked.lists),
        admitted=Together(asked.doorkeeper.admit, ADMITTED_TOGETHER),
        tonight=tonight,
    )
