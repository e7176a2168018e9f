"""Judge the challenger against the champion on the same later customers."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import structlog

from pipelines.domain.arrays import Flags
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.models import Model, Promotions, Registry
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.evaluation import auc_difference
from pipelines.domain.training.promotion import Promotion, judge, last_promoted, promoted_before
from pipelines.errors import ArtefactDamaged, ChampionMissing, ContractMismatch, NotEnoughLabels
from pipelines.settings import Settings

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
) -> PromotionReport:
    """
    Make the challenger champion, if its AUC is surely higher on customers neither learned from.

    The decision is recorded and ends the challenge: asked again, there is no challenger.

    Args:
        population: Its name in churn.toml.
        as_of: Labels due by then are known.
        settings: Resamples, seed and least number of churners.
        features: The feature tables.
        registry: Where versions are kept.
        promotions: Where the decision is recorded.

    Raises:
        NotEnoughLabels: No matured snapshot has enough churners neither model learned from.
        ContractMismatch: The challenger does not read the features as they are built.
    """
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
    is_promoted, reason, evidence = _decide(
        champion,
        challenger,
        population=population,
        as_of=as_of,
        settings=settings,
        features=features,
        registry=registry,
    )
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


def _decide(
    champion: ModelVersion | None,
    challenger: ModelVersion,
    *,
    population: str,
    as_of: date,
    settings: Settings,
    features: FeatureStore,
    registry: Registry,
) -> tuple[bool, str, dict[str, object]]:
    """Return whether the challenger is promoted, why, and what was measured."""
    if champion is None:
        return True, "there was no champion", {}

    new, old = registry.load(challenger), registry.load(champion)
    snapshots = features.snapshots(population, as_of)
    if snapshots:
        built = features.contract(population, snapshots[-1]).fingerprint
        if new.spec.contract.fingerprint != built:
            raise ContractMismatch(
                f"{challenger} was trained on contract {new.spec.contract.fingerprint}, the "
                f"features are built to {built}",
                next_step=f"churn train --population {population} --as-of {as_of}",
            )
        if old.spec.contract.fingerprint != built:
            # The champion cannot score tonight either, so there is nothing to compare with.
            trained = old.spec.contract.fingerprint
            return True, f"{champion} reads contract {trained}, which is no longer built", {}

    for snapshot in reversed(snapshots):
        table = features.labelled(population, [snapshot], new.spec.contract)
        table = table.filter(
            pa.array(_unseen(new, table, snapshot) & _unseen(old, table, snapshot))
        )
        is_churned = table.column("is_churned").to_numpy(zero_copy_only=False).astype(np.bool_)
        churners = int(is_churned.sum())
        if min(churners, len(is_churned) - churners) < settings.training.minimum_churners:
            continue
        difference = auc_difference(
            is_churned,
            new.probabilities(table),
            old.probabilities(table),
            resamples=settings.training.bootstrap_resamples,
            seed=settings.training.seed,
        )
        return judge(difference, snapshot=snapshot, rows=table.num_rows, churners=churners)

    raise NotEnoughLabels(
        f"none of {len(snapshots)} matured snapshots of {population} has "
        f"{settings.training.minimum_churners} churners that neither model learned from",
        next_step=f"churn features --population {population} for a later date, and wait for labels",
    )


def _unseen(model: Model, table: pa.Table, snapshot: date) -> Flags:
    """Tell which rows of *snapshot* the model neither fitted nor calibrated on."""
    split = model.spec.split
    if snapshot in split.test:
        return split.rows(table, "test")
    has_learned = snapshot in split.fit or snapshot in split.calibrate

    return np.full(table.num_rows, not has_learned, dtype=np.bool_)
