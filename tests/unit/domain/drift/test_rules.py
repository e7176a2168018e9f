"""What counts as drift, on nights made to order: chance alone, real shifts, broken feeds."""

import math

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.drift.columns import SCORE, comparable
from pipelines.domain.drift.report import judge_night
from pipelines.domain.drift.rules import check_feature
from tests.unit.domain.drift.made_nights import (
    GAPPED,
    IMPORTANT,
    LIMITS,
    NUMERIC,
    UNIMPORTANT,
    WORDS,
    judge,
    night,
    verdicts,
)


@pytest.fixture(scope="module")
def reference() -> pa.Table:
    """What the model was trained on."""
    return night(0, 12_000)


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
