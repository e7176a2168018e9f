"""Nights made to order, and what the rules say of their columns."""

import numpy as np
import pyarrow as pa

from pipelines.adapters.drift.scipy_engine import ScipyEngine
from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import SCORE, comparable
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.persistence import with_nights
from pipelines.domain.drift.rules import check_feature
from pipelines.domain.drift.scores import check_scores
from pipelines.domain.features.contract import Feature

LIMITS = DriftLimits(
    p_value=1e-3,
    wasserstein_sd=0.10,
    share_points=3.0,
    categorical_psi=0.02,
    gain_importance=0.01,
    unimportant_sd=0.40,
    unimportant_points=12.0,
    unimportant_psi=0.20,
    missing_points=2.0,
    score_psi=0.02,
    score_mean_sd=0.05,
)
NUMERIC = [Feature(f"number_{index}", "numeric", "Number") for index in range(44)]
GAPPED = [Feature(f"gapped_{index}", "numeric", "Gapped", nullable=True) for index in range(4)]
WORDS = [
    Feature(f"word_{index}", "categorical", "Word", levels=("a", "b", "c")) for index in range(6)
]
FLAGS = [Feature(f"flag_{index}", "boolean", "Flag") for index in range(6)]
WATCHED = [*NUMERIC, *GAPPED, *WORDS, *FLAGS]
SCORES = Feature(SCORE, "numeric", "Churn probability")
# Half of the features matter to the model.
IMPORTANCES = {feature.name: 0.03 * (index % 2) for index, feature in enumerate(WATCHED)}
IMPORTANT, UNIMPORTANT = "number_1", "number_0"


def night(seed: int, rows: int, **changes: object) -> pa.Table:
    """Return 60 features and scores of *rows* customers; *changes* replace columns."""
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {}
    for index, feature in enumerate(NUMERIC):
        shape = random.normal(size=rows) if index % 3 else random.lognormal(size=rows)
        columns[feature.name] = shape if index % 4 else random.poisson(2, rows).astype(float)
    for feature in GAPPED:
        columns[feature.name] = gapped(random, rows, 0.05)
    for feature in WORDS:
        columns[feature.name] = random.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1])
    for feature in FLAGS:
        columns[feature.name] = random.random(rows) < 0.2
    columns[SCORE] = random.beta(1, 6, rows)
    assert set(changes) <= set(columns)

    return comparable(pa.table({**columns, **changes}), [*WATCHED, SCORES])


def gapped(random: np.random.Generator, rows: int, share: float) -> pa.Array:
    """Return numbers of which *share* is missing."""
    return pa.array(random.normal(size=rows), mask=random.random(rows) < share)


def judge(reference: pa.Table, current: pa.Table) -> dict[str, DriftCheck]:
    """Return the checks of one night by feature."""
    words = [feature.name for feature in WATCHED if feature.kind != "numeric"]
    tests = ScipyEngine().p_values(reference, current, words)
    checks = [
        check_feature(
            feature,
            reference[feature.name],
            current[feature.name],
            test=tests[feature.name],
            importance=IMPORTANCES[feature.name],
            watched=len(WATCHED),
            limits=LIMITS,
        )
        for feature in WATCHED
    ]
    checks.append(check_scores(reference[SCORE], current[SCORE], test=tests[SCORE], limits=LIMITS))

    return {check.feature: check for check in with_nights(checks, [])}


def verdicts(checks: dict[str, DriftCheck]) -> dict[str, str]:
    """Return the columns that are not quiet."""
    return {name: check.verdict for name, check in checks.items() if check.verdict != "quiet"}
