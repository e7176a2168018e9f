"""What a feature may be declared as."""

from dataclasses import replace

import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.errors import ContractMismatch

FEE = Feature("fee_eur", "numeric", "Fee", unit="EUR", theme="price")
PLAN = Feature("plan", "categorical", "Plan", levels=("basic", "pro"))
CONTRACT = FeatureContract("fct", (FEE, PLAN))


def test_words_are_no_inputs() -> None:
    """Theme, title and unit may change under a model that is champion."""
    said = replace(FEE, theme="money", title="Monthly fee", unit="EUR a month")
    other = replace(CONTRACT, features=(said, PLAN))

    assert CONTRACT.fingerprint == other.fingerprint
    assert other.provides(CONTRACT)
    assert ("money", "plan") == other.themes


def test_a_contract_beside_another_has_what_it_lacks() -> None:
    """Its own features stay first, as it declares them."""
    age = Feature("age", "numeric", "Age")
    other = FeatureContract("fct", (age, replace(FEE, title="Another")))

    assert (FEE, PLAN, age) == CONTRACT.and_of(other).features


@pytest.mark.parametrize("theme", [True, 7, ["price"], "two\nlines", None])
def test_a_theme_that_is_no_word_is_refused(theme: object) -> None:
    """As YAML reads `yes` and `7`."""
    told = {"name": "fee_eur", "kind": "numeric", "title": "Fee", "theme": theme}

    with pytest.raises(ContractMismatch, match=r"'fee_eur': theme is .* a word or two"):
        FeatureContract.from_dict({"table": "fct", "features": [told]})


def test_what_no_model_sees_is_no_input() -> None:
    """A model goes on reading what is built with it; without one nothing is as it was not."""
    gender = Feature("gender", "categorical", "Gender")
    other = replace(CONTRACT, attributes=(gender,))
    titled = replace(CONTRACT, attributes=(replace(gender, title="As they told it"),))

    assert CONTRACT.provides(other)
    assert other.provides(CONTRACT)
    assert CONTRACT.fingerprint != other.fingerprint == titled.fingerprint
    assert (("fee_eur", "plan"), ("fee_eur", "plan", "gender")) == (other.names, other.columns)
    assert [{"name": "gender", "kind": "categorical", "title": "Gender"}] == (
        other.to_dict()["attributes"]
    )
    assert other == FeatureContract.from_dict(other.to_dict())
    assert "attributes" not in CONTRACT.to_dict()


@pytest.mark.parametrize(
    "told",
    [
        {"name": "gender", "kind": "text", "title": "Gender"},
        {"name": "gender", "kind": "categorical"},
        {"name": "gender", "kind": "categorical", "title": "Gender", "levels": ["f", "m"]},
    ],
)
def test_an_attribute_says_its_kind_and_title(told: dict[str, object]) -> None:
    """Nothing else: there is no model whose codes levels would be."""
    with pytest.raises(
        ContractMismatch, match=r"'gender' has .* takes a title and a kind: numeric"
    ):
        FeatureContract.from_dict({"table": "fct", "features": [], "attributes": [told]})
