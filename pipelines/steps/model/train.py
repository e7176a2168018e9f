"""Choose a model on folds of matured labels, judge it on later ones, and register it."""

import time
from collections.abc import Collection
from datetime import date

import structlog

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.leakage import probe
from pipelines.domain.leakage.finding import names, refusal
from pipelines.domain.ports.features import FeatureBuilder, FeatureStore
from pipelines.domain.ports.models import Promotions, Registry, Trainer
from pipelines.domain.scoring.versions import Alias, ModelVersion
from pipelines.domain.training.promotion import Promotion, last_promoted, missed
from pipelines.domain.training.report import TrainReport
from pipelines.domain.training.snapshots import divide, replayed, require_declared, shared_contract
from pipelines.domain.training.training_set import TrainingSet
from pipelines.errors import ConfigError, FloorNotReached, LeakSuspected
from pipelines.sections import Population, Promoting
from pipelines.settings import Settings
from pipelines.steps.model.learn import learn

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
    is_ablated: bool = False,
    cause: str = "",
    on: Collection[date] | None = None,
) -> TrainReport:
    """
    Search every family on folds, fit the best on every row but the test's, judge it, register it.

    The same data and settings give the same model, byte for byte, unless the seconds of the search
    end it early.

    Args:
        population: Its name in churn.toml.
        as_of: Labels due by then are known.
        settings: Families, seed, splits, how long to search.
        features: The feature tables.
        builder: Builds a past snapshot again, to see what its features knew.
        trainer: The model families.
        registry: Where versions are kept.
        promotions: Where a first champion is recorded.
        is_ablated: Whether to say what each family of features adds.
        cause: The evidence that asked for it, kept with the run; empty where nothing did.
        on: The only days snapshots may be of; None takes any.

    Raises:
        NotEnoughLabels: There are too few snapshots, or too few churners in a part.
        LeakSuspected: A feature knows the future, or tells the outcome all alone.
        ContractMismatch: The snapshots were built to different contracts.
        FloorNotReached: There is no champion, and this model is not good enough to be it.
        ConfigError: What churn.toml calls protected, or wants in bands, is no feature or attribute.
    """
    began = time.monotonic()
    rules = settings.population(population)
    seed = settings.training.seed
    available = features.snapshots(population, as_of)
    split = divide(
        {day: left for day, left in available.items() if on is None or day in on},
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
    _require_columns({*rules.protected, *rules.bands}, contract, population)
    batches = features.labelled_batches(population, split.snapshots, contract)
    rows = TrainingSet.of(batches, contract, split)
    rows.require(
        settings.training.minimum_churners,
        next_step=(
            f"churn backfill --population {population} --as-of {as_of}"
            if len(available) < rules.snapshots
            else "bring a longer history, or set minimum_churners under [training] in churn.toml"
        ),
    )
    log.info(
        "training_set_read",
        population=population,
        snapshots=len(split.snapshots),
        rows=sum(count["rows"] for count in rows.counts.values()),
        unknown_levels=rows.unknown_levels,
    )
    _refuse_replay_differences(replayed(split.learn, as_of), builder, rules.feature_model)
    _refuse_suspects(rows, population, rules, settings.training.maximum_single_feature_auc)

    package = learn(
        rows,
        trainer=trainer,
        training=settings.training,
        tiers=settings.tiers,
        business=settings.business,
        population=population,
        as_of=as_of,
        label_days=rules.gap_days + rules.horizon_days,
        is_told_at_once=rules.is_told_at_once,
        protected=rules.protected,
        bands=rules.bands,
        is_ablated=is_ablated,
    )
    fitted = package.fitted
    version = registry.register(
        package,
        params={
            "family": fitted.family,
            **fitted.parameters,
            **rows.described(),
            **({"cause": cause} if cause else {}),
        },
    )
    alias = _name(
        version,
        package.evaluation["auc"].value,
        population=population,
        as_of=as_of,
        rules=settings.promotion,
        registry=registry,
        promotions=promotions,
    )
    report = TrainReport(
        version=version,
        alias=alias,
        family=fitted.family,
        split=split,
        counts=rows.counts,
        evaluation=package.evaluation,
        cross_validation=package.cross_validation,
        candidates=package.candidates,
        worth=package.worth,
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
        gaps=[each.name for each in package.slices if each.gaps],
        seconds=round(report.seconds, 1),
    )

    return report


def _require_columns(named: Collection[str], contract: FeatureContract, population: str) -> None:
    """Refuse names of columns there are not: a slice that is not looked at must not look well."""
    if unknown := sorted(set(named) - set(contract.columns)):
        raise ConfigError(
            f"protected or bands of [populations.{population}] name {len(unknown)} that are no "
            f"features or attributes: {', '.join(unknown)}",
            next_step=f"churn contract --population {population} lists them",
        )


def _refuse_replay_differences(snapshot: date, builder: FeatureBuilder, model: str) -> None:
    """Refuse features that know what was not known at their as_of."""
    changed = builder.replay_differences(model=model, as_of=snapshot)
    if changed:
        raise LeakSuspected(
            f"{len(changed)} features of {snapshot} change when rows from after it are taken away: "
            f"{', '.join(changed)}",
            next_step="restrict them to rows that happened and were loaded before as_of; if only "
            "their SQL changed since that day was built, churn backfill builds it again",
        )


def _refuse_suspects(
    rows: TrainingSet, population: str, rules: Population, maximum_auc: float
) -> None:
    """Refuse features that may know the outcome, all of them by name."""
    part = rows.learn
    leaks = probe.of_features(
        part.matrix,
        part.is_churned,
        rows.contract,
        bound=maximum_auc,
        is_dated=not rules.is_told_at_once,
        accepted=rules.accepted_leaks,
    ).findings
    if not leaks:
        return
    raise refusal(
        leaks,
        "features",
        next_step="check what they are made of; if one was known on the day, say so under "
        f'[populations.{population}]: accepted_leaks = {{ {names(leaks)[0]} = "how it was" }}',
    )


def _name(
    version: ModelVersion,
    auc: float,
    *,
    population: str,
    as_of: date,
    rules: Promoting,
    registry: Registry,
    promotions: Promotions,
) -> Alias | None:
    """Make *version* champion where there is none, else challenger; neither below the floors."""
    champion = last_promoted(promotions.history(population))
    floors = {"staging": rules.floors.staging}
    if champion is None:
        floors["production"] = rules.floors.production
    fault = missed(auc, floors)
    if fault is None and (champion is not None or rules.policy == "approval"):
        registry.set_alias(version, "challenger")
        return "challenger"

    promotions.record(
        Promotion(
            population=population,
            as_of=as_of,
            champion_version=champion.challenger_version if champion else None,
            challenger_version=version.version,
            is_promoted=fault is None,
            reason=fault or "there was no champion",
            manifest_sha256=version.manifest_sha256,
        )
    )
    if fault is None:
        registry.set_alias(version, "champion")
        return "champion"
    if champion is None:
        raise FloorNotReached(
            f"{population} has no champion, and {version} is not good enough to be it: {fault}",
            next_step="look at its model card in MLflow; lower floors of [promotion] in churn.toml "
            f"if it is enough; then churn train --population {population} --as-of {as_of}",
        )

    return None
