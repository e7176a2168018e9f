"""Bring the champion of now into service."""

from collections.abc import Callable

import numpy as np
import structlog

from pipelines.domain.ports.models import Model, Registry
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.scoring import score_batch
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.serving.answers import answers
from pipelines.domain.serving.served import ServedModel
from pipelines.errors import ArtefactDamaged, ChampionMissing, RegistryUnavailable

WARMED_ROWS = 64

log = structlog.get_logger(__name__)


def serve_champion(
    *,
    population: str,
    current: ServedModel | None,
    models: Registry,
    kept: Callable[[str], ModelVersion | None],
    for_few: Callable[[CrossFitted], CrossFitted],
    tiers: TierPolicy,
) -> ServedModel:
    """
    Return the champion of *population*, ready to answer; *current* if that is it already.

    It is the version our database records, loaded and checked as the night does it; while MLflow is
    away, by the checksum that was recorded when it was promoted. Then it answers
    rows it has known since its training, alone and together, and has to say what the night's way
    says of them, in every bit. Nothing of *current* is touched: whoever is being answered by it is.

    Args:
        population: Whose champion.
        current: What is in service now.
        models: The registry.
        kept: Returns the champion of a population as our database records it, if its files are on
            this machine; asked while the registry does not answer.
        for_few: Makes predictors of the night into those for a few rows at a time.
        tiers: Thresholds and actions.

    Raises:
        ChampionMissing: No version is champion.
        ArtefactDamaged: It is not what was registered, or does not say what the night would.
        ContractMismatch: This program cannot read it.
        RegistryUnavailable: Its files are not here, and MLflow is not there either.
        DatabaseUnavailable: The warehouse does not answer.
    """
    try:
        version = models.champion(population)
    except RegistryUnavailable:
        version = kept(population)
        if version is None:
            raise
    if version is None:
        raise ChampionMissing(
            f"no version of churn-{population} is champion",
            next_step=f"churn train --population {population}",
        )
    if current is not None and _is_same(current.version, version):
        return current

    model = models.load(version)
    served = ServedModel(version, model.spec, for_few(model.predictors))
    warm(served, model, tiers)
    log.info(
        "model_in_service",
        population=population,
        version=version.version,
        before=current and current.version.version,
    )

    return served


def _is_same(one: ModelVersion, other: ModelVersion) -> bool:
    """Tell whether two are one version with one checksum, whoever told of them."""
    return (one.name, one.version, one.manifest_sha256) == (
        *(other.name, other.version, other.manifest_sha256),
    )


def warm(served: ServedModel, model: Model, tiers: TierPolicy) -> None:
    """
    Let a model answer rows it knows.

    Args:
        served: The model, as it will answer.
        model: The same, as the night has it.
        tiers: Thresholds and actions.

    Raises:
        ArtefactDamaged: It says another thing than the night's way.
    """
    names = [*model.spec.contract.names]
    known = model.reference().slice(0, WARMED_ROWS).select(names).combine_chunks()
    ids = [str(number) for number in range(known.num_rows)]
    night = known.add_column(0, "customer_id", [ids]).to_batches()
    expected = [
        answer
        for batch in night
        for answer in answers(
            score_batch(batch, spec=model.spec, predictors=model.predictors, tiers=tiers)
        )
    ]
    rows = known.to_pylist()
    together = served.answers(rows, ids, tiers, is_for_everyone=False)
    alone = [
        served.answers([row], [customer_id], tiers, is_for_everyone=True)[0]
        for row, customer_id in zip(rows, ids, strict=True)
    ]
    wanted, *found = (
        np.array([each.churn_probability for each in told]).tobytes()
        for told in (expected, together, alone)
    )
    if not rows or {wanted} != {*found}:
        raise ArtefactDamaged(
            f"{served.version} answers {len(rows)} rows it knows otherwise than a night would",
            next_step="churn train",
        )
