"""From rows to a model: families searched on folds, the best fitted, calibrated and judged."""

import functools
from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import structlog

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import CUSTOMER_FOLDS, fold_numbers
from pipelines.domain.features.usual import usual_values
from pipelines.domain.ports.models import Trainer
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tier_sizes import bounds_of_list
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.candidate import Candidate
from pipelines.domain.training.evaluation import USUAL, Estimate, evaluate
from pipelines.domain.training.folds import apart, decided, repeated
from pipelines.domain.training.measures.decisions import Decision
from pipelines.domain.training.measures.groups import worth_a_look, worth_bands
from pipelines.domain.training.measures.probability import calibration
from pipelines.domain.training.measures.profit import maximum_profit
from pipelines.domain.training.measures.slices import Slice, slices
from pipelines.domain.training.package import Fitted, ModelPackage
from pipelines.domain.training.part import Part, Sample, joined
from pipelines.domain.training.tier_promises import tier_promises
from pipelines.domain.training.training_set import TrainingSet, reference
from pipelines.sections import Business, Training
from pipelines.steps.model.ablation import ablation
from pipelines.steps.model.search import divided, search, thinned

log = structlog.get_logger(__name__)


def learn(
    rows: TrainingSet,
    *,
    trainer: Trainer,
    training: Training,
    tiers: TierPolicy,
    business: Business,
    population: str,
    as_of: date,
    label_days: int,
    is_told_at_once: bool,
    protected: Collection[str] = (),
    bands: Collection[str] = (),
    is_ablated: bool = False,
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
        business: How many it can contact, and what that costs.
        population: Who it scores.
        as_of: The date of the training.
        label_days: Gap and horizon together, after which it is known who left.
        is_told_at_once: Whether it is known on the day itself, so that who is scored was learned
            from.
        protected: Features and attributes by which nobody may be treated otherwise.
        bands: Numeric ones in whose quartiles the model is looked at, beside the strongest.
        is_ablated: Whether to say what each family of features adds, which takes a fit a fold each.
    """
    learned, test, seed = rows.learn, rows.test, training.seed
    candidates, chosen = search(rows, label_days=label_days, trainer=trainer, training=training)
    fitted = _fitted(learned, chosen, rows, trainer, seed)
    judged = divided(learned, rows, training, label_days)
    models = [_fitted(learned.taken(fold.learned), chosen, rows, trainer, seed) for fold in judged]
    margins = np.full(len(learned.is_churned), np.nan)
    for fold, model in zip(judged, models, strict=True):
        margins[fold.judged] = model.predictor.margins(learned.taken(fold.judged).matrix)
    was_judged = np.flatnonzero(~np.isnan(margins))
    keys, margins = learned.keys.take(pa.array(was_judged)), margins[was_judged]
    is_churned = learned.is_churned[was_judged]
    calibrator = trainer.calibrate(margins, is_churned)
    probabilities = calibrator.apply(fitted.predictor.margins(test.matrix))
    unseen = _cross_calibrated(keys, is_churned, margins, trainer, seed)
    told = np.concatenate([unseen, probabilities])
    has_left = np.concatenate([is_churned, test.is_churned])
    bounds = bounds_of_list(tiers, told, _lists(keys, test.keys))
    decision = Decision.of(bounds, business.contact_capacity_pct)
    judge = functools.partial(_evaluated, decision=decision, business=business, training=training)
    # Drift since the training is what counts, not what has changed before it.
    as_ofs = keys.column("as_of").to_numpy()
    recent = np.flatnonzero((as_ofs == as_ofs.max()) | (not rows.split.is_in_time))
    sampled = reference(
        [learned.taken(was_judged[recent]), test],
        [calibrator.apply(margins[recent]), probabilities],
        seed,
        contract=rows.contract,
        is_told_at_once=is_told_at_once,
    )

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
            usual=usual_values(sampled, rows.contract),
        ),
        fitted=fitted,
        evaluation=judge(test.is_churned, probabilities),
        out_of_fold=judge(is_churned, unseen),
        tiers=tier_promises(
            bounds, told, has_left, np.concatenate([as_ofs, test.keys.column("as_of").to_numpy()])
        ),
        slices=_sliced(
            [keys, test.keys],
            [learned.sample.taken(was_judged), test.sample],
            has_left,
            told,
            label_days=label_days,
            bands=worth_bands(rows.contract, fitted.importances, {*protected, *bands}),
            contract=rows.contract,
            protected=protected,
        ),
        cross_validation={}
        if rows.split.is_in_time
        else _cross_validated(rows, chosen, trainer, training),
        candidates={candidate.family: candidate.best.auc for candidate in candidates},
        data_fingerprint=rows.fingerprint,
        counts=rows.counts,
        decision=decision,
        costs=business.costs,
        golden=rows.golden(probabilities),
        reference=sampled,
        is_churned=test.is_churned,
        probabilities=probabilities,
        folds=tuple(models),
        trials={candidate.family: candidate.trials for candidate in candidates},
        worth=ablation(
            rows,
            chosen=chosen,
            folds=judged,
            trainer=trainer,
            resamples=training.bootstrap_resamples,
            seed=seed,
        )
        if is_ablated
        else (),
    )


def _lists(*keys: pa.Table) -> int:
    """Return of how many snapshots the rows are."""
    return len({day for each in keys for day in each.column("as_of").unique().to_pylist()})


def _fitted(
    part: Part, chosen: Candidate, rows: TrainingSet, trainer: Trainer, seed: int
) -> Fitted:
    """Fit the chosen candidate on some of the rows."""
    return trainer.fit(
        chosen.family,
        matrix=part.matrix,
        is_churned=part.is_churned,
        customer_ids=part.keys.column("customer_id"),
        parameters=chosen.best.parameters,
        contract=rows.contract,
        seed=seed,
    )


def _evaluated(
    is_churned: Flags,
    probabilities: Vector,
    *,
    decision: Decision,
    business: Business,
    training: Training,
) -> dict[str, Estimate]:
    """Return every measure of the scores of rows no model had seen."""
    return evaluate(
        is_churned,
        probabilities,
        resamples=training.bootstrap_resamples,
        seed=training.seed,
        measures=(
            *USUAL,
            calibration,
            decision.measured,
            functools.partial(maximum_profit, costs=business.costs),
        ),
        edges=[decision.threshold],
    )


def _sliced(
    keys: Sequence[pa.Table],
    samples: Sequence[Sample],
    is_churned: Flags,
    probabilities: Vector,
    *,
    label_days: int,
    bands: Sequence[Feature],
    contract: FeatureContract,
    protected: Collection[str],
) -> tuple[Slice, ...]:
    """Return how good the model is for groups of the sampled customers, each counted once."""
    begins = np.cumsum([0, *(table.num_rows for table in keys)])
    rows = np.concatenate([begin + each.rows for begin, each in zip(begins, samples, strict=False)])
    is_taken = apart(pa.concat_tables(keys), label_days)[rows]
    taken = pa.concat_tables([each.features for each in samples]).filter(pa.array(is_taken))

    return slices(
        worth_a_look(taken, contract, bands=bands, protected=protected),
        is_churned[rows[is_taken]],
        probabilities[rows[is_taken]],
        protected=protected,
    )


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
    everyone = joined(thinned(rows.learn, training), thinned(rows.test, training))
    seed, customer_ids = training.seed, everyone.keys.column("customer_id")
    aucs = trainer.cross_validate(
        chosen.family,
        matrix=everyone.matrix,
        is_churned=everyone.is_churned,
        customer_ids=customer_ids,
        folds=decided(repeated(customer_ids, seed), everyone.is_churned),
        parameters=chosen.best.parameters,
        contract=rows.contract,
        seed=seed,
    )

    return {"cv_auc_mean": float(aucs.mean()), "cv_auc_sd": float(aucs.std(ddof=1))}
