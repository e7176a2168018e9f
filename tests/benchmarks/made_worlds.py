"""Customers made up so that it is known which of two models is better, and by how much."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipelines.adapters.models.families import family_module
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.arrays import Matrix, Vector
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.training.comparison import Contest
from pipelines.domain.training.evaluation import auc

FEATURES = 8
REGIONS = 20
# What the better model knows beside it, in AUC.
BETTER_BY = 0.008
# Of the log-odds of those who leave: the mean, and what each feature weighs.
INTERCEPT, WEIGHTS = -3.2, np.array([0.7, -0.5, 0.4, 0.4, -0.3, 0.2, 0.2, 0.1])
SNAPSHOTS = 6
LEARNED, JUDGED = 15_000, 10_000
# Share of the features of a customer that is theirs, and the same in every snapshot.
LASTING = 0.7
ROUNDS = 80


@dataclass(frozen=True, slots=True)
class People:
    """
    Rows of customers.

    Attributes:
        matrix: `(n_rows, FEATURES + 1)`; the last feature is what only the better model sees.
        is_churned: `(n_rows,)`.
        region: `(n_rows,)`, one of REGIONS for each customer.
        snapshot: `(n_rows,)`.
        customer: `(n_rows,)`.
    """

    matrix: Matrix
    is_churned: np.ndarray
    region: np.ndarray
    snapshot: np.ndarray
    customer: np.ndarray


def contract(width: int) -> FeatureContract:
    """Return the contract of the first *width* features."""
    return FeatureContract(
        "made_up", tuple(Feature(f"f{number}", "numeric", "F") for number in range(width))
    )


def people(seed: int, customers: int, snapshots: int = 1) -> People:
    """Draw customers, each as often as there are snapshots."""
    random = np.random.default_rng(seed)
    own = np.tile(random.normal(size=(customers, FEATURES + 1)), (snapshots, 1))
    new = random.normal(size=own.shape)
    seen = np.sqrt(LASTING) * own + np.sqrt(1 - LASTING) * new
    rows = len(seen)

    return People(
        matrix=seen.astype(np.float32),
        is_churned=random.random(rows) < 1 / (1 + np.exp(-_odds(seen, hidden_weight()))),
        region=np.tile(random.integers(0, REGIONS, customers), snapshots),
        snapshot=np.repeat(np.arange(snapshots), customers),
        customer=np.tile(np.arange(customers), snapshots),
    )


@cache
def hidden_weight() -> float:
    """Return what the last feature has to weigh so that knowing it is worth BETTER_BY."""
    random = np.random.default_rng(1)
    seen = random.normal(size=(400_000, FEATURES + 1))
    low, high = 0.0, 1.0
    for _ in range(12):
        weight = (low + high) / 2
        odds = _odds(seen, weight)
        is_churned = random.random(len(odds)) < 1 / (1 + np.exp(-odds))
        gain = auc(is_churned, odds) - auc(is_churned, _odds(seen, 0.0))
        low, high = (weight, high) if gain < BETTER_BY else (low, weight)

    return weight


def told(judged: People, *, sample: int, seed: int, width: int) -> Vector:
    """
    Return the churn probability of *judged* by a model as the product fits and calibrates it.

    Args:
        judged: Whom it has not seen.
        sample: Seed of the customers it learns from.
        seed: Seed of the fit.
        width: How many features it sees.
    """
    trainer, learned = Trainer(), people(sample, LEARNED)
    held = np.arange(LEARNED) % 5 == 0
    defaults = family_module("xgboost").DEFAULTS

    def margins(rows: np.ndarray, of: Matrix) -> Vector:
        fitted = trainer.fit(
            "xgboost",
            matrix=learned.matrix[rows, :width],
            is_churned=learned.is_churned[rows],
            parameters={**defaults, "rounds": ROUNDS},
            contract=contract(width),
            seed=seed,
        )
        return fitted.predictor.margins(of[:, :width])

    calibrator = trainer.calibrate(margins(~held, learned.matrix[held]), learned.is_churned[held])

    return calibrator.apply(margins(np.full(LEARNED, True), judged.matrix))


def contest(judged: People, champion: Vector, challenger: Vector) -> Contest:
    """Return what two models said of *judged*."""
    return Contest(
        is_churned=judged.is_churned,
        challenger=challenger,
        champion=champion,
        snapshot=judged.snapshot,
        customer=judged.customer,
        slices={f"region = {name}": judged.region == name for name in range(REGIONS)},
    )


def _odds(seen: np.ndarray, hidden: float) -> Vector:
    """Return true log-odds: with a product of two features, which a line does not know."""
    shown = seen[:, :FEATURES]

    return np.asarray(
        INTERCEPT + shown @ WEIGHTS + 0.3 * shown[:, 0] * shown[:, 1] + hidden * seen[:, FEATURES]
    )
