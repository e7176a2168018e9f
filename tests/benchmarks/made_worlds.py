"""Customers made up so that it is known which of two models is better, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from pipelines.adapters.models.families import family_module
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.scoring.predictor import Predictor
from pipelines.domain.training.comparison import Contest
from pipelines.domain.training.evaluation import auc

FEATURES = 8
REGIONS = 20
# What the better model gains by what it knows beside it, in AUC; a model of the finite rows it
# learns from gains about as much less than one that knows the weights.
BETTER_BY, LOST_IN_LEARNING = 0.008, 0.002
# Of the log-odds of those who leave: the mean, and what each feature weighs.
INTERCEPT, WEIGHTS = -3.2, np.array([0.7, -0.5, 0.4, 0.4, -0.3, 0.2, 0.2, 0.1])
SNAPSHOTS = 6
LEARNED, JUDGED = 15_000, 10_000
# Share of the features of a customer that is theirs, and the same in every snapshot.
LASTING = 0.7
ROUNDS, FOLDS = 80, 5


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
        low, high = (weight, high) if gain < BETTER_BY + LOST_IN_LEARNING else (low, weight)

    return weight


def told(on: Sequence[Matrix], *, sample: int, seed: int, width: int) -> list[Vector]:
    """
    Return churn probabilities by a model as the product fits and calibrates it.

    Args:
        on: `(n_rows, FEATURES + 1)` each, of whom it has not seen.
        sample: Seed of the customers it learns from.
        seed: Seed of the fit.
        width: How many features it sees.
    """
    trainer, learned = Trainer(), people(sample, LEARNED)
    parameters = {**family_module("xgboost").DEFAULTS, "rounds": ROUNDS}
    fold = np.random.default_rng(sample).integers(0, FOLDS, LEARNED)

    def fitted(rows: Flags) -> Predictor:
        return trainer.fit(
            "xgboost",
            matrix=learned.matrix[rows, :width],
            is_churned=learned.is_churned[rows],
            customer_ids=pa.array(np.flatnonzero(rows)).cast(pa.string()),
            parameters=parameters,
            contract=contract(width),
            seed=seed,
        ).predictor

    unseen = np.empty(LEARNED)
    for number in range(FOLDS):
        held = fold == number
        unseen[held] = fitted(~held).margins(learned.matrix[held, :width])
    calibrator = trainer.calibrate(unseen, learned.is_churned)
    served = fitted(np.full(LEARNED, True))

    return [calibrator.apply(served.margins(matrix[:, :width])) for matrix in on]


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
