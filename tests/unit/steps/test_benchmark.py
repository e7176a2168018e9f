"""A whole training on one table, beside rivals."""

from collections.abc import Mapping, Sequence
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

    return _inspected(columns)


def _inspected(columns: Mapping[str, Sequence[str]]) -> Inspected:
    """Look at a table of text."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    sample = Sample(table, np.arange(1, table.num_rows + 1), table.num_rows, 1)

    return tables.inspect("people", "people.csv", sample, as_of=DAY, label="left=yes")


def _label(found: Inspected) -> Sequence[str]:
    """Return who left, row by row."""
    return next(column for column in found.columns if column.name == "left").row_texts


def _benchmark(
    found: Inspected,
    *,
    time: str | None = None,
    ignored: tuple[str, ...] = ("month",),
    accepts: Mapping[str, str] | None = None,
    key: str = "id",
) -> BenchmarkReport:
    return benchmark(
        found=found,
        key=key,
        time=time,
        ignored=ignored,
        accepts=accepts or {},
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
    with pytest.raises(LeakSuspected, match=r"1 columns of people may .*: reason is") as refused:
        _benchmark(leaky)

    assert (
        "churn benchmark --data people.csv --label left --ignore reason; or for one that was known "
        "before: --accept 'reason=how it was'"
    ) == refused.value.next_step
    assert [["reason"]] == [leak["columns"] for leak in refused.value.leaks]
    assert "reason" in _benchmark(leaky, ignored=("month", "reason")).dropped


def test_columns_that_know_it_together_are_refused_by_name() -> None:
    """Unless a person has answered for one of them."""
    left = np.array([*_label(_table())]) == "yes"
    coin = np.random.default_rng(5).random(len(left)) < 0.5
    leaky = _table(a=[str(int(each)) for each in coin], b=[str(int(each)) for each in coin ^ left])
    with pytest.raises(LeakSuspected, match="2 columns of people may know who left: a and b tell"):
        _benchmark(leaky)

    assert {"a", "b"} < {*_benchmark(leaky, accepts={"a": "thrown before"}).to_dict()["features"]}


def test_a_table_of_many_rows_a_customer_is_probed_too() -> None:
    """There the guess of what a table is would call it a log."""
    left = [*_label(_table())]
    panel = _table(
        customer_id=[f"k-{number // 4}" for number in range(len(left))],
        closed_at=[f"2026-09-{1 + n % 28:02}" if each == "yes" else "" for n, each in
                   enumerate(left)],
        id=["x"] * len(left),
    )  # fmt: skip
    assert panel.is_log
    with pytest.raises(LeakSuspected, match="closed_at is filled for 100 %"):
        _benchmark(panel, key="customer_id")


def test_the_same_rows_under_other_keys_keep_together() -> None:
    """How many is said; that a file is sorted is, too, and ends nothing."""
    first = _table(600)
    order = np.argsort(np.array([*_label(first)]) == "yes", kind="stable")
    columns = {
        column.name: [*column.row_texts[order], *column.row_texts[order][:200]]
        for column in first.columns
    }
    columns["id"] = [f"k-{number}" for number in range(800)]
    columns["usage"] = [f"{value:.4f}" for value in np.random.default_rng(8).random(600)] * 2
    columns["usage"] = columns["usage"][:800]
    report = _benchmark(_inspected({name: columns[name][:700] for name in columns}))

    assert ["the order of rows tells who left", "100 rows are the same as another one"] == [
        note.partition(" (AUC")[0].partition(" in every")[0] for note in report.notes
    ]


def test_a_table_with_enough_churners_has_enough_of_them_everywhere() -> None:
    """A fifth of its rows is the test, and so is each fold: no part needs all of them alone."""
    report = _benchmark(_table(100))

    test = report.package.counts["test"]
    assert TRAINING.minimum_churners / 5 <= test["churners"] < TRAINING.minimum_churners
    assert 100 == sum(part["rows"] for part in report.package.counts.values())
    found = report.package.evaluation["auc"]
    assert found.lower < found.value < found.upper


def test_too_few_churners_are_refused() -> None:
    """Twenty customers have not enough in the test."""
    with pytest.raises(NotEnoughLabels, match="each part needs 4 churners"):
        _benchmark(_table(20))
