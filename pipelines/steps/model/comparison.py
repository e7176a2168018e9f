"""Champion and challenger on the same customers, also where they read different features."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.arrays import Flags, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import customer_shares
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.models import Model
from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training import comparison
from pipelines.domain.training.comparison import Contest
from pipelines.domain.training.measures.groups import levels
from pipelines.errors import ContractMismatch, NotEnoughLabels
from pipelines.sections import Training

Judgement = tuple[bool, str, dict[str, Any]]

# Customers who leave within the horizon are counted once, so that snapshots lie a label apart.
MOST_SNAPSHOTS = 6
# Of more rows a share of the customers is taken: the interval is far narrower than any difference.
MOST_ROWS = 300_000


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
    label_days: int,
    settings: Training,
    features: FeatureStore,
    scores: Scores,
) -> Judgement | None:
    """
    Judge both on the latest matured snapshots, on rows that neither has seen.

    What a model learned from is judged by that of its folds which has not seen the row. The
    champion scores the features of a snapshot where all it reads is built as it was. Where it is
    not, its own published probabilities of that date are taken.

    Args:
        champion: The version that scores now.
        challenger: The version that may.
        population: Its name in churn.toml.
        as_of: Labels due by then are known.
        label_days: Gap and horizon together.
        settings: Resamples, seed and least number of churners.
        features: The feature tables.
        scores: The published lists.

    Returns:
        Whether the challenger is better, the reason for people, and the evidence; None where
        nothing of the champion's can be set beside the challenger's.

    Raises:
        ContractMismatch: The challenger does not read the features as they are built.
        NotEnoughLabels: The matured snapshots have too few churners neither model has seen.
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
    told: list[_Told] = []
    for snapshot in reversed(snapshots):
        if told and snapshot + timedelta(days=max(1, label_days)) > told[-1].snapshot:
            continue
        both = _scored(
            champion,
            challenger,
            population=population,
            snapshot=snapshot,
            features=features,
            scores=scores,
        )
        is_comparable |= both is not None
        if both is not None and both.table.num_rows:
            told.append(both)
        if len(told) == MOST_SNAPSHOTS:
            break
    if not is_comparable:
        return None

    contest = _contest(told, settings.seed) if told else None
    churners = int(contest.is_churned.sum()) if contest else 0
    stayers = len(contest.is_churned) - churners if contest else 0
    if contest is None or min(churners, stayers) < settings.minimum_churners:
        raise NotEnoughLabels(
            f"{len(snapshots)} matured snapshots of {population} have {churners} churners that "
            f"neither model has seen; it takes {settings.minimum_churners}, and as many who stayed",
            next_step=f"churn features --population {population} for a later date, and wait for "
            "labels",
        )

    return _judgement(contest, [each.snapshot for each in told], settings)


def _judgement(contest: Contest, snapshots: Sequence[date], settings: Training) -> Judgement:
    """Return the verdict with its reason and evidence."""
    found = comparison.compare(contest, resamples=settings.bootstrap_resamples, seed=settings.seed)
    days = f"{snapshots[-1]} to {snapshots[0]}" if len(snapshots) > 1 else f"{snapshots[0]}"
    rows, churners = len(contest.is_churned), int(contest.is_churned.sum())
    evidence = {
        **found.to_dict(),
        "snapshots": [day.isoformat() for day in snapshots],
        "rows": rows,
        "churners": churners,
    }

    return (
        found.is_better,
        f"{found}, on {rows:,} customers of {days}, {churners:,} churners",
        evidence,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """Rows of a snapshot neither has seen, and what both say of them."""

    snapshot: date
    table: pa.Table
    built: FeatureContract
    challenger: Vector
    champion: Vector


def _contest(told: Sequence[_Told], seed: int) -> Contest:
    """Return the rows of all snapshots as one."""
    together = pa.concat_tables(
        [each.table.select(["customer_id", "is_churned"]) for each in told]
    ).combine_chunks()
    rows, ids = together.num_rows, pc.dictionary_encode(together["customer_id"].chunk(0))
    contest = Contest(
        is_churned=np.asarray(together["is_churned"].to_pylist(), dtype=np.bool_),
        challenger=np.concatenate([each.challenger for each in told]),
        champion=np.concatenate([each.champion for each in told]),
        snapshot=np.repeat(np.arange(len(told)), [each.table.num_rows for each in told]),
        customer=ids.indices.to_numpy(zero_copy_only=False).astype(np.intp),
        slices=_slices(told),
    )
    if rows <= MOST_ROWS:
        return contest

    return contest.taken(customer_shares(together["customer_id"], seed) < MOST_ROWS / rows)


def _slices(told: Sequence[_Told]) -> dict[str, Flags]:
    """Return who is on each level of a feature or attribute that all snapshots have."""
    shared = set.intersection(*(set(each.built.columns) for each in told))
    columns = (*told[0].built.features, *told[0].built.attributes)
    features = [column for column in columns if column.name in shared]
    together = pa.table(
        {
            feature.name: pa.chunked_array(
                [
                    chunk
                    for each in told
                    for chunk in each.table[feature.name].cast(pa.string()).chunks
                ],
                pa.string(),
            )
            for feature in features
            if feature.kind != "numeric"
        }
    )

    return {group.name: group.is_in for group in levels(together, features)}


def _scored(
    champion: Contender,
    challenger: Contender,
    *,
    population: str,
    snapshot: date,
    features: FeatureStore,
    scores: Scores,
) -> _Told | None:
    """Return the rows of *snapshot* both can be judged on, and what they say."""
    built = features.contract(population, snapshot)
    if not built.provides(challenger.model.spec.contract):
        return None
    table = features.labelled(population, [snapshot], built)
    new = _unseen(challenger.model, table, snapshot)
    if built.provides(champion.model.spec.contract):
        old = _unseen(champion.model, table, snapshot)
    else:
        run = scores.published(population, snapshot)
        if run is None or run.model_version != champion.version.version:
            return None
        published = scores.probabilities(population, snapshot)
        found = pc.index_in(table["customer_id"], value_set=published["customer_id"])
        told = published["churn_probability"].take(found)
        old = told.to_numpy().astype(np.float64)
    is_told = ~(np.isnan(new) | np.isnan(old))

    return _Told(snapshot, table.filter(pa.array(is_told)), built, new[is_told], old[is_told])


def _unseen(model: Model, table: pa.Table, snapshot: date) -> Vector:
    """Return the probability of each row by what has not seen it; NaN where all of them have."""
    spec = model.spec
    learned = np.zeros(table.num_rows, dtype=np.bool_)
    if snapshot in spec.split.learn:
        learned = spec.split.rows(table, "learn")
    if not learned.any():
        return model.probabilities(table)

    matrix, folds = encode(table, spec.contract).matrix, model.folds()
    if snapshot in spec.origins and folds:
        return spec.calibrator.apply(folds[spec.origins.index(snapshot)].margins(matrix))
    if folds and not spec.origins:
        by_fold = CrossFitted(model.predictor, spec.split, folds)
        return spec.calibrator.apply(by_fold.margins(matrix, table["customer_id"]))

    return np.where(learned, np.nan, model.probabilities(table))
