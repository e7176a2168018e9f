"""Search every family on folds, of many rows on a sample, and choose one of them."""

import time

import structlog

from pipelines.domain.ports.models import Trainer
from pipelines.domain.training.candidate import Candidate, simplest
from pipelines.domain.training.folds import Fold, folds
from pipelines.domain.training.part import Part
from pipelines.domain.training.training_set import TrainingSet
from pipelines.sections import Training

log = structlog.get_logger(__name__)

# A search that ranks fewer of them could not tell sets of parameters apart.
SEARCH_CHURNERS = 2_000


def search(
    rows: TrainingSet, *, label_days: int, trainer: Trainer, training: Training
) -> tuple[list[Candidate], Candidate]:
    """
    Return the best of every family, in the order of churn.toml, and which of them it is.

    Args:
        rows: What a model learns from; of many rows a sample is searched on.
        label_days: Gap and horizon together, after which it is known who left.
        trainer: The model families.
        training: Families, seed, how long to search and on how many rows.
    """
    part = thinned(rows.learn, training)
    judged = divided(part, rows, training, label_days)
    if part is not rows.learn:
        log.info("searching_on_a_sample", rows=len(part.is_churned), of=len(rows.learn.is_churned))
    candidates = []
    for family in training.families:
        began = time.monotonic()
        candidate = trainer.search(
            family,
            matrix=part.matrix,
            is_churned=part.is_churned,
            customer_ids=part.keys.column("customer_id"),
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


def thinned(part: Part, training: Training) -> Part:
    """Return all rows of a share of the customers, as many as a search takes, or *part* itself."""
    return part.thinned(
        training.search_rows, least_churners=SEARCH_CHURNERS, seed=training.seed + 3
    )


def divided(part: Part, rows: TrainingSet, training: Training, label_days: int) -> list[Fold]:
    """
    Divide rows to learn from, or a sample of them, into folds.

    Args:
        part: The rows.
        rows: The set they are of, whose split says whether folds are in time.
        training: Least number of churners.
        label_days: Gap and horizon together.
    """
    return folds(
        part.keys,
        part.is_churned,
        rows.split,
        label_days=label_days,
        minimum_churners=training.minimum_churners,
    )
