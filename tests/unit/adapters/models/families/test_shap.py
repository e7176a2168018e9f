"""Contributions beside those of the library shap, where somebody has it: we need it for nothing."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import xgboost as xgb

from pipelines.adapters.models.families import logistic
from pipelines.adapters.models.families import xgboost as boosted_trees
from pipelines.domain.arrays import Flags, Matrix
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode

shap = pytest.importorskip("shap", reason="the library shap is not installed")

ROWS = 3000
TOLD = 400


@pytest.fixture(scope="module")
def rows(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> tuple[Matrix, Flags]:
    """Made-up customers, encoded."""
    table = made_up_customers([date(2026, 1, 1)], rows=ROWS)

    return encode(table, made_up_contract).matrix, table["is_churned"].to_numpy(
        zero_copy_only=False
    ).astype(bool)


@pytest.mark.parametrize("depth", [2, 4, 8])
def test_trees_are_explained_as_shap_explains_them(
    rows: tuple[Matrix, Flags], made_up_contract: FeatureContract, depth: int
) -> None:
    """Contributions and base, whether or not what leaves add is kept."""
    fitted = boosted_trees.fit(
        *rows,
        parameters={**boosted_trees.DEFAULTS, "max_depth": depth, "rounds": 60},
        contract=made_up_contract,
        seed=1,
    )
    booster = xgb.Booster()
    booster.load_model(bytearray(fitted.weights))
    explainer = shap.TreeExplainer(booster)
    matrix = rows[0][:TOLD]

    np.testing.assert_allclose(
        explainer.shap_values(matrix), fitted.predictor.contributions(matrix), atol=1e-5, rtol=0
    )
    assert float(explainer.expected_value) == pytest.approx(fitted.predictor.base, abs=1e-5)


def test_a_regression_is_explained_as_shap_explains_it(
    rows: tuple[Matrix, Flags], made_up_contract: FeatureContract
) -> None:
    """Its inputs are explained one by one, and added up by feature."""
    matrix, is_churned = rows
    fitted = logistic.fit(
        matrix, is_churned, parameters=logistic.DEFAULTS, contract=made_up_contract, seed=1
    )
    regression = logistic.read(fitted.weights, made_up_contract)
    inputs = np.column_stack([column.standardised(matrix) for column in regression.columns])
    coefficients = np.array([column.coefficient for column in regression.columns])
    explainer = shap.LinearExplainer(
        (coefficients, regression.intercept), shap.maskers.Independent(inputs, max_samples=ROWS)
    )
    expected = np.zeros((TOLD, len(made_up_contract.features)))
    for number, told in enumerate(explainer.shap_values(inputs[:TOLD]).T):
        expected[:, regression.columns[number].feature] += told

    np.testing.assert_allclose(expected, regression.contributions(matrix[:TOLD]), atol=1e-4)
    assert float(explainer.expected_value) == pytest.approx(regression.base, abs=1e-4)
