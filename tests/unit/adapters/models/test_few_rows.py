"""Predictors for a few rows at a time say what those of the night say."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.models import few_rows
from pipelines.adapters.models.families import logistic
from pipelines.adapters.models.families import xgboost as boosted_trees
from pipelines.adapters.models.few_rows import FewTrees, for_few
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.arrays import Matrix
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.predictor import CrossFitted, OfEffects
from pipelines.testing.contracts.models.customers import customers as asked_customers
from pipelines.testing.contracts.models.customers import package_of

SPLIT = Split((date(2026, 1, 1),), (date(2026, 1, 1),), 1)
ROWS = 3000


@pytest.fixture(scope="module")
def customers(made_up_customers: Callable[..., pa.Table]) -> pa.Table:
    """Features of few distinct values, so that many lie exactly on a split, some of them NaN."""
    return made_up_customers([date(2026, 1, 1)], rows=ROWS)


@pytest.fixture(scope="module")
def matrix(customers: pa.Table, made_up_contract: FeatureContract) -> Matrix:
    """Their matrix."""
    return encode(customers, made_up_contract).matrix


@pytest.fixture(scope="module")
def trees(customers: pa.Table, matrix: Matrix, made_up_contract: FeatureContract) -> CrossFitted:
    """Two boosters, of which each customer is told by one."""
    is_churned = customers["is_churned"].to_numpy(zero_copy_only=False).astype(bool)
    fitted = [
        boosted_trees.fit(
            matrix,
            is_churned,
            parameters={**boosted_trees.DEFAULTS, "rounds": 60},
            contract=made_up_contract,
            seed=seed,
        ).predictor
        for seed in range(6)
    ]

    return CrossFitted(fitted[0], SPLIT, tuple(fitted[1:]))


def test_margins_are_the_nights_in_every_bit(
    trees: CrossFitted, matrix: Matrix, customers: pa.Table
) -> None:
    """Row by row, some together and all of them: whatever is asked for at once."""
    ids, few = customers["customer_id"], for_few(trees)
    expected = trees.margins(matrix, ids)
    single = [few.margins(matrix[[row]], ids.slice(row, 1)) for row in range(200)]

    assert isinstance(few.served, FewTrees)
    assert expected[:200].tobytes() == np.concatenate(single).tobytes()
    assert expected[:77].tobytes() == few.margins(matrix[:77], ids.slice(0, 77)).tobytes()
    assert expected.tobytes() == few.margins(matrix, ids).tobytes()
    assert (0,) == few.margins(matrix[:0], ids.slice(0, 0)).shape


def test_contributions_are_the_nights_to_six_digits(
    trees: CrossFitted, matrix: Matrix, customers: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By either engine; a batch that is large is explained as the night does it."""
    ids, few = customers["customer_id"], for_few(trees)
    expected = trees.contributions(matrix, ids)

    np.testing.assert_allclose(few.contributions(matrix, ids), expected, atol=5e-6)
    np.testing.assert_array_equal(few.bases(matrix, ids), trees.bases(matrix, ids))
    assert matrix[:0].shape == few.contributions(matrix[:0], ids.slice(0, 0)).shape
    monkeypatch.setattr(few_rows, "FEW", 1)
    assert few.contributions(matrix, ids).tobytes() == expected.tobytes()


def test_another_family_stays_as_it_is(
    customers: pa.Table, matrix: Matrix, made_up_contract: FeatureContract
) -> None:
    """It has nothing that is slow for few."""
    fitted = logistic.fit(
        matrix,
        customers["is_churned"].to_numpy(zero_copy_only=False).astype(bool),
        parameters=logistic.DEFAULTS,
        contract=made_up_contract,
        seed=1,
    )
    predictors = CrossFitted(fitted.predictor, SPLIT)

    assert predictors == for_few(predictors)


def test_a_category_with_many_levels_is_told_by_its_effects() -> None:
    """For one row on the way of few, for many as by night; what they add is exact as well."""
    package = package_of(Trainer(), population="subscribers", family="xgboost")
    few = for_few(CrossFitted(package.fitted.predictor, SPLIT)).served
    asked = encode(asked_customers(2 * few_rows.FEW, seed=3), package.spec.contract).matrix

    assert isinstance(few, OfEffects)
    assert isinstance(few.predictor, FewTrees)
    for rows in (asked[:1], asked[:200], asked):
        np.testing.assert_array_equal(package.fitted.predictor.margins(rows), few.margins(rows))
        np.testing.assert_allclose(
            few.margins(rows), few.base + few.contributions(rows).sum(axis=1), atol=1e-4
        )
