"""Score everyone at risk on one as_of with the champion, where nobody looks yet."""

import contextlib
import functools
import time
from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import structlog

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.ports.alerts import Outbox
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.locks import Locks
from pipelines.domain.ports.models import Model, Registry
from pipelines.domain.ports.scores import Scores, ScoringEngine
from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import (
    Before,
    TiersBefore,
    places_before,
    probabilities_of,
)
from pipelines.domain.scoring.stream import overlapped
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tier_sizes import SizedTiers
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.measures.costs import Costs
from pipelines.errors import (
    ArtefactDamaged,
    ChampionMissing,
    ContractMismatch,
    RegistryUnavailable,
)

log = structlog.get_logger(__name__)

DIFFERS = "champion_differs"
TELL_EVERY_SECONDS = 10.0


def score(
    *,
    population: str,
    as_of: date,
    features: FeatureStore,
    models: Registry,
    scores: Scores,
    tiers: TierPolicy,
    locks: Locks,
    outbox: Outbox,
    is_for_everyone: bool = False,
    costs: Costs | None = None,
    engine: ScoringEngine | None = None,
    workers: int = 1,
) -> ScoreRun:
    """
    Stage the scores of *as_of*; the champion is resolved to a version once.

    Features are read, scored and written at the same time, batch by batch: memory is bounded by
    the batch, and the list is the same whatever the batches and however many work on them.

    Champion is the version that was recorded as such. Where the registry's alias says otherwise,
    that is an alert and never a reason to score with another. If another version scored the list
    before, that one says as well what it would have said, so that what moved a score is known.
    The list before is the latest one of an earlier date, so that a night scored again is the same.

    Args:
        population: Who is scored.
        as_of: At which date.
        features: The feature tables.
        models: The registry.
        scores: Where scores are staged.
        tiers: Thresholds and actions.
        locks: One writer a population.
        outbox: Where people are told.
        is_for_everyone: Whether the lowest tier has reasons too.
        costs: What contacting customers costs and saves, kept with the list.
        engine: What scores the batches; None is this process.
        workers: Threads of this process that score, a batch each.

    Raises:
        ChampionMissing: No version is champion.
        FeaturesMissing: Nothing was built for *as_of*.
        ContractMismatch: A feature of the model was not built, or as another than it learned from.
        ArtefactDamaged: The model is not what was registered.
        RunLocked: Another writer is at work.
        ServiceFailed: The engine ended badly; nothing is staged.
    """
    with locks.lock(f"writer of {population}"):
        version = models.champion(population)
        if version is None:
            waiting = models.version(population, "challenger")
            command = "train" if waiting is None else "promote"
            raise ChampionMissing(
                f"no version of churn-{population} is champion"
                + ("" if waiting is None else f", and version {waiting.version} waits to be"),
                next_step=f"churn {command} --population {population} --as-of {as_of}",
            )
        _compare(version, models.version(population, "champion"), population, as_of, outbox)
        model = models.load(version)
        contract, predictors = model.spec.contract, model.predictors
        built = features.contract(population, as_of)
        _require_provided(built, contract, version)
        previous = scores.published_before(population, as_of)
        before = _model_before(model, version, previous, models)
        if before is not None and not built.provides(before.spec.contract):
            log.warning("model_before_reads_other_features", version=before.version)
            before = None
        read = contract if before is None else contract.and_of(before.spec.contract)
        held = previous if tiers.hold_log_odds else None
        tiers_before = None if held is None else functools.partial(scores.tiers_of, held)
        bounds = TierBounds.of(tiers, held)
        if tiers.sizes:
            bounds = _sized(
                tiers,
                features.rows_at_risk(population, as_of),
                features.batches_at_risk(population, as_of, contract, is_ordered=False),
                model=model,
                before=held,
                tiers_before=tiers_before,
                workers=workers,
            )

        recipe = Recipe(
            version,
            model.spec,
            predictors,
            tiers,
            bounds,
            is_for_everyone=is_for_everyone,
            before=before,
            tiers_before=tiers_before,
        )
        batches = features.batches_at_risk(population, as_of, read, is_ordered=False)
        scored = (
            overlapped(batches, recipe.scores_of, workers=workers)
            if engine is None
            else engine.scored(batches, recipe)
        )
        with contextlib.closing(scored):
            staged = scores.stage(
                population=population,
                as_of=as_of,
                model_name=version.name,
                model_version=version.version,
                contract_fingerprint=contract.fingerprint,
                batches=_told(scored, features.rows(population, as_of)),
                tier_bounds=bounds.to_dict(),
                costs=None if costs is None else costs.to_dict(),
            )
    log.info("scored", as_of=str(as_of), run_id=staged.run_id, rows=staged.rows)

    return staged


def _sized(
    tiers: TierPolicy,
    rows: int,
    batches: Iterator[pa.RecordBatch],
    *,
    model: Model,
    before: ScoreRun | None,
    tiers_before: TiersBefore | None,
    workers: int,
) -> TierBounds:
    """Return where tiers begin, from a first pass over the list that keeps its riskiest only."""
    found = SizedTiers(tiers, rows, before)
    work = functools.partial(probabilities_of, spec=model.spec, predictors=model.predictors)
    with contextlib.closing(overlapped(batches, work, workers=workers)) as scored:
        for ids, told in scored:
            at = np.flatnonzero(found.may_be_in(told))
            asked = ids.take(pa.array(at))
            found.add(told[at], asked, places_before(asked, tiers.names, tiers_before))

    return found.bounds


def _told(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Yield *batches*, and log now and then how many of so many *rows* are written."""
    done, began = 0, time.monotonic()
    told_at = began
    for batch in batches:
        yield batch
        done += batch.num_rows
        now = time.monotonic()
        if now - told_at >= TELL_EVERY_SECONDS:
            told_at, speed = now, done / (now - began)
            log.info(
                "scoring",
                rows=done,
                of=rows,
                rows_per_second=round(speed),
                seconds_left=round(max(rows - done, 0) / speed),
            )


def _model_before(
    model: Model, version: ModelVersion, previous: ScoreRun | None, models: Registry
) -> Before | None:
    """Return the model of the list before if it is another; why a score moved may stay unknown."""
    if previous is None or previous.model_version == version.version or not model.spec.usual:
        return None
    try:
        earlier = models.load(models.numbered(previous.population, previous.model_version))
    except (ArtefactDamaged, ContractMismatch, RegistryUnavailable) as error:
        log.warning("model_before_unreadable", version=previous.model_version, reason=str(error))
        return None

    return Before(previous.model_version, earlier.spec, earlier.predictors)


def _compare(
    recorded: ModelVersion,
    named: ModelVersion | None,
    population: str,
    as_of: date,
    outbox: Outbox,
) -> None:
    """Tell people if the registry calls another version champion, and that it is over when not."""
    if named is not None and named.version == recorded.version:
        outbox.resolve(population, as_of, [DIFFERS])
        return
    log.error("champion_differs", recorded=recorded.version, named=named and named.version)
    outbox.add(
        Alert(
            population=population,
            as_of=as_of,
            kind=DIFFERS,
            severity="critical",
            title=f"MLflow calls {named or 'no version'} champion of {population}, and it is not",
            body=f"{recorded} was promoted and has scored {as_of}; the alias was moved by hand. "
            f"See `churn models`, and set it back to version {recorded.version} in MLflow.",
            owner="science",
        )
    )


def _require_provided(
    built: FeatureContract, trained: FeatureContract, version: ModelVersion
) -> None:
    """Raise with what differs, unless every feature the model learned from was built as it was."""
    if built.provides(trained):
        return

    gone = sorted(set(trained.names) - set(built.names))
    changed = sorted(
        feature.name
        for feature in built.features
        for other in trained.features
        if feature.name == other.name
        and (feature.kind, feature.levels, feature.nullable)
        != (other.kind, other.levels, other.nullable)
    )
    raise ContractMismatch(
        f"{version.name} version {version.version} was trained on contract {trained.fingerprint}, "
        f"the features were built to {built.fingerprint}: gone {gone}, changed {changed}",
        next_step="churn train, or undo the change of the feature model",
    )
