"""Score one night with champion and challenger, and say what a promotion would change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from pipelines.domain.arrays import Vector
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.models import Model, Registry
from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.scoring import probabilities_of
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.preview import Preview, compared
from pipelines.errors import ChampionMissing, ContractMismatch, FeaturesMissing
from pipelines.settings import Settings

log = structlog.get_logger(__name__)

RISKIEST_PCT = 5.0
SCHEMA = pa.schema([("customer_id", pa.string()), ("churn_probability", pa.float64())])


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """
    What a promotion would change.

    Attributes:
        champion: The version that scores now.
        challenger: The version that may.
        as_of: The night both scored.
        preview: What they say of it.
    """

    champion: ModelVersion
    challenger: ModelVersion
    as_of: date
    preview: Preview


def preview(
    *,
    population: str,
    as_of: date,
    settings: Settings,
    features: FeatureStore,
    registry: Registry,
    scores: Scores,
) -> PreviewReport | None:
    """
    Score *as_of* with both models, and write nothing.

    Where the champion cannot score, because a feature it reads is not built any more, the list it
    published for that date stands for it.

    Args:
        population: Its name in churn.toml.
        as_of: The night, whose features are built.
        settings: Tiers, and how many customers can be contacted.
        features: The feature tables.
        registry: Where versions are kept.
        scores: The published lists.

    Returns:
        What would change; None where there is no challenger.

    Raises:
        ChampionMissing: There is nothing to compare it with.
        FeaturesMissing: Nothing was built for *as_of*, or nobody is in it.
        ContractMismatch: One of them cannot read what was built.
    """
    challenger, champion = registry.version(population, "challenger"), registry.champion(population)
    if challenger is None:
        return None
    if champion is None:
        raise ChampionMissing(
            f"no version of churn-{population} is champion, so nothing would change",
            next_step=f"churn promote --population {population} --as-of {as_of}",
        )
    new = _scored(registry.load(challenger), challenger, population, as_of, features)
    old = _published(champion, registry, scores, population, as_of, features=features)
    found = pc.index_in(new["customer_id"], value_set=old["customer_id"])
    both = new.append_column("champion", old["churn_probability"].take(found)).drop_null()
    if not both.num_rows:
        raise FeaturesMissing(
            f"nobody of {population} {as_of} is scored by both",
            next_step=f"churn features --population {population} --as-of {as_of}",
        )
    log.info("previewed", population=population, as_of=str(as_of), customers=both.num_rows)

    return PreviewReport(
        champion,
        challenger,
        as_of,
        compared(
            _vector(both["champion"]),
            _vector(both["churn_probability"]),
            settings.tiers,
            riskiest_pct=sorted({RISKIEST_PCT, settings.business.contact_capacity_pct}),
        ),
    )


def _published(
    champion: ModelVersion,
    registry: Registry,
    scores: Scores,
    population: str,
    as_of: date,
    *,
    features: FeatureStore,
) -> pa.Table:
    """Return what the champion says of the night, or has said."""
    model = registry.load(champion)
    if not features.contract(population, as_of).provides(model.spec.contract):
        run = scores.published(population, as_of)
        if run is not None and run.model_version == champion.version:
            return scores.probabilities(population, as_of)

    return _scored(model, champion, population, as_of, features)


def _scored(
    model: Model, version: ModelVersion, population: str, as_of: date, features: FeatureStore
) -> pa.Table:
    """Return customer_id and churn_probability of everybody who is listed."""
    spec, built = model.spec, features.contract(population, as_of)
    if not built.provides(spec.contract):
        raise ContractMismatch(
            f"{version} reads features of contract {spec.contract.fingerprint}, those of {as_of} "
            f"are built to {built.fingerprint}",
            next_step=f"churn promote --population {population} --as-of {as_of} says what is left",
        )
    predictors = model.predictors

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in features.batches_at_risk(population, as_of, spec.contract):
            ids, told = probabilities_of(batch, spec=spec, predictors=predictors)
            yield pa.RecordBatch.from_arrays([ids, pa.array(told, pa.float64())], schema=SCHEMA)

    return pa.Table.from_batches(batches(), SCHEMA)


def _vector(column: pa.ChunkedArray) -> Vector:
    """Return a column as an array."""
    return np.asarray(column.to_numpy(), dtype=np.float64)
