"""The snapshots a training takes: which of them, in which parts, and built to which contract."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from pipelines.domain.features import splits
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.errors import ContractMismatch

WEEK = 7


def divide(
    available: Mapping[date, int],
    *,
    by: Literal["time", "customer"],
    every_days: int,
    count: int,
    label_days: int,
    minimum_churners: int,
    seed: int,
) -> Split:
    """
    Choose among the *available* snapshots and divide them into parts.

    Args:
        available: How many left, by snapshot with matured labels.
        by: Whether later snapshots judge earlier ones, or some customers judge others.
        every_days: Least distance between two snapshots.
        count: How many at most.
        label_days: Gap and horizon together, which have to lie between learning and test.
        minimum_churners: Of each part.
        seed: Seed of the division of customers.

    Raises:
        NotEnoughLabels: There are too few snapshots for the division.
    """
    chosen = splits.choose_snapshots(
        [*available],
        every_days=every_days,
        count=count,
        label_days=label_days if by == "time" else 0,
    )
    if by == "customer":
        return splits.by_customer(chosen, seed=seed)

    return splits.by_time(
        chosen,
        label_days=label_days,
        seed=seed,
        churners=available,
        minimum_churners=minimum_churners,
    )


def wanted(
    latest: date,
    *,
    every_days: int,
    count: int,
    label_days: int,
    by: Literal["time", "customer"] = "time",
    on: Sequence[date] | None = None,
) -> list[date]:
    """
    Return the snapshots a training would take if they were built, ascending.

    Args:
        latest: The last day whose labels have matured.
        every_days: As of `divide`, as the others are.
        count: How many at most.
        label_days: Gap and horizon together.
        by: What divides them.
        on: The only days there are; None takes any.
    """
    if on is None:
        return [latest - timedelta(days=every_days * back) for back in range(count)][::-1]

    return splits.choose_snapshots(
        [day for day in on if day <= latest],
        every_days=every_days,
        count=count,
        label_days=label_days if by == "time" else 0,
    )


def week_before(as_of: date) -> list[date]:
    """Return the seven days before a training: those of each weekday that drift compares with."""
    return [as_of - timedelta(days=back) for back in range(WEEK, 0, -1)]


def replayed(snapshots: Sequence[date], as_of: date) -> date:
    """
    Return the snapshot whose features are built again this week: each in turn, the latest first.

    One costs a build of the features. What knows the future in one of them often does in all, but
    rows that came late, or were changed in their source, are in some.

    Args:
        snapshots: Those a training learns from, at least one.
        as_of: The date of the training; all of a week, from Monday on, give the same place.
    """
    week = (as_of.toordinal() - 1) // WEEK

    return sorted(snapshots, reverse=True)[week % len(snapshots)]


def shared_contract(contracts: Mapping[date, FeatureContract], population: str) -> FeatureContract:
    """
    Return the contract of the latest snapshot, which must be that of all others.

    Args:
        contracts: What each snapshot was built to, at least one.
        population: Name of the population, for the command that builds them again.

    Raises:
        ContractMismatch: Some were built to another one.
    """
    shared = contracts[max(contracts)]
    others = sorted(
        day for day, contract in contracts.items() if contract.fingerprint != shared.fingerprint
    )
    if others:
        raise ContractMismatch(
            f"{len(others)} of {len(contracts)} snapshots were built to another contract "
            f"than {shared.fingerprint}: {', '.join(map(str, others))}",
            next_step=f"churn backfill --population {population} --from {others[0]} "
            f"--to {others[-1]} --every DAYS --as-of DATE",
        )

    return shared


def require_declared(
    shared: FeatureContract,
    declared: FeatureContract,
    snapshots: Sequence[date],
    *,
    population: str,
    as_of: date,
) -> None:
    """
    Refuse snapshots that were built before the features changed, all of them alike.

    Args:
        shared: What they were built to.
        declared: What the project declares now.
        snapshots: Their dates, at least one.
        population: Its name in churn.toml.
        as_of: The date of the training.

    Raises:
        ContractMismatch: They lack features, or have others.
    """
    if shared.fingerprint == declared.fingerprint:
        return
    lacking = sorted(set(declared.columns) - set(shared.columns))
    gone = sorted(set(shared.columns) - set(declared.columns))
    differing = [f"lack {', '.join(lacking)}"] if lacking else []
    differing += [f"have {', '.join(gone)}, which is gone"] if gone else []
    raise ContractMismatch(
        f"{len(snapshots)} snapshots, {min(snapshots)} to {max(snapshots)}, were built before the "
        f"features changed: they {' and '.join(differing or ['declare some otherwise'])}",
        next_step=f"churn backfill --population {population} --as-of {as_of}",
    )
