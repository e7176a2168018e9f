"""Bring the challenger of a trial into service, beside the champion."""

from collections.abc import Callable

import structlog

from pipelines.domain.ports.models import Registry
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.serving.served import ServedModel
from pipelines.errors import ContractMismatch
from pipelines.steps.service.serve_champion import warm

log = structlog.get_logger(__name__)


def serve_challenger(
    *,
    population: str,
    number: int,
    champion: ServedModel,
    current: ServedModel | None,
    models: Registry,
    for_few: Callable[[CrossFitted], CrossFitted],
    tiers: TierPolicy,
) -> ServedModel | None:
    """
    Return a version ready to answer beside *champion*; *current* if that is it already.

    It is checked as a champion is. None if it has become champion itself, which ends the trial.

    Args:
        population: Whose model.
        number: Its version.
        champion: What it is compared with.
        current: What is in service as the challenger now.
        models: The registry.
        for_few: Makes predictors of the night into those for a few rows at a time.
        tiers: Thresholds and actions.

    Raises:
        ContractMismatch: It reads other features than the champion, so that nobody could send what
            both ask for; or this program cannot read it.
        ArtefactDamaged: It is not what was registered, or does not say what the night would.
        RegistryUnavailable: There is no such version, or neither its files nor MLflow are there.
    """
    if number == champion.version.version:
        return None
    if current is not None and current.version.version == number:
        served = current
    else:
        version = models.numbered(population, number)
        model = models.load(version)
        served = ServedModel(version, model.spec, for_few(model.predictors))
        warm(served, model, tiers)
        log.info("challenger_in_service", population=population, version=number)
    theirs, ours = (each.spec.contract.fingerprint for each in (champion, served))
    if theirs != ours:
        raise ContractMismatch(
            f"{served.version} reads features {ours}, and the champion {theirs}: programs could "
            "not send what both ask for",
            next_step=f"train a challenger on the features of today: churn train --population "
            f"{population}",
        )

    return served
