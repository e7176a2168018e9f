"""Feature contracts as the dbt manifest declares them, kept until the project changes."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.adapters.dbt import parsed
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import ContractMismatch

KEY = ("as_of", "customer_id")


def read(manifest: Path) -> dict[str, FeatureContract]:
    """
    Return the contract of every model of *manifest* that declares features.

    Raises:
        ContractMismatch: Such a model has a column that is no key, feature or attribute, or two of
            them.
    """
    nodes = json.loads(manifest.read_text("utf-8"))["nodes"].values()
    contracts = (_contract(node) for node in nodes if node["resource_type"] == "model")

    return {contract.table: contract for contract in contracts if contract is not None}


def remember(manifest: Path, project_dir: Path, state: Path) -> dict[str, FeatureContract]:
    """Read *manifest* and keep its contracts in *state*, in the place of those kept before."""
    contracts = read(manifest)
    path = _path(project_dir, state)
    if not path.exists():
        for other in state.glob("contracts-*.json"):
            other.unlink(missing_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps([contract.to_dict() for contract in contracts.values()]))
        partial.replace(path)

    return contracts


def recall(project_dir: Path, state: Path) -> Mapping[str, FeatureContract] | None:
    """Return what was remembered of *project_dir* as it is now, or None."""
    path = _path(project_dir, state)
    if not path.exists():
        return None
    contracts = [FeatureContract.from_dict(item) for item in json.loads(path.read_text("utf-8"))]

    return {contract.table: contract for contract in contracts}


def _path(project_dir: Path, state: Path) -> Path:
    """Name the file of *project_dir* by what it says."""
    return state / f"contracts-{parsed.project_digest(project_dir)}.json"


def _contract(node: Mapping[str, Any]) -> FeatureContract | None:
    """Return the contract of one model, None where it declares no feature."""
    features, attributes = (_declared(node, kind) for kind in ("feature", "attribute"))
    if not features:
        return None
    counted = Counter([*KEY, *features, *attributes])
    if wrong := sorted(name for name in node["columns"] if counted[name] != 1):
        raise ContractMismatch(
            f"{node['name']}: {len(wrong)} column(s) are not one of key, feature and attribute: "
            f"{', '.join(wrong)}",
            next_step="add config.meta.feature, or config.meta.attribute for what no model is to "
            f"see, to {node['patch_path'] or 'its YAML'}",
        )

    return FeatureContract.from_dict(
        {
            "table": node["name"],
            "features": [*features.values()],
            "attributes": [*attributes.values()],
        }
    )


def _declared(node: Mapping[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Return what is declared of the columns that are a feature, or an attribute, by name."""
    found = {}
    for name, column in node["columns"].items():
        if item := column.get("config", {}).get("meta", {}).get(kind):
            found[name] = {"name": name, **item}

    return found
