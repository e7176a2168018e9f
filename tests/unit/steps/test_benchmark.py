"""A whole training on one table, beside rivals."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.arrays import Flags, Matrix, Vector
from pipelines.domain.inspection import tables
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.errors import LeakSuspected, NotEnoughLabels
from pipelines.sections import Business, Training
from pipelines.steps.model.benchmark import BenchmarkReport, benchmark
from pipelines.testing.models import MemoryTrainer

DAY = date(2026, 11, 1)
TRAINING = Training(minimum_churners=20, bootstrap_resamples=20, seed=3)


def _guess(_: Matrix, __: Flags, others: Matrix, seed: int) -> Vector:
    """Know nothing."""
    return np.random.default_rng(seed).random(len(others))


def _table(rows: int = 1200, **more: list[str]) -> Inspected:
    """Return customers who leave when they pay much, a month each hundred rows."""
    random = np.random.default_rng(4)
    fee = random.integers(50, 400, rows) / 10
    left = random.random(rows) < 1 / (1 + np.exp(-0.15 * (fee - 28)))
    columns = {
        "id": [f"c-{number}" for number in range(rows)],
        "fee": [str(value) for value in fee],
        "left": ["yes" if each else "no" for each in left],
        "month": [str(DAY - timedelta(days=30 * (12 - number // 100))) for number in range(rows)],
        **more,
    }
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    sample = Sample(table, np.arange(1, rows + 1), rows, 1)

    return tables.inspect("people", "people.csv", sample, as_of=DAY, label="left=yes")


def _benchmark(
    found: Inspected, *, time: str | None = None, ignored: tuple[str, ...] = ("month",)
) -> BenchmarkReport:
    return benchmark(
        found=found,
        key="id",
        time=time,
        ignored=ignored,
        training=TRAINING,
        tiers=TierPolicy({"high": 0.5}, {"low": "none", "high": "call"}),
        business=Business(contact_capacity_pct=10),
        trainer=MemoryTrainer(),
        rivals={"guess": _guess},
    )


def test_customers_are_divided_and_rivals_judged_on_the_same_folds() -> None:
    """Its AUC is the mean over five folds, twice."""
    report = _benchmark(_table())
    told = report.to_dict()

    assert 0.7 < told["auc"] < 0.9
    assert (told["auc"], told["auc_sd"]) == (
        report.package.cross_validation["cv_auc_mean"],
        report.package.cross_validation["cv_auc_sd"],
    )
    assert told["rivals"]["guess"]["auc"] == pytest.approx(0.5, abs=0.06)
    assert {"log_loss", "calibration_slope", "family", "left_out"} <= {*told}
    assert 0.7 < told["calibration_slope"] < 1.3
    assert ["fee"] == told["features"]
    assert {"tier": "high", "threshold": 0.5, "capacity_pct": 10.0} == told["decision"]
    assert told["test"]["expected_maximum_profit"]["value"] > 0
    assert {"fee"} == {each["feature"] for each in told["slices"]}
    assert 1200 == sum(tier["rows"] for tier in told["tiers"])
    assert 1200 == sum(part["rows"] for part in told["counts"].values())


def test_later_rows_judge_earlier_ones() -> None:
    """There are no folds of customers then, and a rival has learned from the earlier rows too."""
    report = _benchmark(_table(), time="month", ignored=())

    assert report.is_in_time
    assert report.auc[0] == report.package.evaluation["auc"].value
    assert {} == report.package.cross_validation
    assert {"guess"} == {*report.rivals}
    assert {"rows": 200}.items() <= report.package.counts["test"].items()


def test_a_column_that_tells_alone_who_left_is_refused() -> None:
    """By name, before anything is fitted; ignored it does no harm."""
    left = _table()
    label = next(column for column in left.columns if column.name == "left")
    reasons = ["moved" if text == "yes" else "" for text in label.row_texts]
    leaky = _table(reason=reasons)
    with pytest.raises(LeakSuspected, match=r"1 columns of people .*reason \(AUC") as refused:
        _benchmark(leaky)

    assert "--ignore 'reason'" in refused.value.next_step
    assert "reason" in _benchmark(leaky, ignored=("month", "reason")).dropped


def test_too_few_churners_are_refused() -> None:
    """A hundred customers have not enough in the test."""
    with pytest.raises(NotEnoughLabels, match="test"):
        _benchmark(_table(60))
