"""Logistic regression: fitted by scikit-learn, scored in numpy from a list of columns."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.training.candidate import Between, Parameters
from pipelines.domain.training.folds import Fold
from pipelines.domain.training.package import Fitted
from pipelines.errors import ArtefactDamaged

FILE = "coefficients.json"

SOLVER = "newton-cholesky"
DEFAULTS: Parameters = {"C": 1.0}
SPACE = {"C": Between(1e-3, 10, is_log=True)}

# Inputs of five million rows take 5 GB, and tell a hundred coefficients no better than these do.
MOST_ROWS = 500_000

# A single wild record must not carry a probability to 0 or 1.
FURTHEST_SD = 8.0


@dataclass(frozen=True, slots=True)
class Term:
    """
    One input of the regression, made from one feature.

    Attributes:
        feature: Position of the feature in the contract.
        takes: Its value (NULL as the median), whether it is NULL, or whether it is one level.
        level: Code of that level; None for the others.
        fill: What stands in for NULL.
        mean: Mean over the rows fitted on.
        sd: Standard deviation over the rows fitted on.
        coefficient: Log-odds per standard deviation.
    """

    feature: int
    takes: Literal["value", "missing", "level"]
    level: int | None
    fill: float
    mean: float
    sd: float
    coefficient: float

    def standardised(self, matrix: Matrix) -> Vector:
        """Return `(n_customers,)`: distance from the mean in standard deviations."""
        raw = _raw(matrix[:, self.feature], self.takes, self.level, self.fill)

        return np.clip((raw - self.mean) / self.sd, -FURTHEST_SD, FURTHEST_SD)


@dataclass(frozen=True, slots=True)
class Logistic:
    """
    A regression as a predictor.

    Attributes:
        intercept: Log-odds where every column is at its mean.
        columns: Its inputs.
    """

    intercept: float
    columns: tuple[Term, ...]

    @property
    def base(self) -> float:
        """Log-odds of the mean customer."""
        return self.intercept

    def margins(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers,)` log-odds."""
        # Added column by column: a matrix product adds in an order that depends on the batch.
        margins = np.full(len(matrix), self.intercept)
        for column in self.columns:
            margins += column.coefficient * column.standardised(matrix)

        return margins

    def contributions(self, matrix: Matrix) -> npt.NDArray[np.float64]:
        """Return `(n_customers, n_features)`, relative to the mean customer."""
        contributions = np.zeros(matrix.shape, dtype=np.float64)
        for column in self.columns:
            contributions[:, column.feature] += column.coefficient * column.standardised(matrix)

        return contributions


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """
    Judges parameters by the rows each fold has not seen.

    Attributes:
        rows: The matrices of what a fold learns from and of what it judges.
        is_churned: `(n_customers,)`.
        folds: What each fit learns from, and what it is judged on.
        contract: Names, kinds and levels of the features, in column order.
        seed: Recorded; nothing here is random.
    """

    rows: Callable[[Fold], tuple[Matrix, Matrix]]
    is_churned: Flags
    folds: Sequence[Fold]
    contract: FeatureContract
    seed: int

    def __call__(self, parameters: Parameters) -> tuple[Vector, Parameters]:
        """
        Fit on each fold, and let it judge.

        Args:
            parameters: Keys of DEFAULTS.

        Returns:
            `(n_customers,)` log-odds, NaN where no fold judged; the parameters as they were.
        """
        margins = np.full(len(self.is_churned), np.nan)
        for fold in self.folds:
            learned, judged = self.rows(fold)
            fitted = fit(
                learned,
                self.is_churned[fold.learned],
                parameters=parameters,
                contract=self.contract,
                seed=self.seed,
            )
            margins[fold.judged] = fitted.predictor.margins(judged)

        return margins, parameters


def fit(
    matrix: Matrix,
    is_churned: Flags,
    *,
    parameters: Parameters,
    contract: FeatureContract,
    seed: int,
) -> Fitted:
    """
    Fit on all rows, or on MOST_ROWS that lie evenly among them.

    Args:
        matrix: `(n_customers, n_features)` as `encode` returns it.
        is_churned: `(n_customers,)`.
        parameters: Keys of DEFAULTS.
        contract: Names, kinds and levels of the features, in column order.
        seed: Recorded; nothing here is random.
    """
    # Imported here because scoring needs neither, and they take half a second.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415

    if len(matrix) > MOST_ROWS:
        rows = np.linspace(0, len(matrix) - 1, MOST_ROWS).astype(np.intp)
        matrix, is_churned = matrix[rows], is_churned[rows]
    columns = _columns(matrix, contract)
    inputs = np.column_stack([column.standardised(matrix) for column in columns])
    # Few columns and many rows: five Newton steps. On one thread sums are added in one order.
    model = LogisticRegression(C=float(parameters["C"]), solver=SOLVER, max_iter=200)
    with threadpool_limits(1):
        model.fit(inputs, is_churned)
    predictor = Logistic(
        float(model.intercept_[0]),
        tuple(
            Term(**{**asdict(column), "coefficient": float(coefficient)})
            for column, coefficient in zip(columns, model.coef_[0], strict=True)
        ),
    )

    return Fitted(
        family="logistic",
        predictor=predictor,
        weights=json.dumps(asdict(predictor), indent=1).encode(),
        importances=_importances(predictor, matrix),
        parameters={**parameters, "solver": SOLVER, "columns": len(columns), "seed": seed},
    )


def read(weights: bytes, contract: FeatureContract) -> Logistic:
    """
    Return the model in *weights*.

    Raises:
        ArtefactDamaged: It is not a regression on the contract's features.
    """
    try:
        data: dict[str, Any] = json.loads(weights)
        columns = tuple(Term(**column) for column in data["columns"])
        intercept = float(data["intercept"])
    except (ValueError, KeyError, TypeError) as error:
        raise ArtefactDamaged(
            f"{FILE} is not a regression: {error}", next_step="churn train"
        ) from None
    beyond = sum(not 0 <= column.feature < len(contract.features) for column in columns)
    if beyond:
        raise ArtefactDamaged(
            f"{FILE} has {beyond} columns of features its contract does not have",
            next_step="churn train",
        )

    return Logistic(intercept, columns)


def _columns(matrix: Matrix, contract: FeatureContract) -> list[Term]:
    """Return the columns worth fitting: those that vary."""
    columns = []
    for position, feature in enumerate(contract.features):
        values = matrix[:, position]
        kinds: list[tuple[Literal["value", "missing", "level"], int | None]] = [("missing", None)]
        if feature.kind == "categorical":
            kinds += [("level", code) for code in range(len(feature.levels))]
        else:
            kinds += [("value", None)]
        known = values[~np.isnan(values)]
        fill = float(np.median(known)) if len(known) else 0.0
        for takes, level in kinds:
            raw = _raw(values, takes, level, fill)
            mean, sd = float(raw.mean()), float(raw.std())
            if sd > 1e-9 * max(1.0, abs(mean)):
                columns.append(Term(position, takes, level, fill, mean, sd, 0.0))

    return columns


def _raw(
    values: npt.NDArray[np.float32],
    takes: Literal["value", "missing", "level"],
    level: int | None,
    fill: float,
) -> Vector:
    """Return one column before it is standardised."""
    if takes == "missing":
        return np.isnan(values).astype(np.float64)
    if takes == "level":
        return np.asarray(values == level, dtype=np.float64)

    return np.asarray(np.where(np.isnan(values), fill, values), dtype=np.float64)


def _importances(predictor: Logistic, matrix: Matrix) -> tuple[float, ...]:
    """Return each feature's share of the spread of the log-odds."""
    spread = predictor.contributions(matrix).std(axis=0)
    shares: list[float] = (spread / (spread.sum() or 1)).tolist()

    return tuple(shares)
