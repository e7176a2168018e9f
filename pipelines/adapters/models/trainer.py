"""Every model family behind one interface: searched, fitted, and judged in folds."""

import contextlib
import functools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import optuna
import pyarrow as pa
import structlog

from pipelines.adapters.models import calibrators
from pipelines.adapters.models.families import family_module
from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.level_effects import as_numbers, many_levels
from pipelines.domain.features.splits import fold_numbers
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import OfEffects
from pipelines.domain.training import levels
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
        customer_ids: pa.Array | pa.ChunkedArray,
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
            customer_ids: `(n_customers,)`: rows of one customer learn levels from others alone.
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
        level_folds = _level_folds(customer_ids, contract, seed)
        judge = module.OutOfFold(
            functools.partial(_divided, matrix, is_churned, level_folds, contract),
            is_churned,
            folds,
            contract=as_numbers(contract, many_levels(contract)),
            seed=seed,
        )
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
        customer_ids: pa.Array | pa.ChunkedArray,
        parameters: Parameters,
        contract: FeatureContract,
        seed: int,
    ) -> Fitted:
        """
        Fit a model of *family* on all rows.

        Args:
            family: One of FAMILIES.
            matrix: `(n_customers, n_features)` as `encode` returns it. Codes of categories with
                many levels are replaced while the family fits, and put back.
            is_churned: `(n_customers,)`.
            customer_ids: `(n_customers,)`: rows of one customer learn levels from others alone.
            parameters: Those of a trial.
            contract: Names, kinds and levels of the features, in column order.
            seed: Seed of everything random in the fit.
        """
        learned = levels.learned(
            matrix, is_churned, _level_folds(customer_ids, contract, seed), contract
        )
        effects = learned.effects
        with _replaced(matrix, learned):
            fitted: Fitted = family_module(family).fit(
                matrix,
                is_churned,
                parameters=parameters,
                contract=as_numbers(contract, effects.by_feature),
                seed=seed,
            )
        if not effects.by_feature:
            return fitted

        return replace(fitted, predictor=OfEffects(fitted.predictor, effects), effects=effects)

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
        customer_ids: pa.Array | pa.ChunkedArray,
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
                customer_ids=customer_ids.take(pa.array(fold.learned)),
                parameters=parameters,
                contract=contract,
                seed=seed,
            )
            margins = fitted.predictor.margins(matrix[fold.judged])
            found.append(auc(is_churned[fold.judged], margins))

        return np.array(found)


def _level_folds(
    customer_ids: pa.Array | pa.ChunkedArray, contract: FeatureContract, seed: int
) -> npt.NDArray[np.intp]:
    """Return the fold whose customers do not tell a row of its levels: `(n_customers,)`."""
    if not many_levels(contract):
        return np.zeros(len(customer_ids), dtype=np.intp)

    # Another seed than that of the folds a model is judged in, which would leave one of them empty.
    return fold_numbers(customer_ids, seed + 4)


def _divided(
    matrix: Matrix,
    is_churned: Flags,
    level_folds: npt.NDArray[np.intp],
    contract: FeatureContract,
    fold: Fold,
) -> tuple[Matrix, Matrix]:
    """Return the rows a fold learns from and those it judges, told of levels by the former."""
    learned, judged = matrix[fold.learned], matrix[fold.judged]
    told = levels.learned(learned, is_churned[fold.learned], level_folds[fold.learned], contract)
    told.put_into(learned)
    told.effects.put_into(judged)

    return learned, judged


@contextlib.contextmanager
def _replaced(matrix: Matrix, learned: levels.LearnedLevels) -> Iterator[None]:
    """
    Replace codes by effects while a family fits, and put them back.

    A copy of five million rows of 60 features would take 1.2 GB.
    """
    codes = {position: matrix[:, position].copy() for position in learned.columns}
    try:
        learned.put_into(matrix)
        yield
    finally:
        for position, column in codes.items():
            matrix[:, position] = column


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
