"""What a registered model does, wherever it was loaded from."""

import numpy as np
import pytest

from pipelines.domain.features.encoding import encode
from pipelines.domain.ports.models import Model
from pipelines.domain.training.package import ModelPackage
from pipelines.errors import ContractMismatch
from pipelines.testing.contracts.models.customers import CONTRACT, customers


class ModelContract:
    """
    Tests of a loaded model.

    A subclass provides what it was made of as the fixture `package`, and it as the fixture `model`.
    """

    def test_it_is_what_was_trained(self, package: ModelPackage, model: Model) -> None:
        """Its spec, and the share of each feature by name."""
        assert package.spec == model.spec
        assert [*zip(CONTRACT.names, package.fitted.importances, strict=True)] == [
            *model.importances.items()
        ]

    def test_it_says_how_good_it_was(self, package: ModelPackage, model: Model) -> None:
        """Every measure of the test, with its interval."""
        expected = {name: each.to_dict() for name, each in package.evaluation.items()}

        assert expected == model.evaluation["test"]

    def test_it_scores_as_it_did_at_training(self, package: ModelPackage, model: Model) -> None:
        """Margins of the predictor, calibrated, to the last bit."""
        rows = customers(seed=2)
        matrix = encode(rows, CONTRACT).matrix
        margins = package.fitted.predictor.margins(matrix)

        np.testing.assert_array_equal(margins, model.predictor.margins(matrix))
        np.testing.assert_array_equal(
            package.spec.calibrator.apply(margins), model.probabilities(rows)
        )

    def test_rows_come_as_a_table_or_in_batches(self, model: Model) -> None:
        """A customer's probability is that of the customer, with whomever they come."""
        rows = customers(50, seed=2)
        batches = rows.to_batches(max_chunksize=7)

        np.testing.assert_array_equal(
            model.probabilities(rows),
            np.concatenate([model.probabilities(batch) for batch in batches]),
        )

    def test_a_feature_that_is_missing_is_refused(self, model: Model) -> None:
        """It is never filled in."""
        with pytest.raises(ContractMismatch, match="fee_eur is missing"):
            model.probabilities(customers().drop(["fee_eur"]))

    def test_drift_is_measured_against_what_it_saw(
        self, package: ModelPackage, model: Model
    ) -> None:
        """The features and its own scores, without a customer's name."""
        sample = model.reference()

        assert package.reference.equals(sample)
        assert {*CONTRACT.names, "churn_probability"} == {*sample.column_names}
        np.testing.assert_array_equal(
            sample["churn_probability"].to_numpy(), model.probabilities(sample)
        )
