"""The benchmark of drift goes on where it was stopped, and judges as it would have in one go."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.adapters.drift.scipy_engine import ScipyEngine
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import Split
from pipelines.domain.ports.models import Model
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.testing.models import LinearPredictor, MemoryModel
from tests.benchmarks import drift_table
from tests.benchmarks.drift import NIGHTS, Benchmark
from tests.benchmarks.drift_business import DAYS_AT_ONCE, CalmYear, runs

CUSTOMERS, DAYS, CHANGED = 400, 10, 5
CONTRACT = FeatureContract("fct", (Feature("number", "numeric", "Number"),))


class MadeYear(CalmYear):
    """A year whose model was never a file."""

    def model(self) -> Model:
        """Return a model that has one number to tell customers by."""
        spec = ModelSpec(
            *("subscribers", "logistic", self.trained, CONTRACT, Calibrator.line(1.0, -2.0)),
            Split((self.trained,), (self.trained,), 1),
        )
        made = MemoryModel(spec, LinearPredictor(np.ones(1)), {"number": 1.0}, numbers(99))

        return replace(made, sample=scored(made, made.sample))


def numbers(seed: int, moved: float = 0.0) -> pa.Table:
    """Return the same customers on a night, their number moved."""
    ids = [f"C{number:03}" for number in range(CUSTOMERS)]
    usual = np.random.default_rng(0).normal(0.0, 1.0, CUSTOMERS)
    tonight = np.random.default_rng(seed).normal(moved, 0.1, CUSTOMERS)

    return pa.table({"customer_id": ids, "number": usual + tonight})


def scored(model: Model, rows: pa.Table) -> pa.Table:
    """Return customers with what the model says of them."""
    return rows.append_column("churn_probability", pa.array(model.probabilities(rows)))


@pytest.fixture
def year(tmp_path: Path) -> CalmYear:
    """A few nights as they would have been made, of which the later ones differ."""
    made = MadeYear(tmp_path, CUSTOMERS, DAYS)
    for seed, day in enumerate([*made.earlier, *made.days]):
        is_changed = day >= made.days[CHANGED]
        rows = numbers(seed, 0.6 if is_changed else 0.0)
        pq.write_table(scored(made.model(), rows), tmp_path / f"{day}.parquet")
    (tmp_path / "contract.json").write_text(json.dumps(CONTRACT.to_dict()), "utf-8")

    return made


def judged(year: CalmYear, told: Path, stops: Sequence[int]) -> list[dict[str, Any]]:
    """Judge the nights in so many goes; return what was told of each."""
    for nights in stops:
        for _ in Benchmark(year, ScipyEngine(), told).calm(nights):
            pass
    assert len(told.read_text("utf-8").splitlines()) == DAYS

    return drift_table.lines(told)


@pytest.mark.parametrize("stops", [(1, 2, 3, 7, 8, DAYS), (6, 6, DAYS), (CHANGED + 1, DAYS, DAYS)])
def test_stopped_and_gone_on_it_is_as_in_one_go(
    year: CalmYear, tmp_path: Path, stops: Sequence[int]
) -> None:
    """No night is told twice, and what lasts is counted over the stop."""
    whole = judged(year, tmp_path / "whole.jsonl", [DAYS])
    parts = judged(year, tmp_path / "parts.jsonl", stops)

    assert whole == parts
    verdicts = [line["verdict"] for line in whole]
    assert ["quiet"] * (CHANGED + 1) + ["drifted"] * (DAYS - CHANGED - 1) == verdicts
    assert 1 == drift_table.began(whole)


def test_of_planted_changes_only_the_nights_they_need_are_made(year: CalmYear) -> None:
    """Three to be judged and the one before them, within the year."""
    found = Benchmark(year, ScipyEngine(), Path("unused")).nights_of(2)

    assert 2 * (NIGHTS + 1) == len(found)
    assert {*found} <= {*year.days}
    assert [1, 1, 1] == [(b - a).days for a, b in itertools.pairwise(found[:4])]


def test_nights_are_built_in_runs_without_a_gap() -> None:
    """Of three weeks at most."""
    days = [date(2026, 1, 1) + timedelta(days=at) for at in (0, 1, 2, 5, *range(9, 40))]

    assert [3, 1, DAYS_AT_ONCE, 31 - DAYS_AT_ONCE] == [*map(len, runs(days))]
