"""From rows to a model: families searched on folds, the best fitted, calibrated and judged."""

import time
from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import structlog

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.features.splits import CUSTOMER_FOLDS, fold_numbers
from pipelines.domain.ports.models import Trainer
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.candidate import Candidate, simplest
from pipelines.domain.training.evaluation import Estimate, calibration, evaluate
from pipelines.domain.training.folds import Fold, decided, folds, repeated
from pipelines.domain.training.package import Fitted, ModelPackage
from pipelines.domain.training.part import Part, joined
from pipelines.domain.training.tier_promises import tier_promises
from pipelines.domain.training.training_set import TrainingSet, reference
from pipelines.sections import Training

log = structlog.get_logger(__name__)

# A search that ranks fewer of them could not tell sets of parameters apart.
SEARCH_CHURNERS = 2_000


def learn(
    rows: TrainingSet,
    *,
    trainer: Trainer,
    training: Training,
    tiers: TierPolicy,
    population: str,
    as_of: date,
    label_days: int,
    is_told_at_once: bool,
) -> ModelPackage:
    """
    Choose a model on folds, fit it on every row but the test's, and gather what is known of it.

    Its calibrator learns from scores of models that had not seen the row, so that no row is spared
    for it.

    Args:
        rows: What it learns from, and what it is judged on.
        trainer: The model families.
        training: Families, seed, how long to search.
        tiers: Where each begins.
        population: Who it scores.
        as_of: The date of the training.
        label_days: Gap and horizon together, after which it is known who left.
        is_told_at_once: Whether it is known on the day itself, so that who is scored was learned
            from.
    """
    learned, test, seed = rows.learn, rows.test, training.seed
    candidates, chosen = _chosen(rows, label_days=label_days, trainer=trainer, training=training)
    fitted = _fitted(learned, chosen, rows, trainer, seed)
    judged = _folds(learned, rows, training, label_days)
    models = [_fitted(learned.taken(fold.learned), chosen, rows, trainer, seed) for fold in judged]
    told = np.full(len(learned.is_churned), np.nan)
    for fold, model in zip(judged, models, strict=True):
        told[fold.judged] = model.predictor.margins(learned.matrix[fold.judged])
    was_judged = np.flatnonzero(~np.isnan(told))
    keys, margins = learned.keys.take(pa.array(was_judged)), told[was_judged]
    is_churned = learned.is_churned[was_judged]
    calibrator = trainer.calibrate(margins, is_churned)
    probabilities = calibrator.apply(fitted.predictor.margins(test.matrix))
    unseen = _cross_calibrated(keys, is_churned, margins, trainer, seed)
    # Drift since the training is what counts, not what has changed before it.
    as_ofs = keys.column("as_of").to_numpy()
    recent = np.flatnonzero((as_ofs == as_ofs.max()) | (not rows.split.is_in_time))

    return ModelPackage(
        spec=ModelSpec(
            population,
            chosen.family,
            as_of,
            rows.contract,
            calibrator,
            rows.split,
            origins=tuple(fold.origin for fold in judged if fold.origin is not None),
            is_cross_fitted=is_told_at_once and not rows.split.is_in_time,
        ),
        fitted=fitted,
        evaluation=_evaluated(test.is_churned, probabilities, training),
        out_of_fold=_evaluated(is_churned, unseen, training),
        tiers=tier_promises(
            tiers,
            np.concatenate([unseen, probabilities]),
            np.concatenate([is_churned, test.is_churned]),
        ),
        cross_validation={}
        if rows.split.is_in_time
        else _cross_validated(rows, chosen, trainer, training),
        candidates={candidate.family: candidate.best.auc for candidate in candidates},
        data_fingerprint=rows.fingerprint,
        counts=rows.counts,
        golden=rows.golden(probabilities),
        reference=reference(
            [learned.taken(was_judged[recent]), test],
            [calibrator.apply(margins[recent]), probabilities],
            seed,
            is_told_at_once=is_told_at_once,
        ),
        is_churned=test.is_churned,
        probabilities=probabilities,
        folds=tuple(models),
    )


def _chosen(
    rows: TrainingSet, *, label_days: int, trainer: Trainer, training: Training
) -> tuple[list[Candidate], Candidate]:
    """Return the best of every family, in the order of churn.toml, and which of them it is."""
    part = _thinned(rows.learn, training)
    judged = _folds(part, rows, training, label_days)
    if part is not rows.learn:
        log.info("searching_on_a_sample", rows=len(part.is_churned), of=len(rows.learn.is_churned))
    candidates = []
    for family in training.families:
        began = time.monotonic()
        candidate = trainer.search(
            family,
            matrix=part.matrix,
            is_churned=part.is_churned,
            folds=judged,
            contract=rows.contract,
            seed=training.seed,
            trials=training.search_trials,
            seconds=training.search_seconds / len(training.families),
        )
        candidates.append(candidate)
        log.info(
            "family_searched",
            family=family,
            trials=len(candidate.trials),
            auc=round(candidate.best.auc, 4),
            seconds=round(time.monotonic() - began, 1),
        )
    chosen = simplest(
        candidates,
        part.is_churned,
        judged,
        resamples=training.bootstrap_resamples,
        seed=training.seed,
    )

    return candidates, chosen


def _thinned(part: Part, training: Training) -> Part:
    """Return as many rows as a search takes."""
    return part.thinned(
        training.search_rows, least_churners=SEARCH_CHURNERS, seed=training.seed + 3
    )


def _folds(part: Part, rows: TrainingSet, training: Training, label_days: int) -> list[Fold]:
    """Divide rows to learn from."""
    return folds(
        part.keys,
        part.is_churned,
        rows.split,
        label_days=label_days,
        minimum_churners=training.minimum_churners,
    )


def _fitted(
    part: Part, chosen: Candidate, rows: TrainingSet, trainer: Trainer, seed: int
) -> Fitted:
    """Fit the chosen candidate on some of the rows."""
    return trainer.fit(
        chosen.family,
        matrix=part.matrix,
        is_churned=part.is_churned,
        parameters=chosen.best.parameters,
        contract=rows.contract,
        seed=seed,
    )


def _evaluated(is_churned: Flags, probabilities: Vector, training: Training) -> dict[str, Estimate]:
    """Return every measure of the scores of rows no model had seen."""
    found: dict[str, Estimate] = {}
    for measure in (evaluate, calibration):
        found |= measure(
            is_churned,
            probabilities,
            resamples=training.bootstrap_resamples,
            seed=training.seed,
        )

    return found


def _cross_calibrated(
    keys: pa.Table, is_churned: Flags, margins: Vector, trainer: Trainer, seed: int
) -> Vector:
    """Return probabilities of rows by calibrators that had not seen their customers either."""
    number = fold_numbers(keys.column("customer_id"), seed)
    probabilities = np.empty(len(margins))
    for fold in range(CUSTOMER_FOLDS):
        is_told = number == fold
        calibrator = trainer.calibrate(margins[~is_told], is_churned[~is_told])
        probabilities[is_told] = calibrator.apply(margins[is_told])

    return probabilities


def _cross_validated(
    rows: TrainingSet, chosen: Candidate, trainer: Trainer, training: Training
) -> Mapping[str, float]:
    """Return mean and standard deviation of the AUC over folds of all customers, or of a sample."""
    everyone = joined(_thinned(rows.learn, training), _thinned(rows.test, training))
    seed = training.seed
    aucs = trainer.cross_validate(
        chosen.family,
        matrix=everyone.matrix,
        is_churned=everyone.is_churned,
        folds=decided(repeated(everyone.keys.column("customer_id"), seed), everyone.is_churned),
        parameters=chosen.best.parameters,
        contract=rows.contract,
        seed=seed,
    )

    return {"cv_auc_mean": float(aucs.mean()), "cv_auc_sd": float(aucs.std(ddof=1))}
