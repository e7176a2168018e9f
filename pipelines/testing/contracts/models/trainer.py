"""What a trainer does, whatever it fits."""

import numpy as np
import pytest

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.features.encoding import encode
from pipelines.domain.ports.models import Trainer
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.package import Fitted
from pipelines.errors import ContractMismatch
from pipelines.testing.contracts.models.customers import CONTRACT, customers


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
    def test_the_same_rows_give_the_same_model(self, trainer: Trainer, family: str) -> None:
        """Byte for byte; what it is given stays as it was."""
        matrix, is_churned = _rows(1)
        kept = matrix.copy(), is_churned.copy()
        first, second = (_fit(trainer, family, matrix, is_churned) for _ in range(2))

        assert (first.weights, first.importances) == (second.weights, second.importances)
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

    def test_folds_are_judged_on_rows_they_have_not_seen(self, trainer: Trainer) -> None:
        """At least five, each with an AUC; the same seed divides them the same way."""
        matrix, is_churned = _rows(1)
        first, second = (
            trainer.cross_validate(
                "logistic", matrix=matrix, is_churned=is_churned, contract=CONTRACT, seed=3
            )
            for _ in range(2)
        )

        assert len(first) >= 5
        assert 0.6 < first.min() < first.max() <= 1
        np.testing.assert_array_equal(first, second)


def _rows(seed: int) -> tuple[Matrix, Flags]:
    """Return customers as a trainer is given them."""
    table = customers(seed=seed)

    return encode(table, CONTRACT).matrix, table["is_churned"].to_numpy(zero_copy_only=False)


def _too_sure(rows: int) -> tuple[Vector, Flags]:
    """Return margins that say more than they know, and who left."""
    random = np.random.default_rng(2)
    odds = random.normal(-1.5, 1, rows)

    return 2 * odds + 1, random.random(rows) < 1 / (1 + np.exp(-odds))


def _fit(trainer: Trainer, family: str, matrix: Matrix, is_churned: Flags) -> Fitted:
    """Fit one family, every fifth row held back."""
    return trainer.fit(
        family,
        matrix=matrix,
        is_churned=is_churned,
        is_held_back=np.arange(len(is_churned)) % 5 == 0,
        contract=CONTRACT,
        seed=1,
    )
