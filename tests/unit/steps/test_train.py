"""Which model a training keeps, and what becomes of it."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.splits import CUSTOMER_FOLDS, Split
from pipelines.domain.training.evaluation import USUAL, evaluate
from pipelines.domain.training.measures.probability import calibration
from pipelines.domain.training.promotion import Promotion
from pipelines.errors import FloorNotReached
from tests.unit.steps.subscribers import NIGHT, POPULATION
from tests.unit.steps.training_house import CALIBRATE, FIT, ROWS, TEST, TrainingHouse

SPLIT = Split((*FIT, CALIBRATE), (TEST,), seed=3)


@pytest.fixture
def house(
    made_up_customers: Callable[..., pa.Table], made_up_contract: FeatureContract
) -> TrainingHouse:
    """A house whose customers leave for reasons the features know."""
    return TrainingHouse(made_up_customers, made_up_contract)


def test_the_first_model_becomes_champion_and_that_is_recorded(house: TrainingHouse) -> None:
    """Registered, recorded, then named: no champion is there unexplained."""
    report = house.train()

    assert ("champion", "churn-subscribers", 1) == (
        report.alias,
        report.version.name,
        report.version.version,
    )
    assert {"champion": 1} == house.aliases
    assert [
        Promotion(
            population=POPULATION,
            as_of=NIGHT,
            champion_version=None,
            challenger_version=1,
            is_promoted=True,
            reason="there was no champion",
        )
    ] == house.promotions.recorded
    assert ["register", "record", "set_alias"] == house.journal.order(
        "register", "record", "set_alias"
    )


def test_a_later_model_is_a_challenger(house: TrainingHouse) -> None:
    """It has to earn its promotion, so that none is recorded; the next takes its place."""
    house.train()
    second, third = house.train(), house.train()

    assert ["challenger", "challenger"] == [second.alias, third.alias]
    assert {"champion": 1, "challenger": 3} == house.aliases
    assert 1 == len(house.promotions.recorded)


def test_snapshots_are_divided_in_time(house: TrainingHouse) -> None:
    """Tested on later rows than it learned from; what is not due takes no part."""
    report = house.train()

    assert SPLIT == report.split == house.package.spec.split
    churners = {
        as_of: int(house.values(as_of, "is_churned").sum()) for as_of in (*FIT, CALIBRATE, TEST)
    }
    assert {
        "learn": {"rows": 3 * ROWS, "churners": sum(churners.values()) - churners[TEST]},
        "test": {"rows": ROWS, "churners": churners[TEST]},
    } == report.counts
    assert {} == report.cross_validation
    assert [] == house.journal.of("cross_validate")


def test_every_family_is_searched_on_the_same_folds(house: TrainingHouse) -> None:
    """Each snapshot but the first is judged by what was known when it began."""
    house.train(search_trials=7, search_seconds=30)
    logistic, xgboost = house.journal.of("search")

    assert (("logistic",), ("xgboost",)) == (logistic.args, xgboost.args)
    for call in (logistic, xgboost):
        assert (3 * ROWS, 6) == call.kwargs["matrix"].shape
        assert (3, 7, 15) == tuple(call.kwargs[name] for name in ("seed", "trials", "seconds"))
        later, earlier = call.kwargs["folds"]
        assert [*range(2 * ROWS)] == later.learned.tolist()
        assert [*range(2 * ROWS, 3 * ROWS)] == later.judged.tolist()
        assert ([*range(ROWS)], [*range(ROWS, 2 * ROWS)]) == (
            earlier.learned.tolist(),
            earlier.judged.tolist(),
        )


def test_the_chosen_family_is_fitted_on_every_row_but_the_test_s(house: TrainingHouse) -> None:
    """With the parameters of its best trial, and then on the folds."""
    report = house.train()
    call, *of_folds = house.journal.of("fit")
    assert [2 * ROWS, ROWS] == [len(each.kwargs["matrix"]) for each in of_folds]

    assert (report.family,) == call.args
    assert (3 * ROWS, 6) == call.kwargs["matrix"].shape
    assert {} == call.kwargs["parameters"]


@pytest.mark.parametrize(
    ("ignores", "best", "other"),
    [
        ({"logistic": ["fee_eur"], "xgboost": ["tickets_28d"]}, "logistic", "xgboost"),
        ({"logistic": ["tickets_28d"], "xgboost": ["fee_eur"]}, "xgboost", "logistic"),
    ],
)
def test_the_family_that_ranks_unseen_rows_best_is_kept(
    house: TrainingHouse, ignores: Mapping[str, list[str]], best: str, other: str
) -> None:
    """Tickets explain who leaves there; that fees explain the test rows is not looked at."""
    house.trainer.ignores = ignores
    for as_of in (*FIT, CALIBRATE):
        house.change(as_of, is_churned=house.values(as_of, "tickets_28d") > 1)
    house.change(TEST, is_churned=house.values(TEST, "fee_eur") > 25)
    report = house.train(maximum_single_feature_auc=1.0)

    assert (best, best) == (report.family, house.package.spec.family)
    assert report.candidates[best] > report.candidates[other]


def test_of_equals_the_first_family_is_kept(house: TrainingHouse) -> None:
    """In the order of churn.toml, and no other families than those."""
    assert "xgboost" == house.train(families=["xgboost", "logistic"]).family
    assert {"logistic"} == {*house.train(families=["logistic"]).candidates}


def test_the_model_is_judged_on_the_test_rows_alone(house: TrainingHouse) -> None:
    """With the calibrated scores of those rows; calibration sees what the folds judged."""
    report = house.train()
    table = house.features.labelled(POPULATION, [TEST], house.contract)
    is_churned = table["is_churned"].to_numpy()
    probabilities = house.registry.load(report.version).probabilities(table)

    np.testing.assert_array_equal(is_churned, house.package.is_churned)
    np.testing.assert_array_equal(probabilities, house.package.probabilities)
    for measures in (USUAL, [calibration]):
        expected = evaluate(is_churned, probabilities, resamples=10, seed=3, measures=measures)
        assert expected == {name: report.evaluation[name] for name in expected}
    calibrated, *crossed = house.journal.of("calibrate")
    assert CUSTOMER_FOLDS == len(crossed)
    judged = [house.values(as_of, "is_churned") for as_of in (FIT[1], CALIBRATE)]
    assert np.concatenate(judged).tolist() == calibrated.args[1].tolist()


def test_what_travels_with_the_model(house: TrainingHouse) -> None:
    """Golden rows of the test, the latest rows as told by models that had not seen them."""
    house.train()
    package, (call,) = house.package, house.journal.of("register")

    assert (POPULATION, NIGHT, house.contract) == (
        package.spec.population,
        package.spec.as_of,
        package.spec.contract,
    )
    assert [*house.contract.names] == package.golden.column_names
    assert [*house.contract.names, "churn_probability"] == package.reference.column_names
    latest = [house.values(as_of, "fee_eur") for as_of in (CALIBRATE, TEST)]
    assert sorted(np.concatenate(latest)) == sorted(package.reference["fee_eur"].to_pylist())
    assert {"family": "logistic", "features": 6, "learn_rows": 900, "seed": 3}.items() <= (
        call.kwargs["params"].items()
    )


def test_below_the_floor_of_challengers_it_is_registered_and_no_more(house: TrainingHouse) -> None:
    """The champion stays, and the ledger says why the new one is not even a challenger."""
    house.train()
    report = house.train(promotion={"floors": {"staging": 0.99, "production": 0.99}})

    assert report.alias is None
    assert "registered, and below the floor of challengers" in str(report)
    assert {"champion": 1} == house.aliases
    last = house.promotions.recorded[-1]
    assert (1, 2, False) == (last.champion_version, last.challenger_version, last.is_promoted)
    assert "below the staging floor of 0.99" in last.reason


def test_above_the_floor_it_is_a_challenger(house: TrainingHouse) -> None:
    """What a champion has to reach is looked at when it is to be one."""
    house.train()

    assert (
        "challenger"
        == house.train(promotion={"floors": {"staging": 0.51, "production": 0.99}}).alias
    )


def test_the_first_model_has_to_reach_the_floor_of_champions(house: TrainingHouse) -> None:
    """Otherwise nothing scores, and that is a failure people see; its evidence is registered."""
    with pytest.raises(FloorNotReached) as refused:
        house.train(promotion={"floors": {"production": 0.99}})

    assert refused.value.message.startswith(
        "subscribers has no champion, and churn-subscribers version 1 is not good enough to be it: "
        "its AUC on the test is 0."
    )
    assert {} == house.aliases
    assert 1 == len(house.journal.of("register"))
    assert [False] == [each.is_promoted for each in house.promotions.recorded]


def test_where_a_person_approves_the_first_model_is_a_challenger(house: TrainingHouse) -> None:
    """It waits for `churn promote --approved-by`."""
    assert "challenger" == house.train(promotion={"policy": "approval"}).alias
    assert [] == house.promotions.recorded


def test_by_customer_nobody_is_in_both_parts(house: TrainingHouse) -> None:
    """Every snapshot is divided 80:20, and the folds of all rows say how sure the AUC is."""
    report = house.train(split="customer")
    everyone = (*FIT, CALIBRATE, TEST)
    rows = {part: count["rows"] for part, count in report.counts.items()}
    (call,) = house.journal.of("cross_validate")

    assert Split(everyone, everyone, 3) == report.split
    assert 4 * ROWS == sum(rows.values()) == len(call.kwargs["is_churned"])
    assert 10 == len(call.kwargs["folds"])
    assert [0.8, 0.2] == pytest.approx([rows[part] / 1200 for part in rows], abs=0.05)
    assert (report.family,) == call.args
    assert {"cv_auc_mean", "cv_auc_sd"} == {*report.cross_validation}
    assert 0.6 < report.cross_validation["cv_auc_mean"] < 1


@pytest.mark.parametrize("split", ["time", "customer"])
def test_the_same_data_give_the_same_model(house: TrainingHouse, split: str) -> None:
    """Whatever the order of the rows in the store; one label more or less is another training."""
    first = house.train(split=split)
    earlier, model = house.package, house.registry.load(first.version)
    shuffled = np.random.default_rng(1).permutation(ROWS)
    for as_of, table in house.features.tables.items():
        house.features.tables[as_of] = table.take(pa.array(shuffled))
    second = house.train(split=split)
    again = house.registry.load(second.version)

    assert (earlier.fitted.weights, model.spec) == (house.package.fitted.weights, again.spec)
    assert model.reference().equals(again.reference())
    assert earlier.golden.equals(house.package.golden)
    assert first.version.tags == second.version.tags
    assert first.evaluation == second.evaluation

    house.change(TEST, is_churned=~house.values(TEST, "is_churned"))
    third = house.train(split=split)
    assert first.version.tags["data_fingerprint"] != third.version.tags["data_fingerprint"]


def test_the_log_counts_and_names_nobody(house: TrainingHouse) -> None:
    """Rows, unknown levels, every family and the result are logged."""
    house.change(TEST, plan=["platinum"] * ROWS)
    with structlog.testing.capture_logs() as logs:
        report = house.train()

    assert ["training_set_read", "family_searched", "family_searched", "trained"] == [
        entry["event"] for entry in logs
    ]
    assert {"snapshots": 4, "rows": 4 * ROWS, "unknown_levels": {"plan": ROWS}}.items() <= (
        logs[0].items()
    )
    assert {"version": 1, "alias": "champion", "family": report.family}.items() <= (
        logs[-1].items()
    )
    assert "c0000" not in str(logs)
