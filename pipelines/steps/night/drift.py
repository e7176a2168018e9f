"""Compare tonight with what the model was trained on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import structlog

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import JOINT, SCORE, comparable, scored
from pipelines.domain.drift.joint import check_joint, joint_matrices
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.persistence import as_usual, like_dates, with_nights
from pipelines.domain.drift.ranks import LATEST_DAYS, check_ranks
from pipelines.domain.drift.report import DriftReport, judge_night
from pipelines.domain.drift.rescored import check_rescored
from pipelines.domain.drift.rules import check_feature
from pipelines.domain.drift.scores import check_scores
from pipelines.domain.drift.significance import FEWEST
from pipelines.domain.drift.source_nulls import SourceNulls, check_source
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.sample import sample
from pipelines.domain.ports.drift import DriftEngine, DriftStore
from pipelines.domain.ports.features import FeatureStore
from pipelines.domain.ports.models import Model, Registry
from pipelines.domain.ports.scores import Scores
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import ContractMismatch, FeaturesMissing, NothingStaged

log = structlog.get_logger(__name__)

SEED = 20261121


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Judges comparable columns of tonight beside those of other customers."""

    features: tuple[Feature, ...]
    model: Model
    engine: DriftEngine
    limits: DriftLimits

    def checks(
        self, reference: pa.Table, current: pa.Table, only: Collection[str] | None = None
    ) -> list[DriftCheck]:
        """
        Judge every feature, then the scores where they are compared, then all together.

        Args:
            reference: Comparable columns of other customers. Not modified.
            current: Those of tonight. Not modified.
            only: Checks that are wanted; None is all of them.
        """
        wanted = [name for name in reference.column_names if only is None or name in only]
        features = [feature for feature in self.features if feature.name in wanted]
        tests: Mapping[str, tuple[float, float]] = {}
        if wanted:
            tests = self.engine.p_values(
                reference.select(wanted), current.select(wanted), self._categorical(features)
            )
        checks = [
            check_feature(
                feature,
                reference[feature.name],
                current[feature.name],
                test=tests[feature.name],
                importance=self.model.importances.get(feature.name, 0.0),
                watched=len(self.features),
                limits=self.limits,
            )
            for feature in features
        ]
        if SCORE in tests:
            scores = reference[SCORE], current[SCORE]
            checks.append(check_scores(*scores, test=tests[SCORE], limits=self.limits))
        if only is None or JOINT in only:
            checks += self._together(reference, current)

        return checks

    def _together(self, reference: pa.Table, current: pa.Table) -> list[DriftCheck]:
        """Judge how the features that matter go together; nothing of one, or of few customers."""
        features = [
            feature
            for feature in self.features
            if feature.watch_drift
            and self.model.importances.get(feature.name, 0.0) >= self.limits.gain_importance
        ]
        if len(features) < 2 or min(len(reference), len(current)) < FEWEST:
            return []
        names = [feature.name for feature in features]
        sides = joint_matrices(
            reference.select(names),
            current.select(names),
            self._categorical(features),
            rows=self.limits.joint_rows,
            seed=SEED,
        )
        test = self.engine.joint(*sides)

        return [
            check_joint(test, rows=len(sides[1]), auc=self.limits.joint_auc, z=self.limits.joint_z)
        ]

    @staticmethod
    def _categorical(features: Sequence[Feature]) -> list[str]:
        """Return those that are no numbers."""
        return [feature.name for feature in features if feature.kind != "numeric"]


def drift(
    *,
    population: str,
    as_of: date,
    settings: DriftLimits,
    features: FeatureStore,
    scores: Scores,
    models: Registry,
    kept: Callable[[str], ModelVersion | None],
    engine: DriftEngine,
    store: DriftStore,
) -> DriftReport:
    """
    Judge the features and scores of *as_of* against the reference of the model that scored it.

    What differs is compared again with the same season and weekday of before the model, where such
    dates are built, and has to differ from all of them.

    Args:
        population: Its name in churn.toml.
        as_of: Which night; its list is published.
        settings: When a difference counts.
        features: The feature tables.
        scores: The published lists.
        models: The registry, which has the reference of the model that scored the night.
        kept: Returns the champion of a population as our database records it, if its files are on
            this machine; the registry is asked about any other model only.
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
    model = models.load(_version(run, models, kept(population)))
    built, trained = features.contract(population, as_of), model.spec.contract
    _require_provided(built, trained, run)
    contract = built.only(trained.names)  # which are watched is what is declared now
    current = _sampled(features, population, as_of, contract, settings)
    published = scores.probabilities(population, as_of)
    if not len(current) or not len(published):
        raise FeaturesMissing(
            f"the features or scores of {population} at {as_of} have no rows",
            next_step=f"churn run --population {population} --as-of {as_of}",
        )
    tonight = scored(contract.features, current, published)
    before = sample(model.reference().to_batches(), rows=settings.sample_rows, seed=SEED)

    comparison = _Comparison(contract.features, model, engine, settings)
    checks = comparison.checks(scored(contract.features, before), tonight)
    drifted = _drifted(checks)
    if drifted:
        for day in like_dates(features.built(population), as_of=as_of, trained=model.spec.as_of):
            if not drifted:
                break
            if not features.contract(population, day).provides(trained):
                continue
            like = _sampled(features, population, day, contract, settings)
            if len(like):
                columns = comparable(like, contract.features)
                beside = comparison.checks(columns, tonight.drop_columns([SCORE]), drifted)
                checks = as_usual(checks, beside, day)
                drifted = _drifted(checks)
    checks += _ranks(scores, run, published, current["customer_id"], settings)
    again = check_rescored(published, current, spec=model.spec, predictors=model.predictors)
    checks += [] if again is None else [again]
    sources = store.source_nulls(population, as_of)
    checks += _missing_sources(sources, settings)
    checks = with_nights(checks, store.drifted_before(population, as_of, run.model_version))
    verdict, reason = judge_night(
        checks, nights=settings.drifted_nights, is_source_counted=bool(sources)
    )
    report = DriftReport(
        population=population,
        as_of=as_of,
        model_version=run.model_version,
        engine=engine.name,
        verdict=verdict,
        reason=reason,
        checks=tuple(checks),
    )
    store.record(report)
    log.info(
        "drift_judged",
        population=population,
        as_of=str(as_of),
        engine=engine.name,
        rows=len(current),
        verdict=verdict,
        is_training_requested=report.is_training_requested,
    )

    return report


def _drifted(checks: Sequence[DriftCheck]) -> frozenset[str]:
    """Return what differs from the training and may be the season; scores were another model's."""
    return frozenset(
        check.feature for check in checks if check.verdict == "drifted" and check.feature != SCORE
    )


def _version(run: ScoreRun, models: Registry, kept: ModelVersion | None) -> ModelVersion:
    """Return the version that scored the night: the one that is kept, or what the registry has."""
    if kept is not None and kept.version == run.model_version:
        return kept

    return models.numbered(run.population, run.model_version)


def _require_provided(built: FeatureContract, trained: FeatureContract, run: ScoreRun) -> None:
    """Raise unless tonight's features hold those the model was trained on."""
    if not built.provides(trained):
        raise ContractMismatch(
            f"features of {run.as_of} were built to contract {built.fingerprint}, "
            f"{run.model_name} version {run.model_version} was trained on {trained.fingerprint}",
            next_step=f"churn run --population {run.population} --as-of {run.as_of}",
        )


def _sampled(
    features: FeatureStore,
    population: str,
    as_of: date,
    contract: FeatureContract,
    settings: DriftLimits,
) -> pa.Table:
    """Return a sample of the customers of one date."""
    return sample(
        features.batches_at_risk(population, as_of, contract),
        rows=settings.sample_rows,
        seed=SEED,
    )


def _ranks(
    scores: Scores,
    run: ScoreRun,
    published: pa.Table,
    sampled: pa.ChunkedArray,
    settings: DriftLimits,
) -> list[DriftCheck]:
    """Judge the order of the list beside that of the list before, if the same model made it."""
    before = scores.published_before(run.population, run.as_of)
    if (
        before is None
        or before.model_version != run.model_version
        or (run.as_of - before.as_of).days > LATEST_DAYS
    ):
        return []
    check = check_ranks(
        published,
        scores.probabilities(run.population, before.as_of),
        sampled=sampled,
        agreement=settings.rank_agreement,
    )

    return [] if check is None else [check]


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
