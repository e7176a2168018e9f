"""Champion and challenger on the same later customers, also where they read different features."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.models import Model
from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.evaluation import auc_difference
from pipelines.domain.training.promotion import judge
from pipelines.errors import ContractMismatch, NotEnoughLabels
from pipelines.sections import Training

Judgement = tuple[bool, str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Contender:
    """
    One of the two.

    Attributes:
        version: Its number in the registry.
        model: What it scores with.
    """

    version: ModelVersion
    model: Model


def compare(
    champion: Contender,
    challenger: Contender,
    *,
    population: str,
    as_of: date,
    settings: Training,
    features: FeatureStore,
    scores: Scores,
) -> Judgement | None:
    """
    Judge both on the latest matured snapshot that neither learned from.

    The champion scores the features of that snapshot where all it reads is built as it was. Where
    it is not, its own published probabilities of that date are taken.

    Args:
        champion: The version that scores now.
        challenger: The version that may.
        population: Its name in churn.toml.
        as_of: Labels due by then are known.
        settings: Resamples, seed and least number of churners.
        features: The feature tables.
        scores: The published lists.

    Returns:
        Whether the challenger is better, the reason for people, and the evidence; None where
        nothing of the champion's can be set beside the challenger's.

    Raises:
        ContractMismatch: The challenger does not read the features as they are built.
        NotEnoughLabels: No matured snapshot has enough churners neither model learned from.
    """
    snapshots = [*features.snapshots(population, as_of)]
    wanted = challenger.model.spec.contract
    if snapshots and not features.contract(population, snapshots[-1]).provides(wanted):
        built = features.contract(population, snapshots[-1]).fingerprint
        raise ContractMismatch(
            f"{challenger.version} was trained on contract {wanted.fingerprint}, the features are "
            f"built to {built}",
            next_step=f"churn train --population {population} --as-of {as_of}",
        )

    is_comparable = not snapshots
    for snapshot in reversed(snapshots):
        both = _scored(
            champion,
            challenger,
            population=population,
            snapshot=snapshot,
            features=features,
            scores=scores,
        )
        if both is None:
            continue
        is_comparable = True
        table, new, old = both
        is_churned = table.column("is_churned").to_numpy(zero_copy_only=False).astype(np.bool_)
        churners = int(is_churned.sum())
        if min(churners, len(is_churned) - churners) < settings.minimum_churners:
            continue
        difference = auc_difference(
            is_churned, new, old, resamples=settings.bootstrap_resamples, seed=settings.seed
        )
        return judge(difference, snapshot=snapshot, rows=table.num_rows, churners=churners)
    if not is_comparable:
        return None

    raise NotEnoughLabels(
        f"none of {len(snapshots)} matured snapshots of {population} has "
        f"{settings.minimum_churners} churners that neither model learned from",
        next_step=f"churn features --population {population} for a later date, and wait for labels",
    )


def _scored(
    champion: Contender,
    challenger: Contender,
    *,
    population: str,
    snapshot: date,
    features: FeatureStore,
    scores: Scores,
) -> tuple[pa.Table, Vector, Vector] | None:
    """Return the rows of *snapshot* both can be judged on, the challenger's and the champion's."""
    built = features.contract(population, snapshot)
    if not built.provides(challenger.model.spec.contract):
        return None
    table = features.labelled(population, [snapshot], built)
    for contender in (champion, challenger):
        table = table.filter(pa.array(_unseen(contender.model, table, snapshot)))
    if built.provides(champion.model.spec.contract):
        return table, challenger.model.probabilities(table), champion.model.probabilities(table)

    run = scores.published(population, snapshot)
    if run is None or run.model_version != champion.version.version:
        return None
    published = scores.probabilities(population, snapshot)
    found = pc.index_in(table["customer_id"], value_set=published["customer_id"])
    table = table.filter(pc.is_valid(found))
    told = published["churn_probability"].take(found.drop_null())

    return table, challenger.model.probabilities(table), told.to_numpy().astype(np.float64)


def _unseen(model: Model, table: pa.Table, snapshot: date) -> Flags:
    """Tell which rows of *snapshot* the model neither fitted nor calibrated on."""
    split = model.spec.split
    if snapshot in split.test:
        return split.rows(table, "test")
    has_learned = snapshot in split.fit or snapshot in split.calibrate

    return np.full(table.num_rows, not has_learned, dtype=np.bool_)
