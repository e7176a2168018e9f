"""Compare tonight with what the model was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import SCORE, comparable
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.report import DriftReport, judge_night
from pipelines.domain.drift.rules import check_feature, check_scores
from pipelines.domain.drift.source_nulls import SourceNulls, check_source
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.sample import sample
from pipelines.domain.ports.drift import DriftEngine, DriftStore
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.models import Registry
from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.errors import ContractMismatch, FeaturesMissing, NothingStaged

log = structlog.get_logger(__name__)

SEED = 20261121
PROBABILITY = "churn_probability"


@dataclass(frozen=True, slots=True)
class _Night:
    """Comparable columns of both sides, `*score*` last."""

    watched: tuple[Feature, ...]
    reference: pa.Table
    current: pa.Table


def drift(
    *,
    population: str,
    as_of: date,
    settings: DriftLimits,
    features: FeatureStore,
    scores: Scores,
    models: Registry,
    engine: DriftEngine,
    store: DriftStore,
) -> DriftReport:
    """
    Judge the features and scores of *as_of* against the reference of the model that scored it.

    Args:
        population: Its name in churn.toml.
        as_of: Which night; its list is published.
        settings: When a difference counts.
        features: The feature tables.
        scores: The published lists.
        models: The registry, which has the reference of the model that scored the night.
        engine: The two-sample tests.
        store: Keeps the checks, the verdict and the alert; a re-run replaces them.

    Returns:
        The report, as it was kept.

    Raises:
        NothingStaged: No list is published for *as_of*.
        FeaturesMissing: Nothing was built for *as_of*, or nobody was in it.
        ContractMismatch: Features and reference do not hold the same columns.
        ServiceFailed: The engine did not answer.
    """
    run = scores.published(population, as_of)
    if run is None:
        raise NothingStaged(
            f"no list of {population} is published for {as_of}, so there is nothing to compare",
            next_step=f"churn run --population {population} --as-of {as_of}",
        )
    model = models.load(models.numbered(population, run.model_version))
    built, trained = features.contract(population, as_of), model.spec.contract
    _require_provided(built, trained, run)
    contract = built.only(trained.names)  # which are watched is what is declared now
    current = sample(
        features.batches_at_risk(population, as_of, contract),
        rows=settings.sample_rows,
        seed=SEED,
    )
    published = scores.probabilities(population, as_of)
    if not len(current) or not len(published):
        raise FeaturesMissing(
            f"the features or scores of {population} at {as_of} have no rows",
            next_step=f"churn run --population {population} --as-of {as_of}",
        )
    before = sample(model.reference().to_batches(), rows=settings.sample_rows, seed=SEED)
    night = _night(contract, before, current, published)

    tests = engine.p_values(
        night.reference,
        night.current,
        [feature.name for feature in night.watched if feature.kind != "numeric"],
    )
    checks = _checks(night, tests, model.importances, settings)
    checks += _missing_sources(store.source_nulls(population, as_of), settings)
    verdict, reason = judge_night(checks)
    was_requested = store.was_training_requested(
        population, as_of - timedelta(days=settings.training_every_days), as_of
    )
    report = DriftReport(
        population=population,
        as_of=as_of,
        model_version=run.model_version,
        engine=engine.name,
        verdict=verdict,
        is_training_requested=verdict == "drifted" and not was_requested,
        reason=reason,
        checks=tuple(checks),
    )
    store.record(report)
    log.info(
        "drift_judged",
        population=population,
        as_of=str(as_of),
        engine=engine.name,
        rows=len(night.current),
        verdict=verdict,
        is_training_requested=report.is_training_requested,
    )

    return report


def _require_provided(built: FeatureContract, trained: FeatureContract, run: ScoreRun) -> None:
    """Raise unless tonight's features hold those the model was trained on."""
    if not built.provides(trained):
        raise ContractMismatch(
            f"features of {run.as_of} were built to contract {built.fingerprint}, "
            f"{run.model_name} version {run.model_version} was trained on {trained.fingerprint}",
            next_step=f"churn run --population {run.population} --as-of {run.as_of}",
        )


def _night(
    contract: FeatureContract, reference: pa.Table, current: pa.Table, published: pa.Table
) -> _Night:
    """Return both samples side by side, tonight's customers with their published scores."""
    found = pc.index_in(current["customer_id"], value_set=published["customer_id"])
    watched = tuple(feature for feature in contract.features if feature.watch_drift)
    columns = (*watched, Feature(SCORE, "numeric", "Churn probability"))

    return _Night(
        watched,
        comparable(reference.append_column(SCORE, reference[PROBABILITY]), columns),
        comparable(current.append_column(SCORE, published[PROBABILITY].take(found)), columns),
    )


def _checks(
    night: _Night,
    tests: Mapping[str, tuple[float, float]],
    importances: Mapping[str, float],
    settings: DriftLimits,
) -> list[DriftCheck]:
    """Judge every watched feature, and the scores."""
    checks = [
        check_feature(
            feature,
            night.reference[feature.name],
            night.current[feature.name],
            test=tests[feature.name],
            importance=importances.get(feature.name, 0.0),
            watched=len(night.watched),
            limits=settings,
        )
        for feature in night.watched
    ]
    before, now = night.reference[SCORE], night.current[SCORE]

    return [*checks, check_scores(before, now, test=tests[SCORE], limits=settings)]


def _missing_sources(sources: Sequence[SourceNulls], settings: DriftLimits) -> list[DriftCheck]:
    """Return the source columns that stopped being filled."""
    checked = [
        check_source(
            source,
            watched=len(sources),
            p_value=settings.p_value,
            missing_points=settings.missing_points,
        )
        for source in sources
    ]

    return [check for check in checked if check is not None]
