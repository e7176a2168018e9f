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
