"""Fit the chosen model again without each family of features, and say what is lost."""

import time
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
import structlog

from pipelines.domain.arrays import Vector
from pipelines.domain.ports.models import Trainer
from pipelines.domain.training.candidate import Candidate
from pipelines.domain.training.folds import Fold
from pipelines.domain.training.measures.worth import Worth, families, lost
from pipelines.domain.training.training_set import TrainingSet

log = structlog.get_logger(__name__)


def ablation(
    rows: TrainingSet,
    *,
    chosen: Candidate,
    folds: Sequence[Fold],
    trainer: Trainer,
    resamples: int,
    seed: int,
) -> tuple[Worth, ...]:
    """
    Return what each family of features adds, on rows to learn from that no model had seen.

    Parameters stay those that were chosen with all features, so that a fit a fold and family is
    what it costs, and a family may be worth a little less than it seems.

    Args:
        rows: What is learned from; the test is not touched.
        chosen: The family of models and its parameters.
        folds: What each fit learns from and is judged on.
        trainer: The model families.
        resamples: Number of bootstrap samples behind the intervals.
        seed: Seed of fits and resamples.

    Returns:
        One a family, in the order of the contract; none where all features are of one.
    """
    groups = families(rows.contract.features)
    if len(groups) == 1:
        return ()
    whole = _margins(rows, rows.contract.names, chosen, folds, trainer, seed=seed)
    found = []
    for family, names in groups.items():
        began = time.monotonic()
        others = [name for name in rows.contract.names if name not in names]
        without = _margins(rows, others, chosen, folds, trainer, seed=seed)
        auc = lost(rows.learn.is_churned, whole, without, folds, resamples=resamples, seed=seed)
        found.append(Worth(family, len(names), auc))
        log.info(
            "family_left_out",
            family=family,
            features=len(names),
            auc_lost=round(auc.value, 4),
            seconds=round(time.monotonic() - began, 1),
        )

    return tuple(found)


def _margins(
    rows: TrainingSet,
    names: Collection[str],
    chosen: Candidate,
    folds: Sequence[Fold],
    trainer: Trainer,
    *,
    seed: int,
) -> Vector:
    """Return log-odds by models of some features that had not seen the row; NaN of no fold."""
    contract, learned = rows.contract.only(names), rows.learn
    columns = np.flatnonzero([name in names for name in rows.contract.names])
    margins = np.full(len(learned.is_churned), np.nan)
    for fold in folds:
        fitted = trainer.fit(
            chosen.family,
            matrix=learned.matrix[np.ix_(fold.learned, columns)],
            is_churned=learned.is_churned[fold.learned],
            customer_ids=learned.keys.column("customer_id").take(pa.array(fold.learned)),
            parameters=chosen.best.parameters,
            contract=contract,
            seed=seed,
        )
        judged = learned.matrix[np.ix_(fold.judged, columns)]
        margins[fold.judged] = fitted.predictor.margins(judged)

    return margins
