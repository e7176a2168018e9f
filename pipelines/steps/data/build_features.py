"""Build the features of some as_ofs, and the labels that fell due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from pipelines.domain.features.compiled import Built
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.ports.features import FeatureBuilder, FeatureStore, NowFunctions
from pipelines.domain.ports.locks import Locks
from pipelines.domain.serving.now import NotAskedNow
from pipelines.errors import FeaturesMissing
from pipelines.sections import Population

log = structlog.get_logger(__name__)

# Labels are read again this long after they fell due: what was known late still counts, and a
# customer who comes back within two weeks had not left.
SETTLING_DAYS = 15


@dataclass(frozen=True, slots=True)
class FeatureReport:
    """
    What was built.

    Attributes:
        rows: Customers by as_of.
        contract: What the features promise.
    """

    rows: dict[date, int]
    contract: FeatureContract


def build_features(
    *,
    population: str,
    config: Population,
    as_ofs: Sequence[date],
    known_at: date,
    builder: FeatureBuilder,
    features: FeatureStore,
    functions: NowFunctions,
    locks: Locks,
) -> FeatureReport:
    """
    Build the features of *as_ofs*, and every label that is due by *known_at* and not settled yet.

    Args:
        population: Its name in churn.toml.
        config: Its section of churn.toml.
        as_ofs: Snapshots to build, each replaced whole.
        known_at: Labels use what was known before this date.
        builder: dbt.
        features: The feature tables, and the record of builds.
        functions: What asks them of one customer, made anew where the models have changed. A night
            does without, and says why there is none.
        locks: One build at a time, because dbt replaces the staging views.

    Raises:
        RunLocked: Another build is at work.
        DbtFailed: dbt failed; nothing is recorded.
        FeaturesMissing: An as_of yielded no customer.
    """
    with locks.lock("dbt build"):
        unsettled = [
            as_of
            for as_of, labels_known_at in features.built(population).items()
            if as_of not in as_ofs and _is_unsettled(as_of, config, labels_known_at, known_at)
        ]
        built = builder.build(
            f"+{config.feature_model} +{config.label_model}",
            {
                "as_ofs": [as_of.isoformat() for as_of in as_ofs],
                "label_as_ofs": [as_of.isoformat() for as_of in unsettled],
                "known_at": known_at.isoformat(),
                **config.label_variables,
            },
        )
        contract = builder.contract(config.feature_model)
        rows = features.record_build(
            population,
            as_ofs=as_ofs,
            contract=contract,
            label_as_ofs=unsettled,
            known_at=known_at,
        )
        _renew(population, built, contract, max(as_ofs), functions)

    empty = sorted(str(as_of) for as_of, count in rows.items() if count == 0)
    if empty:
        raise FeaturesMissing(
            f"{population} has no customer on {len(empty)} of {len(rows)} dates: {empty[0]} …",
            next_step="churn gate sources, or choose dates the raw tables cover",
        )
    log.info("features_built", population=population, dates=len(rows), rows=sum(rows.values()))

    return FeatureReport(rows, contract)


def _renew(
    population: str,
    built: Built,
    contract: FeatureContract,
    as_of: date,
    functions: NowFunctions,
) -> None:
    """Make what asks features of one customer; where it cannot be made, say so and go on."""
    if contract.table not in built.compiled:
        return
    try:
        functions.renew(population, built.compiled[contract.table], contract, as_of)
    except NotAskedNow as error:
        log.warning(
            "not_asked_now", population=population, reason=error.message, next=error.next_step
        )


def _is_unsettled(as_of: date, config: Population, labels_known_at: date, known_at: date) -> bool:
    """Tell whether labels are due by *known_at* and were last built before they had settled."""
    due = as_of + timedelta(days=config.gap_days + config.horizon_days)

    return due <= known_at and labels_known_at < min(known_at, due + timedelta(days=SETTLING_DAYS))
