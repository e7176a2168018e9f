"""Shapley values of trees."""

import json

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from woodelf import WoodelfExplainer
from woodelf.core.cube_metric import ShapleyValues
from woodelf.core.path_to_s_vectors.woodelf_p2s import HighDepthWoodelfPathToSVectors

from pipelines.adapters.models.families.xgboost import BoostedTrees
from pipelines.adapters.models.shapley import ROWS_AT_ONCE, ShapleyOfTrees, ensemble_of
from pipelines.domain.arrays import Matrix

WIDTH = 6


def booster(matrix: Matrix, depth: int, rounds: int = 12) -> xgb.Booster:
    """Fit trees in whose ways features come again, and that have seen gaps."""
    random = np.random.default_rng(2)
    odds = np.nan_to_num(matrix[:, 0]) * np.nan_to_num(matrix[:, 1]) - 0.5 * (matrix[:, 2] > 1)
    is_churned = random.random(len(matrix)) < 1 / (1 + np.exp(-odds))
    told = {"max_depth": depth, "objective": "binary:logistic", "nthread": 1, "seed": 1}

    return xgb.train(told, xgb.DMatrix(matrix, is_churned), rounds)


def rows(count: int) -> Matrix:
    """Draw numbers, of which some are the same and some are missing."""
    random = np.random.default_rng(count)
    drawn = random.normal(size=(count, WIDTH))
    drawn[:, 3] = np.round(drawn[:, 3])
    drawn[random.random(drawn.shape) < 0.1] = np.nan

    return drawn.astype(np.float32)


def splits(fitted: xgb.Booster) -> dict[int, list[float]]:
    """Return where the trees split each feature, in its own format's float32."""
    told = json.loads(fitted.save_raw("json").decode())
    found: dict[int, list[float]] = {feature: [] for feature in range(WIDTH)}
    for tree in told["learner"]["gradient_booster"]["model"]["trees"]:
        columns = (tree["split_indices"], tree["split_conditions"], tree["left_children"])
        for feature, split, left in zip(*columns, strict=True):
            if left != -1:
                found[feature].append(split)

    return found


@pytest.mark.parametrize("depth", [1, 2, 4, 5, 8])
def test_they_are_those_of_woodelf_to_the_last_bit(depth: int) -> None:
    """A night that is scored again has the reasons it had; also over the edge of a block."""
    fitted, asked = booster(rows(5000), depth), rows(ROWS_AT_ONCE + 100)
    explainer = WoodelfExplainer(fitted)
    explainer.model, explainer.model_was_loaded = ensemble_of(fitted), True
    theirs = explainer.shap_values(
        pd.DataFrame(asked),
        path_to_matrices_calculator=HighDepthWoodelfPathToSVectors(ShapleyValues(), depth),
        verbose=False,
    )

    found = ShapleyOfTrees(fitted, depth).contributions(asked)

    assert np.array_equal(theirs.astype(np.float64), found)


@pytest.mark.parametrize("depth", [1, 2, 4, 5, 8])
def test_they_are_those_of_xgboost_on_and_beside_every_split(depth: int) -> None:
    """Whoever has exactly what a split asks for is on its right, who has one step less is not."""
    fitted, asked = booster(rows(5000), depth), rows(3000)
    for feature, found in splits(fitted).items():
        at = np.array(found, dtype=np.float32)
        near = [at, *(np.nextafter(at, np.float32(to)) for to in (-np.inf, np.inf))]
        asked[:, feature] = np.resize(np.concatenate([*near, asked[:50, feature]]), len(asked))
    expected = fitted.predict(xgb.DMatrix(asked), pred_contribs=True)[:, :-1]

    for found in (
        ShapleyOfTrees(fitted, depth).contributions(asked),
        BoostedTrees(fitted, depth).contributions(asked),
    ):
        assert np.abs(expected - found).max() < 2e-5


def test_a_row_has_what_it_has_in_any_batch() -> None:
    """One alone, and none at all."""
    fitted, asked = booster(rows(5000), 4), rows(300)
    explains = ShapleyOfTrees(fitted, 4)

    assert np.array_equal(explains.contributions(asked)[7:8], explains.contributions(asked[7:8]))
    assert (0, WIDTH) == explains.contributions(asked[:0]).shape


@pytest.mark.parametrize("kept_bytes", [0, 1 << 14])
def test_what_does_not_fit_is_worked_out_again(kept_bytes: int) -> None:
    """For each batch, a few trees at a time, to the last bit; over the edge of a block, too."""
    fitted, asked = booster(rows(5000), 8), rows(ROWS_AT_ONCE + 100)
    explains = ShapleyOfTrees(fitted, 8, kept_bytes)
    expected = ShapleyOfTrees(fitted, 8).contributions(asked)

    for _ in range(2):
        assert np.array_equal(expected, explains.contributions(asked))


def test_a_tree_that_asks_nothing_adds_nothing() -> None:
    """As those of a training whose rows are all alike."""
    matrix = np.zeros((100, WIDTH), dtype=np.float32)
    flat = xgb.train({"max_depth": 2}, xgb.DMatrix(matrix, np.arange(100) < 10), 3)

    assert not ShapleyOfTrees(flat, 2).contributions(matrix).any()


def test_trees_too_deep_for_a_pattern_are_refused() -> None:
    """Rather than told wrongly."""
    with pytest.raises(ValueError, match="9 deep"):
        ShapleyOfTrees(booster(rows(500), 9), 9)
