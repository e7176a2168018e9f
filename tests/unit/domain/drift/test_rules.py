"""What counts as drift, on nights made to order: chance alone, real shifts, broken feeds."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.columns import SCORE, comparable
from pipelines.domain.drift.report import judge_night
from pipelines.domain.drift.rules import check_feature
from pipelines.domain.drift.scores import check_scores
from pipelines.domain.features.contract import Feature
from tests.unit.domain.drift.made_nights import (
    FLAGS,
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


@pytest.mark.simulation
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


ROWS = 10_000


def checked(
    feature: Feature,
    before: Sequence[object],
    now: Sequence[object],
    *,
    importance: float = 0.1,
    p_value: float = 1.0,
) -> DriftCheck:
    """Check one of sixty features whose engine's test says *p_value*."""
    columns = [comparable(pa.table({feature.name: side}), [feature]) for side in (before, now)]

    return check_feature(
        feature,
        columns[0][feature.name],
        columns[1][feature.name],
        test=(0.5, p_value),
        importance=importance,
        watched=60,
        limits=LIMITS,
    )


def zeros_and(ones: int, rows: int = ROWS) -> list[float]:
    """Return a number that is zero for most."""
    return [0.0] * (rows - ones) + [1.0] * ones


@pytest.mark.parametrize(("ones", "verdict"), [(600, "drifted"), (220, "quiet")])
def test_what_is_mostly_zero_is_seen_where_the_engine_is_blind(ones: int, verdict: str) -> None:
    """2 % that become 6 %: no single step of the distribution, and p = 1 of the engine's test."""
    check = checked(NUMERIC[1], zeros_and(200), zeros_and(ones))

    assert verdict == check.verdict


@pytest.mark.parametrize(("points", "verdict"), [(3.1, "drifted"), (2.9, "quiet")])
def test_the_usual_value_may_change_by_three_points(points: float, verdict: str) -> None:
    """With a tail so long that 0.10 standard deviations are nowhere near."""
    tail = [1.0] * 950 + [10_000.0] * 50
    moved = round(points * ROWS / 100)
    check = checked(
        NUMERIC[1],
        [0.0] * (ROWS - 1000) + tail,
        [0.0] * (ROWS - 1000 - moved) + tail + [1.0] * moved,
    )

    assert (verdict, "usual_points") == (check.verdict, check.effect_name)


@pytest.mark.parametrize(
    ("points", "importance", "is_watched", "verdict"),
    [
        (3.1, 0.1, True, "drifted"),
        (2.9, 0.1, True, "quiet"),
        (11.9, 0.001, True, "quiet"),
        (12.1, 0.001, True, "drifted"),
        (11.9, 0.1, False, "quiet"),
        (12.1, 0.1, False, "drifted"),
        (50.0, 0.001, False, "quiet"),
    ],
)
def test_a_flag_is_judged_in_points(
    points: float, importance: float, *, is_watched: bool, verdict: str
) -> None:
    """Four times as many where the model hardly looks, or nobody watches; none where both."""
    feature = replace(FLAGS[1], watch_drift=is_watched)
    trues = [3000, 3000 + round(points * ROWS / 100)]
    before, now = ([True] * true + [False] * (ROWS - true) for true in trues)

    assert verdict == checked(feature, before, now, importance=importance, p_value=1e-9).verdict


@pytest.mark.parametrize(("times", "verdict"), [(0.99, "drifted"), (1.01, "quiet")])
def test_features_share_the_p_value(times: float, verdict: str) -> None:
    """A large difference at a sixtieth of 0.001, with sixty features."""
    before, now = ["a"] * 600 + ["b"] * 400, ["a"] * 400 + ["b"] * 500 + ["c"] * 100

    assert verdict == checked(WORDS[1], before, now, p_value=times * 1e-3 / 60).verdict


@pytest.mark.parametrize(("sd", "verdict"), [(0.38, "quiet"), (0.42, "drifted")])
def test_an_unwatched_number_that_matters_may_move_further(sd: float, verdict: str) -> None:
    """By four tenths of a standard deviation; a watched one would have drifted at one."""
    numbers = np.linspace(-1, 1, ROWS)
    now = numbers + sd * numbers.std()
    unwatched = replace(NUMERIC[1], watch_drift=False)

    assert verdict == checked(unwatched, numbers, now, p_value=1e-9).verdict
    assert "drifted" == checked(NUMERIC[1], numbers, now, p_value=1e-9).verdict


def test_what_is_the_same_for_everybody_tonight_may_be_if_nobody_watches_it() -> None:
    """The month of the night is no broken feed; a watched number that became one value is."""
    months, tonight = np.arange(ROWS) % 12 + 1.0, np.full(ROWS, 3.0)
    unwatched = checked(replace(NUMERIC[1], watch_drift=False), months, tonight, p_value=0.0)

    assert "quiet" == unwatched.verdict
    assert "unknown" == checked(NUMERIC[1], months, tonight, p_value=0.0).verdict


@pytest.mark.parametrize(
    ("missing", "is_structural", "verdict"),
    [
        (7.1, False, "missing"),
        (6.9, False, "quiet"),
        (7.9, True, "quiet"),
        (8.1, True, "drifted"),
        (100, False, "missing"),
        (100, True, "unknown"),
    ],
)
def test_what_is_missing_for_a_reason_is_a_share(
    missing: float, *, is_structural: bool, verdict: str
) -> None:
    """From 5 %: two points are a fault, three points of a ratio without a denominator drift."""
    feature = replace(GAPPED[1], missing="structural" if is_structural else "")
    sides = []
    for percent in (5, missing):
        empty = round(percent * ROWS / 100)
        sides.append([None] * empty + [*np.linspace(0, 1, ROWS - empty)])

    assert verdict == checked(feature, *sides).verdict


@pytest.mark.parametrize(("sd", "verdict"), [(0.06, "drifted"), (0.04, "quiet")])
def test_the_mean_score_is_judged_in_standard_deviations(sd: float, verdict: str) -> None:
    """With the distribution otherwise as it was, on either side of 0.05."""
    scores = np.random.default_rng(8).beta(2, 6, 40_000)
    sides = [pa.chunked_array([scores]), pa.chunked_array([scores + sd * scores.std()])]
    check = check_scores(*sides, test=(0.01, 0.5), limits=LIMITS)

    assert verdict == check.verdict
    assert check.p_value is not None
    assert check.p_value < 1e-6
