"""Customers whose churn their features explain, and everything a model of them is made of."""

from datetime import date

import numpy as np
import pyarrow as pa

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.splits import by_customer
from pipelines.domain.ports.models import Trainer
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.training.evaluation import evaluate
from pipelines.domain.training.folds import by_customer as by_customer_folds
from pipelines.domain.training.measures.costs import Costs
from pipelines.domain.training.measures.decisions import Decision
from pipelines.domain.training.package import ModelPackage
from pipelines.domain.training.training_set import TrainingSet, reference

DAY = date(2026, 1, 1)
# So many that models are told of their effects.
CITIES = tuple(f"city_{number:02d}" for number in range(24))
CONTRACT = FeatureContract(
    "fct_customer_features",
    (
        Feature("fee_eur", "numeric", "Fee", unit="EUR a month"),
        Feature("idle_days", "numeric", "Time since last use", unit="days", nullable=True),
        Feature("is_autopay", "boolean", "Pays automatically"),
        Feature("plan", "categorical", "Plan", levels=("basic", "pro"), nullable=True),
        Feature("city", "categorical", "City", levels=CITIES, nullable=True),
    ),
)


def customers(rows: int = 600, *, seed: int = 1) -> pa.Table:
    """
    Return labelled customers of one day: who pays more and was idle longer leaves more often.

    In every other city they leave more often, too.

    Args:
        rows: How many.
        seed: The same gives the same.
    """
    random = np.random.default_rng(seed)
    fee = random.integers(50, 400, rows) / 10
    idle = random.integers(0, 60, rows).astype(np.float64)
    is_autopay = random.random(rows) < 0.6
    city = np.random.default_rng(seed + 100).integers(0, len(CITIES), rows)
    odds = 0.12 * (fee - 22) + 0.06 * (idle - 30) - is_autopay + 1.2 * (city % 2) - 0.6

    return pa.table(
        {
            "as_of": pa.repeat(pa.scalar(DAY, pa.date32()), rows),
            "customer_id": [f"c{number:06d}" for number in range(rows)],
            "plan": pa.array(random.choice(["basic", "pro"], rows), mask=random.random(rows) < 0.1),
            "city": pa.array(np.array(CITIES)[city], mask=city == 5),
            "is_autopay": is_autopay,
            "idle_days": pa.array(idle, mask=random.random(rows) < 0.1),
            "fee_eur": fee,
            "is_churned": random.random(rows) < 1 / (1 + np.exp(-odds)),
        }
    )


def package_of(trainer: Trainer, *, population: str, family: str = "logistic") -> ModelPackage:
    """Train on customers and return what is registered; the same trainer gives the same."""
    rows = TrainingSet.of(customers().to_batches(), CONTRACT, by_customer([DAY], seed=1))

    return trained(trainer, rows, population=population, family=family)


def trained(trainer: Trainer, rows: TrainingSet, *, population: str, family: str) -> ModelPackage:
    """
    Search one family once, fit and calibrate it, and return what is registered.

    Args:
        trainer: What fits it.
        rows: What it learns from, and what it is tested on.
        population: Who it scores.
        family: One of FAMILIES.
    """
    learn, test, split = rows.learn, rows.test, rows.split
    candidate = trainer.search(
        family,
        matrix=learn.matrix,
        is_churned=learn.is_churned,
        customer_ids=learn.keys["customer_id"],
        folds=by_customer_folds(learn.keys["customer_id"], split.seed),
        contract=rows.contract,
        seed=1,
        trials=1,
        seconds=60,
    )
    fitted = trainer.fit(
        family,
        matrix=learn.matrix,
        is_churned=learn.is_churned,
        customer_ids=learn.keys["customer_id"],
        parameters=candidate.best.parameters,
        contract=rows.contract,
        seed=1,
    )
    calibrator = trainer.calibrate(candidate.margins, learn.is_churned)
    probabilities = calibrator.apply(fitted.predictor.margins(test.matrix))

    return ModelPackage(
        spec=ModelSpec(population, family, max(split.snapshots), rows.contract, calibrator, split),
        fitted=fitted,
        evaluation=evaluate(test.is_churned, probabilities, resamples=10, seed=1),
        out_of_fold={},
        tiers=(),
        cross_validation={},
        candidates={family: candidate.best.auc},
        slices=(),
        data_fingerprint=rows.fingerprint,
        counts=rows.counts,
        decision=Decision("high", 0.6, 5.0),
        costs=Costs(200.0, 10.0, 1.0, 6.0, 14.0),
        golden=rows.golden(probabilities),
        reference=reference([test], [probabilities], seed=1, contract=rows.contract),
        is_churned=test.is_churned,
        probabilities=probabilities,
        trials={family: candidate.trials},
    )
