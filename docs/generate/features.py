"""The features of each population, from the YAML beside its mart."""

import tomllib

import yaml

from docs.generate.blocks import table
from pipelines.cli.model import FEATURE_COLUMNS, feature_rows
from pipelines.domain.features.contract import FeatureContract
from pipelines.settings import ROOT


def features() -> str:
    """Return a table a population of churn.toml, its features in the order a model sees them."""
    populations = tomllib.loads((ROOT / "churn.toml").read_text("utf-8"))["populations"]
    sections = []
    for name, population in populations.items():
        contract = declared(population["feature_model"])
        sections += [
            f"### The {len(contract.features)} features of {name}, `{contract.table}`",
            table(FEATURE_COLUMNS, feature_rows(contract)),
        ]

    return "\n\n".join(sections)


def declared(model: str) -> FeatureContract:
    """
    Return the contract of a mart as its YAML declares it.

    dbt's manifest says the same and takes seconds to make; a test compares the two.
    """
    (path,) = (ROOT / "dbt_project" / "models").rglob(f"{model}.yml")
    (described,) = yaml.safe_load(path.read_text("utf-8"))["models"]

    return FeatureContract.from_dict(
        {
            "table": model,
            "features": [
                {"name": column["name"], **column["config"]["meta"]["feature"]}
                for column in described["columns"]
                if "feature" in column.get("config", {}).get("meta", {})
            ],
        }
    )
