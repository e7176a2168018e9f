"""What a trainer does, whatever it fits."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.encoding import encode
from pipelines.domain.ports.models import Trainer
from pipelines.domain.training.candidate import Candidate, Parameters
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.folds import Fold, by_customer
from pipelines.domain.training.package import Fitted
from pipelines.errors import ContractMismatch
from pipelines.testing.contracts.models.customers import CONTRACT, customers


def _ids(rows: int) -> pa.Array:
    """Return a customer for every row."""
    return pa.array(map(str, range(rows)))


FOLDS = by_customer(_ids(600), seed=1)


class TrainerContract:
    """Tests of a trainer, which a subclass provides as the fixture `trainer`."""

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_model_tells_who_leaves(self, trainer: Trainer, family: str) -> None:
        """Of customers it has not seen; importances are shares, in the order of the contract."""
        fitted = _fit(trainer, family, *_rows(1))
        matrix, is_churned = _rows(2)

        assert family == fitted.family
        assert auc(is_churned, fitted.predictor.margins(matrix)) > 0.7
        assert len(CONTRACT.features) == len(fitted.importances)
        assert pytest.approx(1.0) == sum(fitted.importances)
        assert 0 <= min(fitted.importances)
        assert fitted.importances[0] > fitted.importances[3]
        assert fitted.weights

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_customers_margin_is_that_of_the_customer(
        self, trainer: Trainer, family: str
    ) -> None:
        """Whoever is in the same batch; features contribute one number each."""
        predictor = _fit(trainer, family, *_rows(1)).predictor
        matrix, _ = _rows(2)

        np.testing.assert_array_equal(
            predictor.margins(matrix)[7:9], predictor.margins(matrix[7:9])
        )
        assert (2, len(CONTRACT.features)) == predictor.contributions(matrix[7:9]).shape

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_margin_is_its_base_and_contributions(self, trainer: Trainer, family: str) -> None:
        """For every customer, so that nothing of a score is without a reason."""
        predictor = _fit(trainer, family, *_rows(1)).predictor
        matrix, _ = _rows(2)

        np.testing.assert_allclose(
            predictor.margins(matrix),
            predictor.base + predictor.contributions(matrix).sum(axis=1),
            atol=2e-5,
        )

    @pytest.mark.parametrize("family", FAMILIES)
    def test_the_same_rows_give_the_same_model(self, trainer: Trainer, family: str) -> None:
        """Byte for byte; what it is given stays as it was."""
        matrix, is_churned = _rows(1)
        kept = matrix.copy(), is_churned.copy()
        first, second = (_fit(trainer, family, matrix, is_churned) for _ in range(2))

        assert (first.weights, first.importances) == (second.weights, second.importances)
        assert first.effects.to_dict(CONTRACT) == second.effects.to_dict(CONTRACT)
        np.testing.assert_array_equal(kept[0], matrix)
        np.testing.assert_array_equal(kept[1], is_churned)

    def test_a_family_nobody_wrote_is_refused(self, trainer: Trainer) -> None:
        """The message names it, the next step those there are."""
        with pytest.raises(ContractMismatch, match="no model family 'oracle'") as refused:
            _fit(trainer, "oracle", *_rows(1))

        shown = refused.value.message + refused.value.next_step
        assert [] == [family for family in FAMILIES if family not in shown]

    @pytest.mark.parametrize("rows", [30, 600])
    def test_calibration_keeps_the_order(self, trainer: Trainer, rows: int) -> None:
        """Probabilities rise with the margins and stay within (0, 1)."""
        margins, is_churned = _too_sure(rows)
        probabilities = trainer.calibrate(margins, is_churned).apply(np.sort(margins))

        assert (np.diff(probabilities) > 0).all()
        assert 0 < probabilities.min() < probabilities.max() < 1

    def test_calibration_comes_near_the_rate(self, trainer: Trainer) -> None:
        """Of a model that is twice too sure, and too high."""
        margins, is_churned = _too_sure(600)
        probabilities = trainer.calibrate(margins, is_churned).apply(margins)

        assert pytest.approx(is_churned.mean(), abs=0.1) == probabilities.mean()

    def test_nobody_is_certain(self, trainer: Trainer) -> None:
        """Where everybody above a margin left and nobody below it, some doubt is kept."""
        margins = np.linspace(-3, 3, 600)
        probabilities = trainer.calibrate(margins, margins > 0).apply(margins)

        assert 0 < probabilities.min() < 0.03
        assert 0.97 < probabilities.max() < 1

    def test_margins_that_say_nothing_are_calibrated_to_the_rate(self, trainer: Trainer) -> None:
        """A model that knows nothing promises nothing."""
        is_churned = np.arange(600) % 5 == 0

        np.testing.assert_allclose(
            0.2, trainer.calibrate(np.zeros(600), is_churned).apply(np.zeros(600)), atol=0.01
        )

    @pytest.mark.parametrize("family", FAMILIES)
    def test_a_search_judges_rows_its_models_have_not_seen(
        self, trainer: Trainer, family: str
    ) -> None:
        """Rows no fold judges have no margin; each trial has an AUC, and the best is the best."""
        matrix, is_churned = _rows(1)
        judged = FOLDS[1].judged
        candidate = _search(trainer, family, matrix, is_churned, FOLDS[1:2], trials=3)

        assert family == candidate.family
        assert 1 <= len(candidate.trials) <= 3
        assert max(trial.auc for trial in candidate.trials) == candidate.best.auc
        assert auc(is_churned[judged], candidate.margins[judged]) == candidate.best.auc > 0.7
        np.testing.assert_array_equal(np.sort(judged), np.flatnonzero(~np.isnan(candidate.margins)))

    def test_what_a_row_is_told_does_not_know_its_outcome(self, trainer: Trainer) -> None:
        """Turn round who of one fold left: its margins stay what they were, the others' do not."""
        matrix, is_churned = _rows(1)
        judged = FOLDS[0].judged
        turned = is_churned.copy()
        turned[judged] = ~turned[judged]
        first, second = (
            _search(trainer, "logistic", matrix, outcome, FOLDS).margins
            for outcome in (is_churned, turned)
        )

        np.testing.assert_array_equal(first[judged], second[judged])
        assert (first != second).any()

    def test_the_same_search_finds_the_same(self, trainer: Trainer) -> None:
        """Parameters, margins and every trial."""
        first, second = (_search(trainer, "xgboost", *_rows(1), FOLDS, trials=3) for _ in range(2))

        assert first.trials == second.trials
        np.testing.assert_array_equal(first.margins, second.margins)

    def test_when_the_seconds_are_over_no_other_trial_is_begun(self, trainer: Trainer) -> None:
        """One there is always."""
        assert 1 == len(_search(trainer, "logistic", *_rows(1), FOLDS, trials=50, seconds=0).trials)

    def test_cross_validation_judges_rows_it_has_not_seen(self, trainer: Trainer) -> None:
        """An AUC of each fold, as a search of the same folds found it."""
        matrix, is_churned = _rows(1)
        candidate = _search(trainer, "logistic", matrix, is_churned, FOLDS)
        found = trainer.cross_validate(
            "logistic",
            matrix=matrix,
            is_churned=is_churned,
            customer_ids=_ids(len(matrix)),
            folds=FOLDS,
            parameters=candidate.best.parameters,
            contract=CONTRACT,
            seed=1,
        )

        assert len(FOLDS) == len(found)
        assert candidate.best.auc == pytest.approx(found.mean())


def _rows(seed: int) -> tuple[Matrix, Flags]:
    """Return customers as a trainer is given them."""
    table = customers(seed=seed)

    return encode(table, CONTRACT).matrix, table["is_churned"].to_numpy(zero_copy_only=False)


def _too_sure(rows: int) -> tuple[Vector, Flags]:
    """Return margins that say more than they know, and who left."""
    random = np.random.default_rng(2)
    odds = random.normal(-1.5, 1, rows)

    return 2 * odds + 1, random.random(rows) < 1 / (1 + np.exp(-odds))


def _search(
    trainer: Trainer,
    family: str,
    matrix: Matrix,
    is_churned: Flags,
    folds: Sequence[Fold],
    *,
    trials: int = 1,
    seconds: float = 60,
) -> Candidate:
    """Search one family."""
    return trainer.search(
        family,
        matrix=matrix,
        is_churned=is_churned,
        customer_ids=_ids(len(matrix)),
        folds=folds,
        contract=CONTRACT,
        seed=1,
        trials=trials,
        seconds=seconds,
    )


def _fit(
    trainer: Trainer,
    family: str,
    matrix: Matrix,
    is_churned: Flags,
    parameters: Parameters | None = None,
) -> Fitted:
    """Fit one family, with what a search of these rows says unless parameters are given."""
    if parameters is None:
        folds = by_customer(_ids(len(matrix)), seed=1)
        parameters = _search(trainer, family, matrix, is_churned, folds).best.parameters

    return trainer.fit(
        family,
        matrix=matrix,
        is_churned=is_churned,
        customer_ids=_ids(len(matrix)),
        parameters=parameters,
        contract=CONTRACT,
        seed=1,
    )
