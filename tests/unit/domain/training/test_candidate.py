"""Candidates, and which of them is kept."""

import numpy as np
import pytest

from pipelines.domain.training.candidate import Candidate, Trial, mean_auc, simplest
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.folds import Fold

ROWS = 4000
HALVES = (np.arange(ROWS // 2), np.arange(ROWS // 2, ROWS))
FOLDS = [Fold(HALVES[0], HALVES[1]), Fold(HALVES[1], HALVES[0])]
RANDOM = np.random.default_rng(1)
ODDS = RANDOM.normal(-1, 1.5, ROWS)
IS_CHURNED = RANDOM.random(ROWS) < 1 / (1 + np.exp(-ODDS))


def _candidate(family: str, noise: float) -> Candidate:
    """Return one that knows the odds up to some noise."""
    margins = ODDS + noise * np.random.default_rng(2).normal(size=ROWS)
    trial = Trial({"noise": noise}, mean_auc(IS_CHURNED, margins, FOLDS))

    return Candidate(family, margins, (Trial({}, 0.5), trial))


def _kept(*candidates: Candidate) -> str:
    return simplest(candidates, IS_CHURNED, FOLDS, resamples=50, seed=1).family


def test_margins_of_two_models_are_not_ranked_together() -> None:
    """One that says everything ten higher ranks its own rows as before."""
    shifted = ODDS + 10 * (np.arange(ROWS) < ROWS // 2)

    assert mean_auc(IS_CHURNED, ODDS, FOLDS) == mean_auc(IS_CHURNED, shifted, FOLDS)
    assert auc(IS_CHURNED, shifted) < mean_auc(IS_CHURNED, shifted, FOLDS) - 0.1


def test_a_fold_in_which_nobody_left_ranks_nobody() -> None:
    """It does not count, and where none does a model is as good as chance."""
    nobody = IS_CHURNED.copy()
    nobody[HALVES[0]] = False

    assert auc(nobody[HALVES[1]], ODDS[HALVES[1]]) == mean_auc(nobody, ODDS, FOLDS)
    assert mean_auc(np.zeros(ROWS, dtype=bool), ODDS, FOLDS) == 0.5
    candidates = (_candidate("first", 0), _candidate("later", 0))
    assert "first" == simplest(candidates, nobody, FOLDS, resamples=10, seed=1).family


def test_the_best_trial_is_the_one_that_ranked_best() -> None:
    """Not the first, and not the last."""
    trials = (Trial({"depth": 1}, 0.7), Trial({"depth": 2}, 0.8), Trial({"depth": 3}, 0.75))

    assert {"depth": 2} == Candidate("trees", ODDS, trials).best.parameters


@pytest.mark.parametrize(
    ("noises", "kept"),
    [((1.0, 0.0), "later"), ((0.0, 1.0), "first"), ((0.05, 0.0), "first"), ((0.0, 0.0), "first")],
    ids=["surely better", "surely worse", "hardly better", "equal"],
)
def test_a_later_family_has_to_be_better_than_chance(
    noises: tuple[float, float], kept: str
) -> None:
    """By more than one standard error of the difference; the simplest comes first."""
    assert kept == _kept(_candidate("first", noises[0]), _candidate("later", noises[1]))


def test_of_three_the_first_that_is_as_good_as_the_best_is_kept() -> None:
    """Not the first of all."""
    candidates = (_candidate("poor", 2), _candidate("good", 0.05), _candidate("best", 0))

    assert "good" == _kept(*candidates)
