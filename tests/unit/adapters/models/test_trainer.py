"""Calibration and cross-validation, also on IBM's customers where the file is there."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from pipelines.adapters.models import calibrators
from pipelines.adapters.models.families import family_module
from pipelines.adapters.models.trainer import Trainer
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.training import folds
from pipelines.domain.training.evaluation import auc
from pipelines.domain.training.families import FAMILIES
from pipelines.domain.training.package import Fitted
from tests import examples


@pytest.mark.parametrize("rows", [30, 500, 20_000])
def test_calibration_means_what_it_says_and_keeps_the_order(rows: int) -> None:
    """A model twice too sure is set right, and its AUC stays what it was."""
    random = np.random.default_rng(2)
    odds = random.normal(-1.5, 1, rows)
    is_churned = random.random(rows) < 1 / (1 + np.exp(-odds))
    margins = 2 * odds + 1

    calibrator = Trainer().calibrate(margins, is_churned)
    probabilities = calibrator.apply(margins)

    assert auc(is_churned, margins) == pytest.approx(auc(is_churned, probabilities), abs=1e-9)
    if rows == 20_000:
        assert probabilities.mean() == pytest.approx(is_churned.mean(), abs=0.01)
        assert np.abs(probabilities - 1 / (1 + np.exp(-odds))).mean() < 0.02


@pytest.mark.parametrize("seed", [7, 171, 243, 399])
def test_pools_whose_rates_differ_in_the_last_bit_are_one(seed: int) -> None:
    """Two knots of the same probability do not ascend, and the training would end there."""
    random = np.random.default_rng(seed)
    rows = int(random.integers(400, 2600))
    margins = random.normal(-2, 1, rows)
    is_churned = random.random(rows) < 1 / (1 + np.exp(-0.6 * margins))

    for fitted in (calibrators.bins, calibrators.line, calibrators.best):
        assert np.all(np.diff(fitted(margins, is_churned).values) > 0)


def test_a_crooked_model_is_set_right_through_bins() -> None:
    """Where log-odds are no line of the margin a line is not kept, and bins are at the top too."""
    random = np.random.default_rng(4)
    margins = random.normal(-2, 1.5, 40_000)
    rate = 0.05 + 0.6 * (margins > 0) + 0.2 * (margins > 1.5)
    is_churned = random.random(len(margins)) < rate
    calibrator = calibrators.best(margins, is_churned)
    probabilities = calibrator.apply(margins)

    assert len(calibrator.values) > 20
    for low, high in ((-9, -1), (0.2, 1.2), (1.8, 9)):
        chosen = (margins > low) & (margins < high)
        assert rate[chosen].mean() == pytest.approx(probabilities[chosen].mean(), abs=0.04)


def test_a_straight_model_keeps_a_line() -> None:
    """Bins would follow chance."""
    random = np.random.default_rng(5)
    margins = random.normal(-2, 1, 5000)
    is_churned = random.random(len(margins)) < 1 / (1 + np.exp(-margins))

    assert 2 == len(calibrators.best(margins, is_churned).values)


def test_a_model_that_ranks_the_wrong_way_round_promises_the_rate() -> None:
    """Its order is kept, because whoever reads the list is not to be told another."""
    random = np.random.default_rng(6)
    margins = random.normal(0, 1, 2000)
    is_churned = random.random(len(margins)) < 1 / (1 + np.exp(2 * margins))
    probabilities = calibrators.best(margins, is_churned).apply(np.sort(margins))

    assert (np.diff(probabilities) > 0).all()
    np.testing.assert_allclose(is_churned.mean(), probabilities, atol=0.01)


def test_a_model_that_knows_nothing_is_calibrated_to_the_rate() -> None:
    """A line that hardly rises, or pools that are one pool."""
    random = np.random.default_rng(3)
    is_churned = random.random(2000) < 0.2
    margins = random.normal(size=2000) * 0.01

    probabilities = Trainer().calibrate(margins, is_churned).apply(margins)

    np.testing.assert_allclose(0.2, probabilities, atol=0.08)


@pytest.mark.parametrize("family", FAMILIES)
def test_ibm_telco_gives_the_honest_figure(family: str) -> None:
    """Mean AUC over five folds, twice, between 0.84 and 0.87: less is a bug, more is a leak."""
    table = pa.csv.read_csv(
        examples.real_file(examples.TELCO),
        convert_options=pa.csv.ConvertOptions(null_values=["", " "], strings_can_be_null=True),
    )
    assert 7043 == table.num_rows
    contract = FeatureContract(
        "telco", tuple(_feature(table, name) for name in table.column_names[1:-1])
    )

    aucs = Trainer().cross_validate(
        family,
        matrix=encode(table, contract).matrix,
        is_churned=np.array(table["Churn"].to_pylist()) == "Yes",
        customer_ids=table["customerID"],
        folds=folds.repeated(table["customerID"], seed=1),
        parameters={"rounds": 100, **family_module(family).DEFAULTS},
        contract=contract,
        seed=1,
    )

    assert 10 == len(aucs)
    assert 0.84 < aucs.mean() < 0.87


def _feature(table: pa.Table, name: str) -> Feature:
    """Declare a column as it is."""
    if pa.types.is_string(table.schema.field(name).type):
        levels = tuple(sorted(pc.unique(table[name]).to_pylist()))
        return Feature(name, "categorical", name, levels=levels)

    return Feature(name, "numeric", name, nullable=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_level_that_one_customer_has_says_nothing(family: str) -> None:
    """Whose every row ended alike: to models of rows the city would tell all, to us it does not."""
    customers, snapshots = 60, 20
    whose = np.repeat(np.arange(customers), snapshots)
    matrix = np.column_stack([np.random.default_rng(1).normal(size=len(whose)), whose])
    contract = FeatureContract(
        "fct_features",
        (
            Feature("noise", "numeric", "Noise"),
            Feature("city", "categorical", "City", levels=tuple(map(str, range(customers)))),
        ),
    )

    def fitted(ids: npt.NDArray[np.intp]) -> Fitted:
        return Trainer().fit(
            family,
            matrix=matrix.astype(np.float32),
            is_churned=whose % 3 == 0,
            customer_ids=pa.array(ids).cast(pa.string()),
            parameters={"rounds": 20, **family_module(family).DEFAULTS},
            contract=contract,
            seed=1,
        )

    known, of_rows = fitted(whose), fitted(np.arange(len(whose)))
    assert known.importances[1] == 0.0
    assert of_rows.importances[1] > 0.9
    np.testing.assert_array_equal(0, known.effects.by_feature[1])
