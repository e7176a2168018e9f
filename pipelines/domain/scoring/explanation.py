"""What each feature adds to a customer's calibrated log-odds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.spec import ModelSpec

# Margins nearer than this to where contributions begin: the slope is taken around it instead, for
# the difference of two probabilities that are nearly one is mostly rounding.
NEAR = 1e-3


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    Scores taken apart: a base and its contributions add up to the log-odds.

    Attributes:
        log_odds: `(n_customers,)` of the calibrated probability.
        base: `(n_customers,)` log-odds before anything is known of the customer.
        contributions: `(n_customers, n_features)`, in contract order.
    """

    log_odds: Vector
    base: Vector
    contributions: npt.NDArray[np.float64]

    def of_themes(self, contract: FeatureContract) -> dict[str, Vector]:
        """Return the sum of each theme's contributions, in the order themes first appear."""
        return theme_sums(self.contributions, contract)


def explain(
    margins: Vector,
    matrix: Matrix,
    customer_ids: pa.Array | pa.ChunkedArray,
    *,
    spec: ModelSpec,
    predictors: CrossFitted,
) -> Explanation:
    """
    Explain the scores of customers.

    Args:
        margins: `(n_customers,)`, what *predictors* say of them. Not modified.
        matrix: `(n_customers, n_features)` as `encode` returns it. Not modified.
        customer_ids: Whose rows they are.
        spec: The calibrator.
        predictors: The fitted models the spec belongs to.
    """
    bases = predictors.bases(matrix, customer_ids)
    contributions = predictors.contributions(matrix, customer_ids)

    return calibrated(spec.calibrator, margins, bases, contributions)


def calibrated(
    calibrator: Calibrator,
    margins: Vector,
    bases: Vector,
    contributions: npt.NDArray[np.float64],
) -> Explanation:
    """
    Carry contributions to a margin over to the calibrated log-odds.

    With `L` for the calibrated log-odds of a margin, `m` a customer's margin, `b` the base and
    `c_i` what the features add to it, each becomes `c_i * (L(m) - L(b)) / (m - b)`: one slope a
    customer, so that shares and signs stay, and the sum is `L(m) - L(b)`. Where `m` is as good as
    `b`, the slope is that of `L` around `b`. What float32 trees lost in adding up is given to the
    features by size, so that nothing is missing from the sum.

    Args:
        calibrator: From margin to probability.
        margins: `(n_customers,)` uncalibrated log-odds.
        bases: `(n_customers,)`, the same without any contribution.
        contributions: `(n_customers, n_features)` to the margins. Not modified.
    """
    log_odds, start = calibrator.log_odds(margins), calibrator.log_odds(bases)
    distance = margins - bases
    is_near = np.abs(distance) < NEAR
    around = calibrator.log_odds(bases + NEAR) - calibrator.log_odds(bases - NEAR)
    slope = np.where(
        is_near, around / (2 * NEAR), (log_odds - start) / np.where(is_near, 1.0, distance)
    )

    scaled = contributions * slope[:, None]
    sizes = np.abs(scaled)
    total = sizes.sum(axis=1)
    lost = log_odds - start - scaled.sum(axis=1)
    sizes *= (lost / np.where(total > 0, total, 1.0))[:, None]
    scaled += sizes

    return Explanation(log_odds, np.where(total > 0, start, log_odds), scaled)


def theme_sums(
    contributions: npt.NDArray[np.float64], contract: FeatureContract
) -> dict[str, Vector]:
    """
    Add up contributions by theme.

    Args:
        contributions: `(n_customers, n_features)`, in contract order.
        contract: Which feature belongs to which theme.

    Returns:
        `(n_customers,)` by theme, in the order themes first appear.
    """
    sums: dict[str, Vector] = {}
    for position, theme in enumerate(contract.themes):
        column = contributions[:, position]
        sums[theme] = sums[theme] + column if theme in sums else column

    return sums
