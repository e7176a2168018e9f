"""XGBoost as a predictor."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import xgboost as xgb

from pipelines.adapters.models.families import xgboost as boosted_trees
from pipelines.domain.arrays import Flags, Matrix
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.package import Fitted
from pipelines.errors import ArtefactDamaged


@pytest.fixture(scope="module")
def rows(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> tuple[Matrix, Flags]:
    """Features of few distinct values, so that many lie exactly on a split, some of them NaN."""
    table = made_up_customers([date(2026, 1, 1)], rows=6000)

    return encode(table, made_up_contract).matrix, table["is_churned"].to_numpy(
        zero_copy_only=False
    ).astype(bool)


def _fit(
    rows: tuple[Matrix, Flags], contract: FeatureContract, seed: int = 1, **tuned: int
) -> Fitted:
    matrix, is_churned = rows
    return boosted_trees.fit(
        matrix[:4000],
        is_churned[:4000],
        parameters={**boosted_trees.DEFAULTS, "rounds": 80, **tuned},
        contract=contract,
        seed=seed,
    )


@pytest.fixture(scope="module")
def fitted(rows: tuple[Matrix, Flags], made_up_contract: FeatureContract) -> Fitted:
    """A model of the first 4,000 rows."""
    return _fit(rows, made_up_contract)


def test_reasons_are_exact(fitted: Fitted, rows: tuple[Matrix, Flags]) -> None:
    """Woodelf's contributions are XGBoost's own, NaN and values on a split included."""
    matrix = rows[0][4000:]
    assert np.isnan(matrix).any()
    booster = xgb.Booster()
    booster.load_model(bytearray(fitted.weights))

    expected = booster.predict(xgb.DMatrix(matrix), pred_contribs=True)

    np.testing.assert_allclose(
        expected[:, :-1], fitted.predictor.contributions(matrix), atol=2e-5, rtol=0
    )
    np.testing.assert_allclose(
        expected.sum(axis=1), fitted.predictor.margins(matrix), atol=2e-5, rtol=0
    )


@pytest.mark.parametrize("depth", [2, 8])
def test_base_and_reasons_are_exact_however_deep(
    rows: tuple[Matrix, Flags], made_up_contract: FeatureContract, depth: int
) -> None:
    """Twice alike, too: what is kept is what was worked out."""
    predictor = _fit(rows, made_up_contract, max_depth=depth).predictor
    matrix = rows[0][4000:]
    first, again = (predictor.contributions(matrix) for _ in range(2))

    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(
        predictor.margins(matrix), predictor.base + first.sum(axis=1), atol=2e-5, rtol=0
    )


def test_reasons_print_nothing(
    fitted: Fitted, rows: tuple[Matrix, Flags], capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither progress nor timings."""
    fitted.predictor.contributions(rows[0][:50])

    assert ("", "") == capfd.readouterr()


def test_a_row_does_not_depend_on_its_batch(fitted: Fitted, rows: tuple[Matrix, Flags]) -> None:
    """Margins and contributions are the same to the last bit, one at a time or together."""
    matrix = rows[0][4000:4300]
    pieces = [matrix[start : start + 1] for start in range(0, 300, 50)]

    for method in (fitted.predictor.margins, fitted.predictor.contributions):
        np.testing.assert_array_equal(
            method(matrix)[::50], np.concatenate([method(piece) for piece in pieces])
        )


def test_the_same_rows_give_the_same_bytes(
    fitted: Fitted, rows: tuple[Matrix, Flags], made_up_contract: FeatureContract
) -> None:
    """With another seed they do not."""
    assert fitted.weights == _fit(rows, made_up_contract).weights
    assert fitted.weights != _fit(rows, made_up_contract, seed=2).weights


def test_it_learned_something(fitted: Fitted, rows: tuple[Matrix, Flags]) -> None:
    """It tells churners on later rows, and credits noise with next to nothing."""
    assert auc(rows[1][4000:], fitted.predictor.margins(rows[0][4000:])) > 0.75
    assert sum(fitted.importances) == pytest.approx(1)
    assert fitted.importances[-1] < 0.1


def test_nobody_is_scored_to_nothing(fitted: Fitted) -> None:
    """An empty matrix is legal."""
    empty = np.empty((0, 6), dtype=np.float32)

    assert (0,) == fitted.predictor.margins(empty).shape
    assert (0, 6) == fitted.predictor.contributions(empty).shape


def test_a_booster_of_other_features_is_refused(
    fitted: Fitted, made_up_contract: FeatureContract
) -> None:
    """One feature more in the contract, and it is not the model's."""
    wider = FeatureContract("fct", (*made_up_contract.features, made_up_contract.features[0]))

    with pytest.raises(ArtefactDamaged, match="takes 6 features, its contract has 7"):
        boosted_trees.read(fitted.weights, wider)
