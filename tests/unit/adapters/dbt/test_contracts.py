"""The feature contract, from the YAML beside a model to our own words."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipelines.adapters.dbt import contracts as feature_contract
from pipelines.errors import ContractMismatch
from pipelines.settings import ROOT

PROJECT = ROOT / "dbt_project"


def declared_as(told: dict[str, Any]) -> dict[str, Any]:
    """What a column says of itself: as a feature, unless it says as what."""
    return told if {"feature", "attribute"} & set(told) else {"feature": told}


def manifest(folder: Path, *, columns: dict[str, Any]) -> Path:
    """A manifest of one model."""
    path = folder / "manifest.json"
    node = {
        "resource_type": "model",
        "name": "fct",
        "patch_path": "fct.yml",
        "columns": {
            name: {"config": {"meta": declared_as(feature) if feature else {}}}
            for name, feature in columns.items()
        },
    }
    path.write_text(json.dumps({"nodes": {"model.churn.fct": node}}))

    return path


def test_contract_follows_the_project(tmp_path: Path) -> None:
    """What was remembered of a project is forgotten once a file of it changes."""
    project = shutil.copytree(PROJECT, tmp_path / "project")
    features = {"as_of": None, "customer_id": None, "age": {"kind": "numeric", "title": "Age"}}
    contracts = feature_contract.remember(manifest(tmp_path, columns=features), project, tmp_path)

    assert ("age",) == contracts["fct"].names
    assert contracts == feature_contract.recall(project, tmp_path)
    with (project / "models/subscribers/marts/fct_customer_features.yml").open("a") as handle:
        handle.write("# changed\n")
    assert feature_contract.recall(project, tmp_path) is None


def test_a_column_that_is_no_feature_is_refused(tmp_path: Path) -> None:
    """A mart holds its key and features, nothing a model would not see."""
    columns = {"as_of": None, "age": {"kind": "numeric", "title": "Age"}, "email": None}

    with pytest.raises(ContractMismatch, match=r"1 column.*email"):
        feature_contract.read(manifest(tmp_path, columns=columns))


def test_a_column_no_model_sees_is_an_attribute(tmp_path: Path) -> None:
    """It is remembered with the features; one that is both is refused."""
    told = {"kind": "categorical", "title": "Gender"}
    age = {"kind": "numeric", "title": "Age"}
    columns = {"as_of": None, "age": age, "gender": {"attribute": told}}
    project = shutil.copytree(PROJECT, tmp_path / "project")
    found = feature_contract.remember(manifest(tmp_path, columns=columns), project, tmp_path)

    assert ("age", "gender") == found["fct"].columns
    assert ("age",) == found["fct"].names
    assert found == feature_contract.recall(project, tmp_path)
    columns["age"] = {"attribute": age, "feature": age}
    with pytest.raises(ContractMismatch, match=r"1 column.* not one of .*: age"):
        feature_contract.read(manifest(tmp_path, columns=columns))
