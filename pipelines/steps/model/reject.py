"""Set a challenger aside in the name of who rejects it."""

from datetime import date

import structlog

from pipelines.domain.ports.models import Promotions, Registry
from pipelines.domain.training.promotion import Promotion, last_rejected
from pipelines.steps.model.promote import PromotionReport

log = structlog.get_logger(__name__)


def reject(
    *,
    population: str,
    as_of: date,
    rejected_by: str,
    registry: Registry,
    promotions: Promotions,
) -> PromotionReport:
    """
    Record that a person does not want the challenger, and end its challenge.

    The champion stays. The version is kept, and `churn promote` never judges it again by itself.

    Args:
        population: Its name in churn.toml.
        as_of: The date it is decided at.
        rejected_by: Who rejects it.
        registry: Where versions are kept.
        promotions: Where the decision is recorded.

    Returns:
        The decision; without one where there is no challenger, or it is champion already.
    """
    challenger, champion = registry.version(population, "challenger"), registry.champion(population)
    if challenger is None or (champion is not None and champion.version == challenger.version):
        log.info("no_challenger", population=population)
        return PromotionReport(population, None)

    promotion = last_rejected(promotions.history(population), challenger.version)
    if promotion is None:
        promotion = Promotion(
            population=population,
            as_of=as_of,
            champion_version=champion.version if champion else None,
            challenger_version=challenger.version,
            is_promoted=False,
            reason=f"rejected by {rejected_by}",
            manifest_sha256=challenger.manifest_sha256,
            evidence={"rejected_by": rejected_by},
        )
        promotions.record(promotion)
    registry.drop_alias(challenger, "challenger")
    log.info("challenger_rejected", population=population, version=challenger.version)

    return PromotionReport(population, promotion)
