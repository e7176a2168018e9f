"""Judge the challenger against the champion on the same later customers."""

from dataclasses import dataclass, replace
from datetime import date
from typing import NoReturn

import structlog

from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.models import Promotions, Registry
from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.promotion import (
    Promotion,
    last_promoted,
    last_rejected,
    missed,
    promoted_before,
)
from pipelines.errors import ApprovalNeeded, ArtefactDamaged, ChampionMissing
from pipelines.sections import Promoting
from pipelines.settings import Settings
from pipelines.steps.model.comparison import Contender, Judgement, compare

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """
    What was decided.

    Attributes:
        population: Its name in churn.toml.
        promotion: The decision; None where there was no challenger.
    """

    population: str
    promotion: Promotion | None

    def __str__(self) -> str:
        """Return the decision in one line, for people."""
        return str(self.promotion) if self.promotion else f"{self.population}: no challenger"


def promote(
    *,
    population: str,
    as_of: date,
    settings: Settings,
    features: FeatureStore,
    registry: Registry,
    promotions: Promotions,
    scores: Scores,
    approved_by: str | None = None,
) -> PromotionReport:
    """
    Make the challenger champion, if its AUC is surely higher on rows neither model has seen.

    And if nothing is surely worse: neither log loss nor calibration, nor the log loss of a slice.

    It has to reach the floors of [promotion], whoever approves; and where the policy there asks for
    a person, one has to approve.

    Where the two cannot be judged on the same customers, because the champion reads features that
    are no longer built, it takes a person who approves.

    The decision is recorded and ends the challenge: asked again, there is no challenger.

    Args:
        population: Its name in churn.toml.
        as_of: Labels due by then are known.
        settings: Resamples, seed and least number of churners.
        features: The feature tables.
        registry: Where versions are kept.
        promotions: Where the decision is recorded.
        scores: The published lists, for what the champion said of customers it cannot score again.
        approved_by: Who takes a challenger that is better, or cannot be judged; nobody can take
            one that is not better.

    Raises:
        ApprovalNeeded: The policy asks for a person, or the two cannot be judged, and nobody has
            approved.
        NotEnoughLabels: The matured snapshots have too few churners neither model has seen.
        ContractMismatch: The challenger does not read the features as they are built.
    """
    rules = settings.population(population)
    challenger = registry.version(population, "challenger")
    if challenger is None:
        log.info("no_challenger", population=population)
        return PromotionReport(population, None)

    champion = registry.champion(population)
    if champion is not None and champion.version == challenger.version:
        # It was promoted, and whoever did it was stopped before the registry followed.
        registry.set_alias(challenger, "champion")
        registry.drop_alias(challenger, "challenger")
        return PromotionReport(population, last_promoted(promotions.history(population)))
    rejection = last_rejected(promotions.history(population), challenger.version)
    if rejection is not None and approved_by is None:
        # Whoever rejected it was stopped before the registry followed.
        registry.drop_alias(challenger, "challenger")
        return PromotionReport(population, rejection)
    judgement: Judgement | None = (True, "there was no champion", {})
    if champion is not None:
        judgement = compare(
            Contender(champion, registry.load(champion)),
            Contender(challenger, registry.load(challenger)),
            population=population,
            as_of=as_of,
            label_days=rules.gap_days + rules.horizon_days,
            settings=settings.training,
            features=features,
            scores=scores,
        )
    if judgement is None:
        why = f"{champion} reads features that are no longer built, and has published no list of"
        why += " a snapshot that has matured"
        if approved_by is None:
            raise ApprovalNeeded(
                f"{challenger} cannot be judged beside the champion: {why}",
                next_step=f"look at its evaluation in MLflow; then churn promote --population "
                f'{population} --as-of {as_of} --approved-by "YOUR NAME"',
            )
        judgement = True, f"approved by {approved_by}: {why}", {"approved_by": approved_by}
    elif settings.promotion.policy == "approval" and judgement[0] and approved_by is not None:
        _, why, evidence = judgement
        judgement = (
            True,
            f"approved by {approved_by}: {why}",
            {
                **evidence,
                "approved_by": approved_by,
            },
        )
    is_promoted, reason, evidence = judgement
    if is_promoted and (fault := _floor_missed(challenger, settings.promotion, registry)):
        is_promoted, reason = False, f"{fault}; {reason}"
    promotion = Promotion(
        population=population,
        as_of=as_of,
        champion_version=champion.version if champion else None,
        challenger_version=challenger.version,
        is_promoted=is_promoted,
        reason=reason,
        manifest_sha256=challenger.manifest_sha256,
        evidence=evidence,
    )
    if is_promoted and settings.promotion.policy == "approval" and approved_by is None:
        _wait(promotion, promotions)
    promotions.record(promotion)
    if is_promoted:
        registry.set_alias(challenger, "champion")
    registry.drop_alias(challenger, "challenger")
    log.info(
        "challenger_judged",
        population=population,
        as_of=str(as_of),
        version=challenger.version,
        is_promoted=is_promoted,
    )

    return PromotionReport(population, promotion)


def _floor_missed(challenger: ModelVersion, rules: Promoting, registry: Registry) -> str | None:
    """Return the floor of champions that the challenger does not reach; or None."""
    floors = {"staging": rules.floors.staging, "production": rules.floors.production}
    if not any(floors.values()):
        return None
    auc = registry.load(challenger).evaluation["test"]["auc"]["value"]

    return missed(auc, floors)


def _wait(promotion: Promotion, promotions: Promotions) -> NoReturn:
    """Record once that a challenger waits, and ask for a person."""
    waiting = replace(promotion, is_promoted=False, is_waiting=True)
    before = promotions.history(promotion.population)
    if not (before and before[-1].is_waiting and _same(before[-1], waiting)):
        promotions.record(waiting)
    raise ApprovalNeeded(
        f"{promotion.population}: version {promotion.challenger_version} is to be champion, and "
        f"waits for a person: {promotion.reason}",
        next_step=f"churn promote --preview --population {promotion.population} --as-of "
        f"{promotion.as_of}; then churn promote --population {promotion.population} --as-of "
        f'{promotion.as_of} --approved-by "YOUR NAME"',
    )


def _same(one: Promotion, other: Promotion) -> bool:
    """Tell whether two decisions are about the same version."""
    return one.challenger_version == other.challenger_version


def rollback_model(
    *, population: str, as_of: date, registry: Registry, promotions: Promotions
) -> Promotion:
    """
    Make the champion before the current one champion again; twice returns to where one was.

    Args:
        population: Its name in churn.toml.
        as_of: The date it is decided at.
        registry: Where versions are kept.
        promotions: Where the decision is recorded.

    Returns:
        The decision.

    Raises:
        ChampionMissing: There was none before.
        ArtefactDamaged: It is not what it was when it was champion.
    """
    decisions = promotions.history(population)
    current, before = last_promoted(decisions), promoted_before(decisions)
    if current is None or before is None:
        raise ChampionMissing(
            f"{population} has had no champion before the current one",
            next_step=f"churn models --population {population}",
        )
    earlier = registry.numbered(population, before.challenger_version)
    if before.manifest_sha256 not in {None, earlier.manifest_sha256}:
        raise ArtefactDamaged(
            f"{earlier} is not what it was when it became champion: its checksum is another",
            next_step=f"churn train --population {population} --as-of {as_of}",
        )
    registry.load(earlier)
    promotion = Promotion(
        population=population,
        as_of=as_of,
        champion_version=current.challenger_version,
        challenger_version=earlier.version,
        is_promoted=True,
        reason=f"returned to from version {current.challenger_version}",
        manifest_sha256=earlier.manifest_sha256,
    )
    promotions.record(promotion)
    registry.set_alias(earlier, "champion")
    log.info("model_rolled_back", population=population, version=earlier.version)

    return promotion


def record_checksum(
    *, population: str, registry: Registry, promotions: Promotions
) -> ModelVersion | None:
    """
    Record the checksum of a champion from before checksums were recorded.

    It is the registry's, taken once, of the version on record: where the alias has moved, whoever
    moved it makes no champion by that.

    Args:
        population: Its name in churn.toml.
        registry: Where versions are kept.
        promotions: Where it is recorded.

    Returns:
        The champion; None where there is none, or its checksum is known, or the registry has none.
    """
    champion = last_promoted(promotions.history(population))
    if champion is None or champion.manifest_sha256 is not None:
        return None
    version = registry.numbered(population, champion.challenger_version)
    if version.manifest_sha256 is None:
        return None
    promotions.record(
        Promotion(
            population=population,
            as_of=champion.as_of,
            champion_version=version.version,
            challenger_version=version.version,
            is_promoted=True,
            reason="its checksum is on record from now on",
            manifest_sha256=version.manifest_sha256,
        )
    )

    return version
