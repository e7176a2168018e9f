"""Logistic regression scored without scikit-learn."""

import json
from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.adapters.models.families import logistic
from pipelines.domain.arrays import Flags, Matrix
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.training.package import Fitted
from pipelines.errors import ArtefactDamaged


@pytest.fixture(scope="module")
def rows(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> tuple[Matrix, Flags]:
    """Made-up customers, encoded."""
    table = made_up_customers([date(2026, 1, 1)], rows=3000)

    return encode(table, made_up_contract).matrix, table["is_churned"].to_numpy(
        zero_copy_only=False
    ).astype(bool)


def _fit(matrix: Matrix, is_churned: Flags, contract: FeatureContract) -> Fitted:
    return logistic.fit(
        matrix,
        is_churned,
        parameters=logistic.DEFAULTS,
        contract=contract,
        seed=1,
    )


def test_numbers_are_scored_as_scikit_learn_scores_them(rows: tuple[Matrix, Flags]) -> None:
    """Median, scale, regress: the exported columns give the pipeline's own log-odds."""
    matrix, is_churned = rows[0][:, [0, 1, 2, 5]], rows[1]
    contract = FeatureContract(
        "fct", tuple(Feature(f"n{column}", "numeric", "N", nullable=True) for column in range(4))
    )
    pipeline = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True),
        StandardScaler(),
        LogisticRegression(solver="newton-cholesky"),
    ).fit(matrix, is_churned)

    fitted = _fit(matrix, is_churned, contract)

    np.testing.assert_allclose(
        pipeline.decision_function(matrix), fitted.predictor.margins(matrix), atol=1e-5
    )


def test_contributions_add_up(
    rows: tuple[Matrix, Flags], made_up_contract: FeatureContract
) -> None:
    """Contributions and intercept are the margin, and average to nothing."""
    fitted = _fit(*rows, made_up_contract)
    contributions = fitted.predictor.contributions(rows[0])
    intercept = json.loads(fitted.weights)["intercept"]

    np.testing.assert_allclose(
        fitted.predictor.margins(rows[0]), contributions.sum(axis=1) + intercept, atol=1e-12
    )
    np.testing.assert_allclose(0, contributions.mean(axis=0), atol=1e-6)


def test_what_is_read_scores_as_what_was_fitted(
    rows: tuple[Matrix, Flags], made_up_contract: FeatureContract
) -> None:
    """To the last bit, one row at a time or all together."""
    fitted = _fit(*rows, made_up_contract)
    read = logistic.read(fitted.weights, made_up_contract)

    expected = fitted.predictor.margins(rows[0][:100])
    np.testing.assert_array_equal(expected, read.margins(rows[0][:100]))
    np.testing.assert_array_equal(
        expected, np.concatenate([read.margins(rows[0][row : row + 1]) for row in range(100)])
    )


def test_an_unknown_level_is_the_level_of_nobody(
    rows: tuple[Matrix, Flags], made_up_contract: FeatureContract
) -> None:
    """It scores, as a customer whose plan is not known."""
    fitted = _fit(*rows, made_up_contract)
    unknown = rows[0][:5].copy()
    unknown[:, 4] = np.nan

    assert np.isfinite(fitted.predictor.margins(unknown)).all()


def test_a_wild_value_does_not_carry_a_score_away(
    rows: tuple[Matrix, Flags], made_up_contract: FeatureContract
) -> None:
    """Ten standard deviations out is as far as a million."""
    predictor = _fit(*rows, made_up_contract).predictor
    wild = rows[0][:2].copy()
    wild[0, 0], wild[1, 0] = 1e3, 1e9
    wild[1, 1:] = wild[0, 1:]

    first, second = predictor.margins(wild)
    assert first == second


@pytest.mark.parametrize(
    "weights", [b"not json", b'{"intercept": 1}', b'{"intercept": 1, "columns": [{"level": 1}]}']
)
def test_what_is_not_a_regression_is_refused(
    weights: bytes, made_up_contract: FeatureContract
) -> None:
    """Without a guess."""
    with pytest.raises(ArtefactDamaged, match="not a regression"):
        logistic.read(weights, made_up_contract)
