"""Every model family behind one interface, the calibrator fitted to its margins, and the folds."""

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import RepeatedStratifiedKFold

from pipelines.adapters.models.families import family_module
from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.package import Fitted

# Rows that are pooled before the isotonic fit, so that no knot rests on a handful of churners.
LEAST_ROWS = 50
MOST_BINS = 50
# Customers added to every bin at the overall rate: no bin is certain.
PRIOR_ROWS = 2.0

FOLDS, REPEATS = 5, 2
HELD_BACK_SHARE = 0.2


class Trainer:
    """Fits, calibrates and cross-validates; holds nothing."""

    def fit(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        is_held_back: Flags,
        contract: FeatureContract,
        seed: int,
    ) -> Fitted:
        """
        Fit a model of *family* on all rows.

        Args:
            family: One of FAMILIES.
            matrix: `(n_customers, n_features)` as `encode` returns it.
            is_churned: `(n_customers,)`.
            is_held_back: Rows that tell a family which needs it when to stop.
            contract: Names, kinds and levels of the features, in column order.
            seed: Seed of everything random in the fit.
        """
        fitted: Fitted = family_module(family).fit(
            matrix, is_churned, is_held_back=is_held_back, contract=contract, seed=seed
        )

        return fitted

    def calibrate(self, margins: Vector, is_churned: Flags) -> Calibrator:
        """
        Fit the line from margin to probability on rows the model has not seen.

        Centred isotonic regression (Oron and Flournoy 2017): bins of equal size are pooled until
        their rates ascend, and the line runs through the centres of the pools. Unlike the steps of
        plain isotonic regression it keeps the order of customers, so AUC is what it was.

        Args:
            margins: `(n_customers,)` log-odds.
            is_churned: `(n_customers,)`.
        """
        order = np.argsort(margins, kind="stable")
        count = max(1, min(MOST_BINS, len(order) // LEAST_ROWS))
        bins = np.array_split(order, count)
        rows = np.array([len(rows) for rows in bins], dtype=np.float64)
        centres = np.array([margins[rows].mean() for rows in bins])
        churners = np.array([is_churned[rows].sum() for rows in bins], dtype=np.float64)
        rates = (churners + PRIOR_ROWS * is_churned.mean()) / (rows + PRIOR_ROWS)

        pooled = IsotonicRegression().fit_transform(centres, rates, sample_weight=rows)
        # Rates of one pool may differ in their last bit, and two pools must not share a rate.
        _, pools = np.unique(np.round(pooled, 12), return_inverse=True)
        weight = np.bincount(pools, rows)
        margin = np.bincount(pools, rows * centres) / weight
        rate = np.bincount(pools, rows * pooled) / weight
        is_further = np.r_[True, np.diff(margin) > 0]

        return Calibrator.through(margin[is_further], rate[is_further])

    def cross_validate(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        contract: FeatureContract,
        seed: int,
    ) -> Vector:
        """Return the AUC of each of 5 stratified folds, twice over: `(10,)`."""
        folds = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=seed)
        random = np.random.default_rng(seed)
        found = []
        for fitted_on, judged_on in folds.split(matrix, is_churned):
            fitted = self.fit(
                family,
                matrix=matrix[fitted_on],
                is_churned=is_churned[fitted_on],
                is_held_back=random.random(len(fitted_on)) < HELD_BACK_SHARE,
                contract=contract,
                seed=seed,
            )
            found.append(auc(is_churned[judged_on], fitted.predictor.margins(matrix[judged_on])))

        return np.array(found)
