"""A score is the same to the last bit, whatever batch it is in and whoever works on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.models.families import logistic, xgboost
from pipelines.domain.features.contract import FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import Split
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.scoring import Before, score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.stream import overlapped
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.training.package import Fitted

NIGHT = date(2026, 3, 1)
WHOLE = 1_000_000
TIERS = TierPolicy({"medium": 0.5, "high": 0.7}, {"low": "none", "medium": "mail", "high": "call"})
# Of one list: 1,000 at once by one, 64,000 by two, everybody by four, and a batch that ends oddly.
CUTS = [(1_000, 1), (64_000, 2), (WHOLE, 4), (4_099, 2)]


@pytest.fixture(scope="module")
def customers(made_up_customers: Callable[..., pa.Table]) -> pa.Table:
    """More than one batch of the usual size, amounts of which hardly two are the same."""
    return made_up_customers([NIGHT], rows=66_000).combine_chunks()


def fitted(table: pa.Table, contract: FeatureContract, name: str) -> Fitted:
    """Fit a family on some of the customers."""
    learned = table.slice(0, 4_000)
    matrix, left = encode(learned, contract).matrix, learned["is_churned"].to_numpy()
    if name == "logistic":
        return logistic.fit(matrix, left, parameters=logistic.DEFAULTS, contract=contract, seed=1)
    parameters = {
        **xgboost.DEFAULTS,
        "max_depth": 6 if name == "deep" else 4,
        "rounds": 12,
        "eta": 0.5,
    }

    return xgboost.fit(matrix, left, parameters=parameters, contract=contract, seed=1)


@pytest.mark.parametrize(
    ("name", "rows"), [("logistic", 66_000), ("shallow", 66_000), ("deep", 9_000)]
)
def test_the_list_is_the_same_however_it_is_cut(
    customers: pa.Table, made_up_contract: FeatureContract, name: str, rows: int
) -> None:
    """Probabilities, tiers, reasons in words and in numbers, beside a model of before."""
    table, contract = customers.slice(0, rows), made_up_contract
    spec = ModelSpec(
        "made_up",
        name,
        NIGHT,
        contract,
        Calibrator.through(np.array([-1.0, 0.1, 1.0]), np.array([0.2, 0.5, 0.8])),
        Split((NIGHT,), (NIGHT,), 1),
        usual={"fee_eur": 20.0, "tickets_28d": 1, "is_autopay": True, "plan": "basic"},
    )
    predictors = CrossFitted(fitted(table, contract, name).predictor, spec.split)
    earlier = fitted(customers, contract, "logistic").predictor
    before = Before(1, replace(spec, family="logistic"), CrossFitted(earlier, spec.split))

    def work(batch: pa.RecordBatch) -> pa.RecordBatch:
        return score_batch(batch, spec=spec, predictors=predictors, tiers=TIERS, before=before)

    def listed(size: int, workers: int) -> pa.Table:
        batches = iter(table.to_batches(max_chunksize=size))
        return pa.Table.from_batches(overlapped(batches, work, workers=workers)).combine_chunks()

    one = listed(WHOLE, 1)
    assert (rows, 3) == (one.num_rows, len(one["risk_tier"].unique()))
    assert 0 < one["reasons"].null_count < rows
    for size, workers in CUTS:
        assert one.equals(listed(size, workers)), (size, workers)
