"""Train on matured labels, judge on later ones, and register the result."""

import time
from collections.abc import Mapping
from datetime import date

import structlog

from pipelines.domain.ports.features import FeatureBuilder, FeatureStore
from pipelines.domain.ports.models import Promotions, Registry, Trainer
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.versions import Alias, ModelVersion
from pipelines.domain.training.evaluation import auc, evaluate
from pipelines.domain.training.leakage import single_feature_aucs
from pipelines.domain.training.package import Fitted, ModelPackage
from pipelines.domain.training.promotion import Promotion, last_promoted
from pipelines.domain.training.report import TrainReport
from pipelines.domain.training.snapshots import divide, require_declared, shared_contract
from pipelines.domain.training.training_set import PARTS, TrainingSet, reference
from pipelines.errors import LeakSuspected
from pipelines.settings import Settings

log = structlog.get_logger(__name__)


def train(
    *,
    population: str,
    as_of: date,
    settings: Settings,
    features: FeatureStore,
    builder: FeatureBuilder,
    trainer: Trainer,
    registry: Registry,
    promotions: Promotions,
) -> TrainReport:
    """
    Fit every family, keep the best on the calibration rows, judge it on the test rows, register it.

    The same data and settings give the same model, byte for byte.

    Args:
        population: Its name in churn.toml.
        as_of: Labels due by then are known.
        settings: Families, seed, splits.
        features: The feature tables.
        builder: Builds a past snapshot again, to see what its features knew.
        trainer: The model families.
        registry: Where versions are kept.
        promotions: Where a first champion is recorded.

    Raises:
        NotEnoughLabels: There are too few snapshots, or too few churners in a part.
        LeakSuspected: A feature knows the future, or tells the outcome all alone.
        ContractMismatch: The snapshots were built to different contracts.
    """
    began = time.monotonic()
    rules = settings.population(population)
    seed = settings.training.seed
    split = divide(
        features.snapshots(population, as_of),
        by=rules.split,
        every_days=rules.snapshot_every_days,
        count=rules.snapshots,
        label_days=rules.gap_days + rules.horizon_days,
        minimum_churners=settings.training.minimum_churners,
        seed=seed,
    )
    contract = shared_contract(
        {day: features.contract(population, day) for day in split.snapshots}, population
    )
    require_declared(
        contract,
        builder.contract(rules.feature_model),
        split.snapshots,
        population=population,
        as_of=as_of,
    )
    table = features.labelled(population, split.snapshots, contract)
    rows = TrainingSet.of(table, contract, split)
    rows.require(
        settings.training.minimum_churners,
        next_step=f"churn backfill --population {population} --as-of {as_of}",
    )
    log.info(
        "training_set_read",
        population=population,
        snapshots=len(split.snapshots),
        rows=table.num_rows,
        unknown_levels=rows.unknown_levels,
    )
    _refuse_replay_differences(rows, builder, rules.feature_model)
    _refuse_suspects(rows, settings.training.maximum_single_feature_auc)

    fitted, candidates = _best(rows, trainer, settings.training.families, seed)
    package = _package(
        rows,
        fitted,
        candidates,
        trainer=trainer,
        settings=settings,
        population=population,
        as_of=as_of,
        is_cross_validated=rules.split == "customer",
    )
    version = registry.register(
        package, params={"family": fitted.family, **fitted.parameters, **rows.described()}
    )
    alias = _name(version, population, as_of, registry, promotions)
    report = TrainReport(
        version=version,
        alias=alias,
        family=fitted.family,
        split=split,
        counts=rows.counts,
        evaluation=package.evaluation,
        cross_validation=package.cross_validation,
        candidates=candidates,
        seconds=time.monotonic() - began,
    )
    log.info(
        "trained",
        population=population,
        as_of=str(as_of),
        version=version.version,
        alias=alias,
        family=fitted.family,
        auc=round(package.evaluation["auc"].value, 4),
        seconds=round(report.seconds, 1),
    )

    return report


def _refuse_replay_differences(rows: TrainingSet, builder: FeatureBuilder, model: str) -> None:
    """Refuse features that know what was not known at their as_of."""
    latest = max(rows.split.fit)
    changed = builder.replay_differences(model=model, as_of=latest)
    if changed:
        raise LeakSuspected(
            f"{len(changed)} features of {latest} change when rows from after it are taken away: "
            f"{', '.join(changed)}",
            next_step="restrict them to rows that happened and were loaded before as_of",
        )


def _refuse_suspects(rows: TrainingSet, maximum_auc: float) -> None:
    """Refuse features that tell churners from stayers too well, each of them alone."""
    part = rows.parts["fit"]
    alone = single_feature_aucs(part.matrix, part.is_churned, rows.contract)
    suspects = {name: value for name, value in alone.items() if value > maximum_auc}
    if suspects:
        named = ", ".join(f"{name} (AUC {value:.3f})" for name, value in suspects.items())
        raise LeakSuspected(
            f"{len(suspects)} features alone tell churners apart better than AUC {maximum_auc}: "
            f"{named}",
            next_step="check what they are made of; raise maximum_single_feature_auc if it is real",
        )


def _best(
    rows: TrainingSet, trainer: Trainer, families: tuple[str, ...], seed: int
) -> tuple[Fitted, dict[str, float]]:
    """Fit every family; return the best on the calibration rows, and what each came to there."""
    part, judge = rows.parts["fit"], rows.parts["calibrate"]
    is_held_back = rows.split.held_back(part.table)
    fitted: dict[str, Fitted] = {}
    candidates: dict[str, float] = {}
    for family in families:
        began = time.monotonic()
        fitted[family] = trainer.fit(
            family,
            matrix=part.matrix,
            is_churned=part.is_churned,
            is_held_back=is_held_back,
            contract=rows.contract,
            seed=seed,
        )
        candidates[family] = auc(judge.is_churned, fitted[family].predictor.margins(judge.matrix))
        log.info(
            "family_fitted",
            family=family,
            auc=round(candidates[family], 4),
            seconds=round(time.monotonic() - began, 1),
        )

    return fitted[max(candidates, key=lambda family: candidates[family])], candidates


def _package(
    rows: TrainingSet,
    fitted: Fitted,
    candidates: Mapping[str, float],
    *,
    trainer: Trainer,
    settings: Settings,
    population: str,
    as_of: date,
    is_cross_validated: bool,
) -> ModelPackage:
    """Calibrate and evaluate the chosen model, and gather what its directory holds."""
    seed = settings.training.seed
    calibrate, test = rows.parts["calibrate"], rows.parts["test"]
    unseen = rows.joined("calibrate", "test")  # the latest rows, and not fitted on
    calibrator = trainer.calibrate(fitted.predictor.margins(calibrate.matrix), calibrate.is_churned)
    probabilities = calibrator.apply(fitted.predictor.margins(test.matrix))
    folds: dict[str, float] = {}
    if is_cross_validated:
        everyone = rows.joined(*PARTS)
        aucs = trainer.cross_validate(
            fitted.family,
            matrix=everyone.matrix,
            is_churned=everyone.is_churned,
            contract=rows.contract,
            seed=seed,
        )
        folds = {"cv_auc_mean": float(aucs.mean()), "cv_auc_sd": float(aucs.std(ddof=1))}

    return ModelPackage(
        spec=ModelSpec(population, fitted.family, as_of, rows.contract, calibrator, rows.split),
        fitted=fitted,
        evaluation=evaluate(
            test.is_churned,
            probabilities,
            resamples=settings.training.bootstrap_resamples,
            seed=seed,
        ),
        cross_validation=folds,
        candidates=candidates,
        data_fingerprint=rows.fingerprint,
        counts=rows.counts,
        golden=rows.golden(probabilities),
        reference=reference(
            unseen,
            calibrator.apply(fitted.predictor.margins(unseen.matrix)),
            rows.contract,
            seed,
            is_told_at_once=settings.population(population).is_told_at_once,
        ),
        is_churned=test.is_churned,
        probabilities=probabilities,
    )


def _name(
    version: ModelVersion,
    population: str,
    as_of: date,
    registry: Registry,
    promotions: Promotions,
) -> Alias:
    """Make *version* champion where there is none, else challenger."""
    if last_promoted(promotions.history(population)) is not None:
        registry.set_alias(version, "challenger")
        return "challenger"

    promotions.record(
        Promotion(
            population=population,
            as_of=as_of,
            champion_version=None,
            challenger_version=version.version,
            is_promoted=True,
            reason="there was no champion",
            manifest_sha256=version.manifest_sha256,
        )
    )
    registry.set_alias(version, "champion")

    return "champion"
