"""The snapshots a training takes: which, in which parts, and to which contract they were built."""

from datetime import date

from pipelines.domain.features import splits
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.ports.features import FeatureStore
from pipelines.errors import ContractMismatch
from pipelines.sections import Population


def divided(available: list[date], rules: Population, seed: int) -> Split:
    """Choose among the *available* snapshots and divide them as churn.toml says."""
    label_days = rules.gap_days + rules.horizon_days
    is_by_customer = rules.split == "customer"
    chosen = splits.choose_snapshots(
        available,
        every_days=rules.snapshot_every_days,
        count=rules.snapshots,
        label_days=0 if is_by_customer else label_days,
    )
    if is_by_customer:
        return splits.by_customer(chosen, seed=seed)

    return splits.by_time(chosen, label_days=label_days, seed=seed)


def shared_contract(features: FeatureStore, population: str, split: Split) -> FeatureContract:
    """
    Return the contract of the latest snapshot, which must be that of all others.

    Raises:
        ContractMismatch: Some were built to another one.
    """
    contract = features.contract(population, max(split.snapshots))
    others = [
        day
        for day in split.snapshots
        if features.contract(population, day).fingerprint != contract.fingerprint
    ]
    if others:
        raise ContractMismatch(
            f"{len(others)} of {len(split.snapshots)} snapshots were built to another contract "
            f"than {contract.fingerprint}: {', '.join(map(str, others))}",
            next_step=f"churn backfill --population {population} --from {others[0]} "
            f"--to {others[-1]} --every DAYS --as-of DATE",
        )

    return contract
