"""What counts as drift, on nights made to order: chance alone, real shifts, broken feeds."""

import math

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.drift.scipy_engine import ScipyEngine
from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import SCORE, comparable
from pipelines.domain.drift.limits import DriftLimits
from pipelines.domain.drift.report import judge_night
from pipelines.domain.drift.rules import check_feature, check_scores
from pipelines.domain.features.contract import Feature

LIMITS = DriftLimits(
    p_value=1e-3,
    wasserstein_sd=0.10,
    categorical_psi=0.02,
    gain_importance=0.01,
    unimportant_psi=0.20,
    missing_points=2.0,
    score_psi=0.02,
    score_mean_change_pct=5.0,
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

    return {check.feature: check for check in checks}


def verdicts(checks: dict[str, DriftCheck]) -> dict[str, str]:
    """Return the columns that are not quiet."""
    return {name: check.verdict for name, check in checks.items() if check.verdict != "quiet"}


@pytest.fixture(scope="module")
def reference() -> pa.Table:
    """What the model was trained on."""
    return night(0, 12_000)


def test_two_hundred_nights_of_chance_raise_no_alarm(reference: pa.Table) -> None:
    """
    60 features and the scores of 3,000 customers, none of them different.

    Not a proof of zero: the scores' own rule alarmed on 19 of 40,000 simulated nights of this
    size, 0.17 a year, so about one choice of seeds in ten would show an alarm here.
    """
    nights = [judge(reference, night(seed, 3000)) for seed in range(1, 201)]

    assert {61} == {len(checks) for checks in nights}
    assert [] == [found for checks in nights if (found := verdicts(checks))]


def test_chance_alone_is_often_significant(reference: pa.Table) -> None:
    """The guard of the test above: p < 0.05 for some feature on nearly every one of 20 nights."""
    loud = 0
    for seed in range(1, 21):
        checks = judge(reference, night(seed, 3000))
        loud += any(check.p_value is not None and check.p_value < 0.05 for check in checks.values())

    assert loud >= 16


def test_a_shift_of_an_important_feature_is_caught_every_time(reference: pa.Table) -> None:
    """0.3 sd at 10,000 customers, 20 nights of 20."""
    for seed in range(300, 320):
        random = np.random.default_rng(seed)
        checks = judge(reference, night(seed, 10_000, number_1=random.normal(0.3, 1, 10_000)))

        assert {IMPORTANT: "drifted"} == verdicts(checks)
        assert "wasserstein_sd" == checks[IMPORTANT].effect_name
        assert pytest.approx(0.3, abs=0.05) == checks[IMPORTANT].effect


def test_a_shift_the_model_hardly_looks_at_is_not(reference: pa.Table) -> None:
    """The same shift of an unimportant feature stays quiet; a large one does not."""
    random = np.random.default_rng(1)
    small = random.poisson(2.3, 10_000).astype(float)
    large = random.poisson(4, 10_000).astype(float)

    assert {} == verdicts(judge(reference, night(301, 10_000, number_0=small)))
    assert {UNIMPORTANT: "drifted"} == verdicts(
        judge(reference, night(301, 10_000, number_0=large))
    )


def test_a_category_that_shifts_is_caught(reference: pa.Table) -> None:
    """Shares of 60, 30 and 10 % that become 45, 35 and 20 %."""
    random = np.random.default_rng(2)
    words = random.choice(["a", "b", "c"], 10_000, p=[0.45, 0.35, 0.2])

    assert {"word_1": "drifted"} == verdicts(judge(reference, night(302, 10_000, word_1=words)))


def test_a_harmless_wobble_is_not_drift(reference: pa.Table) -> None:
    """0.05 sd at 100,000 customers is significant, and too small to matter."""
    random = np.random.default_rng(3)
    checks = judge(night(9, 100_000), night(303, 100_000, number_1=random.normal(0.05, 1, 100_000)))
    wobble = checks[IMPORTANT]

    assert wobble.p_value is not None
    assert wobble.p_value < 1e-3 / 60
    assert {} == verdicts(checks)


def test_more_missing_values_are_missing_and_ask_for_no_training(reference: pa.Table) -> None:
    """5 % that become 10 % make the night unknown, 20 nights of 20."""
    for seed in range(400, 420):
        gaps = gapped(np.random.default_rng(seed), 10_000, 0.10)
        checks = judge(reference, night(seed, 10_000, gapped_1=gaps))

        assert {"gapped_1": "missing"} == verdicts(checks)
        assert "unknown" == judge_night(list(checks.values()))[0]


def test_a_broken_feed_is_no_drift_whatever_else_it_moves(reference: pa.Table) -> None:
    """A column gone NULL, and a sum it feeds that shrank: unknown, and the column comes first."""
    shrunk = np.random.default_rng(5).normal(-1, 1, 5000)
    checks = judge(
        reference, night(500, 5000, gapped_1=pa.nulls(5000, pa.float64()), number_1=shrunk)
    )
    verdict, reason = judge_night(list(checks.values()))

    assert {"gapped_1": "missing", IMPORTANT: "drifted"} == verdicts(checks)
    assert "unknown" == verdict
    assert reason.startswith("missing rates changed: gapped_1 (missing 4.8 % → 100.0 %); drifted:")


def test_values_that_all_became_one_are_no_drift(reference: pa.Table) -> None:
    """Sums over NULL that were filled with zero have no missing rate to betray them."""
    checks = judge(reference, night(501, 5000, number_1=np.zeros(5000)))

    assert "unknown" == checks[IMPORTANT].verdict
    assert "became a single value" == checks[IMPORTANT].finding
    assert "unknown" == judge_night(list(checks.values()))[0]


def test_nothing_but_nan_is_never_all_clear(reference: pa.Table) -> None:
    """NaN counts as missing; alibi-detect alone would call it no drift."""
    checks = judge(reference, night(502, 5000, number_1=np.full(5000, np.nan)))

    assert {IMPORTANT: "missing"} == verdicts(checks)
    assert checks[IMPORTANT].p_value is None
    assert "unknown" == judge_night(list(checks.values()))[0]


def test_a_test_without_an_answer_is_unknown() -> None:
    """A NaN statistic is an alert, with values on both sides or on none that vanished by chance."""
    column = pa.chunked_array([[1.0, 2.0, 3.0]])
    check = check_feature(
        NUMERIC[0],
        column,
        column,
        test=(math.nan, math.nan),
        importance=0.1,
        watched=1,
        limits=LIMITS,
    )

    assert ("unknown", None) == (check.verdict, check.p_value)
    assert "unknown" == judge_night([check])[0]


def test_a_column_that_was_always_empty_is_quiet() -> None:
    """Nothing was there at training and nothing is now: nothing changed."""
    empty = pa.chunked_array([pa.nulls(50, pa.float64())])
    check = check_feature(
        GAPPED[0],
        empty,
        empty,
        test=(math.nan, math.nan),
        importance=0.0,
        watched=1,
        limits=LIMITS,
    )

    assert "quiet" == check.verdict


def test_scores_that_moved_are_drift(reference: pa.Table) -> None:
    """A third more churn expected than at training, with every feature quiet."""
    random = np.random.default_rng(4)
    checks = judge(reference, night(503, 10_000, **{SCORE: random.beta(1.5, 6, 10_000)}))

    assert {SCORE: "drifted"} == verdicts(checks)
    assert "drifted" == judge_night(list(checks.values()))[0]


def test_levels_nobody_knows_are_one_level() -> None:
    """A hundred misspellings are one bin, not a hundred that are empty on the other side."""
    table = pa.table({"word_0": ["a", "A", "aa", None, "b"]})

    assert ["a", "(other)", "(other)", None, "b"] == comparable(table, [WORDS[0]])[
        "word_0"
    ].to_pylist()
