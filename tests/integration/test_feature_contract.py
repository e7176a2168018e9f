"""The feature contract of our project, as dbt itself reads it."""

import re
import shutil
from pathlib import Path

import pytest

from docs.generate import features
from pipelines.adapters.dbt.project import Dbt
from pipelines.domain.features.contract import FeatureContract
from pipelines.errors import DbtFailed
from pipelines.settings import ROOT, load

PROJECT = ROOT / "dbt_project"
NOWHERE = "postgresql://nobody:secret@127.0.0.1:1/none"
FAMILIES = {
    "tenure and contract",
    "price",
    "payment behaviour",
    "usage",
    "usage trend and recency",
    "support",
    "seasonality",
}


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The project, parsed without a database."""
    return Dbt(PROJECT, NOWHERE, "analytics", tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def contract(dbt: Dbt) -> FeatureContract:
    """The contract of the default population."""
    return dbt.contract(load({}).population("subscribers").feature_model)


def test_every_feature_says_what_people_need(contract: FeatureContract) -> None:
    """At least 60 features, each with title, family, theme, owner, and a unit if it is a number."""
    assert len(contract.features) >= 60
    assert {feature.family for feature in contract.features} == FAMILIES
    assert [] == [
        feature.name
        for feature in contract.features
        if not (feature.title and feature.owner and feature.theme)
        or bool(feature.unit) != (feature.kind == "numeric")
    ]


def test_titles_are_those_of_one_feature_each(contract: FeatureContract) -> None:
    """A reason names one feature: no two share a title."""
    titles = [feature.title for feature in contract.features]

    assert len(set(titles)) == len(titles)


def test_names_carry_kind_and_window(contract: FeatureContract) -> None:
    """Booleans are is_ or has_, others are not, and a title says the window that the name has."""
    assert len(contract.features) >= 60
    for feature in contract.features:
        is_named_boolean = feature.name.startswith(("is_", "has_"))
        assert is_named_boolean == (feature.kind == "boolean"), feature.name
        window = re.search(r"_(\d+)d(_|$)", feature.name)
        if window and window[1] in {"90", "180", "365"} and " vs " not in feature.title:
            assert f"{window[1]} days" in feature.title, feature.name


def test_no_personal_data_is_a_feature(contract: FeatureContract) -> None:
    """Name, e-mail and date of birth are no inputs."""
    assert contract.names
    assert not {"full_name", "email", "birth_year"} & set(contract.names)


def test_what_the_calendar_moves_is_not_watched_for_drift(contract: FeatureContract) -> None:
    """Seasonality drifts by itself, every month."""
    calendar = [feature for feature in contract.features if feature.family == "seasonality"]

    assert calendar
    assert not any(feature.watch_drift for feature in calendar)


def test_contract_of_a_model_without_features_is_refused(dbt: Dbt) -> None:
    """The message names the models that do declare features."""
    with pytest.raises(DbtFailed, match=r"fct_churn_labels declares no feature.*fct_customer"):
        dbt.contract("fct_churn_labels")


def test_a_project_that_does_not_parse_is_named(tmp_path: Path) -> None:
    """The message holds dbt's reason, and never the password."""
    project = shutil.copytree(PROJECT, tmp_path / "project")
    model = project / "models/subscribers/staging/stg_churn__customers.sql"
    model.write_text("select * from {{ ref('nowhere_secret') }}")

    with pytest.raises(DbtFailed, match="nowhere") as caught:
        Dbt(project, NOWHERE, "analytics", tmp_path).contract("fct_customer_features")
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("population", load({}).populations)
def test_the_generated_page_has_the_contract_dbt_reads(dbt: Dbt, population: str) -> None:
    """docs/features.md is made from the YAML alone, and that says what dbt's manifest says."""
    model = load({}).population(population).feature_model

    assert dbt.contract(model) == features.declared(model)
