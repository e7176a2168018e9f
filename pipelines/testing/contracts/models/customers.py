"""Customers whose churn their features explain, and everything a model of them is made of."""

from datetime import date

import numpy as np
import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import by_customer
from pipelines.domain.ports.models import Trainer
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.training.evaluation import evaluate
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.training_set import PARTS, TrainingSet, reference

DAY = date(2026, 1, 1)
CONTRACT = FeatureContract(
    "fct_customer_features",
    (
        Feature("fee_eur", "numeric", "Fee", unit="EUR a month"),
        Feature("idle_days", "numeric", "Time since last use", unit="days", nullable=True),
        Feature("is_autopay", "boolean", "Pays automatically"),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True),
    ),
)


def customers(rows: int = 600, *, seed: int = 1) -> pa.Table:
    """
    Return labelled customers of one day: who pays more and was idle longer leaves more often.

    Args:
        rows: How many.
        seed: The same gives the same.
    """
    random = np.random.default_rng(seed)
    fee = random.integers(50, 400, rows) / 10
    idle = random.integers(0, 60, rows).astype(np.float64)
    is_autopay = random.random(rows) < 0.6
    odds = 0.12 * (fee - 22) + 0.06 * (idle - 30) - is_autopay

    return pa.table(
        {
            "as_of": pa.repeat(pa.scalar(DAY, pa.date32()), rows),
            "customer_id": [f"c{number:06d}" for number in range(rows)],
            "plan": pa.array(random.choice(["basic", "pro"], rows), mask=random.random(rows) < 0.1),
            "is_autopay": is_autopay,
            "idle_days": pa.array(idle, mask=random.random(rows) < 0.1),
            "fee_eur": fee,
            "is_churned": random.random(rows) < 1 / (1 + np.exp(-odds)),
        }
    )


def package_of(trainer: Trainer, *, population: str, family: str = "logistic") -> ModelPackage:
    """Train on customers and return what is registered; the same trainer gives the same."""
    split = by_customer([DAY], seed=1)
    rows = TrainingSet.of(customers(), CONTRACT, split)
    fit, calibrate, test = (rows.parts[part] for part in PARTS)
    fitted = trainer.fit(
        family,
        matrix=fit.matrix,
        is_churned=fit.is_churned,
        is_held_back=split.held_back(fit.table),
        contract=CONTRACT,
        seed=1,
    )
    margins = fitted.predictor.margins(calibrate.matrix)
    calibrator = trainer.calibrate(margins, calibrate.is_churned)
    probabilities = calibrator.apply(fitted.predictor.margins(test.matrix))

    return ModelPackage(
        spec=ModelSpec(population, family, DAY, CONTRACT, calibrator, split),
        fitted=fitted,
        evaluation=evaluate(test.is_churned, probabilities, resamples=10, seed=1),
        cross_validation={},
        candidates={family: 0.8},
        data_fingerprint=rows.fingerprint,
        counts=rows.counts,
        golden=rows.golden(probabilities),
        reference=reference(test, probabilities, CONTRACT, seed=1),
        is_churned=test.is_churned,
        probabilities=probabilities,
    )
