"""
Scores and reasons for a million customers, all of them told: seconds, memory, and that they add up.

    .venv/bin/python -m tests.benchmarks.reasons_million --help

The model is 300 trees on features made up here, of depth 4 unless said. What is measured is
`score_batch`: from columns to columns, in words and as numbers. What it says is looked at outside
of that time: the numbers of every customer add up to the log-odds of the score, and of some in
every batch they are those of XGBoost's own TreeSHAP. Ends with 1 where they do not, or where depth
4 takes too long.
"""

import argparse
import json
import resource
import sys
import time
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import xgboost as xgb

from pipelines.adapters.models.families import xgboost as trees
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.features.encoding import encode
from pipelines.domain.features.splits import Split
from pipelines.domain.features.usual import usual_values
from pipelines.domain.scoring.calibration import Calibrator
from pipelines.domain.scoring.explanation import explain
from pipelines.domain.scoring.predictor import CrossFitted
from pipelines.domain.scoring.scoring import score_batch
from pipelines.domain.scoring.spec import ModelSpec
from pipelines.domain.scoring.tier_bounds import log_odds
from pipelines.domain.scoring.tiers import TierPolicy

BATCH, LEARNED, COMPARED = 64_000, 20_000, 500
ROUNDS, DEPTH = 300, 4
MOST_SECONDS, MOST_DIFFERENCE = 60.0, 1e-4
THEMES = ("usage", "payment", "support", "contract", "price", "tenure", "engagement", "account")
LEVELS = ("monthly", "yearly", "two years")
NIGHT = date(2026, 3, 1)
CALIBRATOR = Calibrator((-6.0, -2.0, 0.0, 3.0), (-5.0, -2.2, -0.3, 2.5))
TIERS = TierPolicy(
    {"medium": 0.3, "high": 0.6, "critical": 0.8},
    {"low": "none", "medium": "mail", "high": "offer", "critical": "call"},
)


def contract(width: int) -> FeatureContract:
    """Return so many features in eight themes: counts, amounts with gaps, answers, levels."""
    features = []
    for number in range(width):
        kind = {8: "boolean", 9: "categorical"}.get(number % 10, "numeric")
        features.append(
            Feature(
                f"feature_{number}",
                kind,  # type: ignore[arg-type]  one of the three
                f"Feature {number}, last 28 days",
                unit="days" if kind == "numeric" else "",
                theme=THEMES[number % len(THEMES)],
                nullable=number % 10 == 2,
                levels=LEVELS if kind == "categorical" else (),
            )
        )

    return FeatureContract("made_up", tuple(features))


def customers(seed: int, rows: int, features: FeatureContract) -> pa.RecordBatch:
    """Draw customers with the *features*."""
    random = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {
        "customer_id": pa.array([f"C{seed:03}{number:06}" for number in range(rows)])
    }
    for number, feature in enumerate(features.features):
        if feature.kind == "boolean":
            values = pa.array(random.random(rows) < 0.3)
        elif feature.kind == "categorical":
            values = pa.array(np.array(LEVELS)[random.integers(0, len(LEVELS), rows)])
        elif number % 3:
            values = pa.array(random.poisson(3, rows).astype(np.float64))
        else:
            drawn = random.gamma(2, 20, rows)
            is_missing = random.random(rows) < 0.1 if feature.nullable else None
            values = pa.array(drawn, mask=is_missing)
        columns[feature.name] = values

    return pa.RecordBatch.from_pydict(columns)


@dataclass
class Explaining:
    """
    One model, and what became of explaining by it.

    Attributes:
        spec: How features become its matrix.
        model: The trees.
        seconds: Spent in explaining, by the clock.
        cpu_seconds: By the cores.
        off: The largest difference seen of a sum.
        off_trees: And of a contribution from XGBoost's.
    """

    spec: ModelSpec
    model: trees.BoostedTrees
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    off: float = 0.0
    off_trees: float = field(default=0.0)

    @classmethod
    def of(cls, width: int, depth: int) -> "Explaining":
        """Fit the model."""
        features = contract(width)
        learned = customers(0, LEARNED, features)
        matrix = encode(learned, features).matrix
        random = np.random.default_rng(1)
        weighed = np.nan_to_num((matrix - np.nanmean(matrix, 0)) / np.nanstd(matrix, 0))
        odds = -2 + weighed @ random.normal(0, 0.25, width) + weighed[:, 0] * weighed[:, 1] * 0.5
        fitted = trees.fit(
            matrix,
            random.random(LEARNED) < 1 / (1 + np.exp(-odds)),
            parameters={**trees.DEFAULTS, "max_depth": depth, "rounds": ROUNDS},
            contract=features,
            seed=1,
        )
        spec = ModelSpec(
            *("made_up", "xgboost", NIGHT, features, CALIBRATOR, Split((NIGHT,), (NIGHT,), 1)),
            usual=usual_values(pa.Table.from_batches([learned]), features),
        )

        return cls(spec, trees.read(fitted.weights, features))

    def explain(self, batch: pa.RecordBatch) -> None:
        """Score and explain some customers, and look at what was said of them."""
        predictors = CrossFitted(self.model, self.spec.split)
        began, cpu = time.monotonic(), time.process_time()
        scored = score_batch(
            batch, spec=self.spec, predictors=predictors, tiers=TIERS, is_for_everyone=True
        )
        self.seconds += time.monotonic() - began
        self.cpu_seconds += time.process_time() - cpu
        self._add_up(scored)
        self._compare(batch.slice(0, COMPARED), predictors)

    def _add_up(self, scored: pa.RecordBatch) -> None:
        """Add up the numbers of every customer."""
        odds = log_odds(scored["churn_probability"].to_numpy())
        for text, truth in zip(scored["reasons"].to_pylist(), odds.tolist(), strict=True):
            told = json.loads(text)
            by_theme = told["base"] + sum(told["themes"].values())
            by_feature = told["base"] + told["rest"]
            by_feature += sum(each["log_odds"] for each in told["features"])
            self.off = max(self.off, abs(by_theme - truth), abs(by_feature - truth))

    def _compare(self, rows: pa.RecordBatch, predictors: CrossFitted) -> None:
        """Compare contributions with XGBoost's, and with the sum of what was explained."""
        matrix = encode(rows, self.spec.contract).matrix
        theirs = self.model.booster.predict(xgb.DMatrix(matrix), pred_contribs=True)
        ours = self.model.contributions(matrix)
        told = explain(
            *(self.model.margins(matrix), matrix, rows["customer_id"]),
            spec=self.spec,
            predictors=predictors,
        )
        lost = told.base + told.contributions.sum(axis=1) - told.log_odds
        self.off = max(self.off, float(np.abs(lost).max()))
        self.off_trees = max(self.off_trees, float(np.abs(ours - theirs[:, :-1]).max()))


def main() -> int:
    """Explain everybody, and print what it took."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--features", type=int, default=60)
    asked.add_argument("--depth", type=int, default=DEPTH, help="of the trees, up to 8")
    given = asked.parse_args()
    explaining = Explaining.of(given.features, given.depth)
    for start in range(0, given.customers, BATCH):
        rows = min(BATCH, given.customers - start)
        explaining.explain(customers(1 + start // BATCH, rows, explaining.spec.contract))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    is_exact = max(explaining.off, explaining.off_trees) <= MOST_DIFFERENCE
    most = MOST_SECONDS * max(1, given.customers / 1e6) if given.depth == DEPTH else float("inf")
    sys.stdout.write(
        f"{given.customers:,} customers with {given.features} features, {ROUNDS} trees of depth "
        f"{given.depth}: {explaining.seconds:.1f} s by the clock, of at most {MOST_SECONDS:g} a "
        f"million at depth {DEPTH}, "
        f"{explaining.cpu_seconds:.1f} of CPU, {peak:.2f} GB at the peak; off by "
        f"{explaining.off:.1e} at most, and {explaining.off_trees:.1e} from XGBoost's own\n"
    )

    return 0 if is_exact and explaining.seconds <= most else 1


if __name__ == "__main__":
    sys.exit(main())
