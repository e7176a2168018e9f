"""Every model family behind one interface: searched, fitted, and judged in folds."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import optuna
import structlog

from pipelines.adapters.models import calibrators
from pipelines.adapters.models.families import family_module
from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.training.candidate import Between, Candidate, Parameters, Trial, mean_auc
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.folds import Fold
from pipelines.domain.training.package import Fitted

log = structlog.get_logger(__name__)

# Whoever watches a search is told so often how far it is.
TELL_SECONDS = 10.0
# More of them find nothing where there is little to choose.
TRIALS_A_RANGE = 4


class Trainer:
    """Searches, fits, calibrates and cross-validates; holds nothing."""

    def search(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        folds: Sequence[Fold],
        contract: FeatureContract,
        seed: int,
        trials: int,
        seconds: float,
    ) -> Candidate:
        """
        Try sets of parameters, the family's own first, and keep the one that ranks best.

        Proposed by a tree-structured Parzen estimator (Bergstra et al. 2011) as Optuna has it.

        Args:
            family: One of FAMILIES.
            matrix: `(n_customers, n_features)` as `encode` returns it.
            is_churned: `(n_customers,)`.
            folds: What each fit learns from, and what it is judged on.
            contract: Names, kinds and levels of the features, in column order.
            seed: Seed of everything random in search and fit.
            trials: How many sets at most.
            seconds: After which no other is begun.
        """
        module = family_module(family)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)
        )
        study.enqueue_trial({**module.DEFAULTS})
        judge = module.OutOfFold(matrix, is_churned, folds, contract=contract, seed=seed)
        began = told = time.monotonic()
        tried: list[Trial] = []
        best = np.empty(0)
        most = min(trials, 1 + TRIALS_A_RANGE * len(module.SPACE))
        while not tried or (len(tried) < most and time.monotonic() - began < seconds):
            asked = study.ask(_distributions(module.SPACE))
            margins, parameters = judge({**module.DEFAULTS, **asked.params})
            trial = Trial(parameters, mean_auc(is_churned, margins, folds))
            study.tell(asked, trial.auc)
            if not tried or trial.auc > max(earlier.auc for earlier in tried):
                best = margins
            tried.append(trial)
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                log.info(
                    "searching",
                    family=family,
                    trial=len(tried),
                    of=most,
                    best_auc=round(max(each.auc for each in tried), 4),
                )

        return Candidate(family, best, tuple(tried))

    def fit(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        parameters: Parameters,
        contract: FeatureContract,
        seed: int,
    ) -> Fitted:
        """
        Fit a model of *family* on all rows.

        Args:
            family: One of FAMILIES.
            matrix: `(n_customers, n_features)` as `encode` returns it.
            is_churned: `(n_customers,)`.
            parameters: Those of a trial.
            contract: Names, kinds and levels of the features, in column order.
            seed: Seed of everything random in the fit.
        """
        fitted: Fitted = family_module(family).fit(
            matrix, is_churned, parameters=parameters, contract=contract, seed=seed
        )

        return fitted

    def calibrate(self, margins: Vector, is_churned: Flags) -> Calibrator:
        """
        Fit what turns margins into probabilities, on margins of rows their models had not seen.

        Args:
            margins: `(n_customers,)` log-odds.
            is_churned: `(n_customers,)`.
        """
        return calibrators.best(margins, is_churned)

    def cross_validate(
        self,
        family: str,
        *,
        matrix: Matrix,
        is_churned: Flags,
        folds: Sequence[Fold],
        parameters: Parameters,
        contract: FeatureContract,
        seed: int,
    ) -> Vector:
        """Return the AUC of each fold: `(n_folds,)`."""
        found = []
        for fold in folds:
            fitted = self.fit(
                family,
                matrix=matrix[fold.learned],
                is_churned=is_churned[fold.learned],
                parameters=parameters,
                contract=contract,
                seed=seed,
            )
            margins = fitted.predictor.margins(matrix[fold.judged])
            found.append(auc(is_churned[fold.judged], margins))

        return np.array(found)


def _distributions(
    space: Mapping[str, Between],
) -> dict[str, optuna.distributions.BaseDistribution]:
    """Return ranges as Optuna calls them."""
    return {
        name: (
            optuna.distributions.IntDistribution(
                int(between.low), int(between.high), log=between.is_log
            )
            if between.is_whole
            else optuna.distributions.FloatDistribution(
                between.low, between.high, log=between.is_log
            )
        )
        for name, between in space.items()
    }
