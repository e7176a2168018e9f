"""Features of a training set that know the outcome."""

import numpy as np
import pytest

from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.leakage import probe
from pipelines.domain.leakage.probe import Judged

CONTRACT = FeatureContract(
    "fct",
    (
        Feature("honest", "numeric", "Honest"),
        Feature("answer", "numeric", "Answer"),
        Feature("reversed_answer", "numeric", "Reversed"),
        Feature("only_churners", "numeric", "Only churners", nullable=True),
        Feature("reason", "categorical", "Reason", levels=("left", "here", "gone"), nullable=True),
        Feature("empty", "numeric", "Empty", nullable=True),
    ),
)


def judged(*, is_dated: bool = True, accepted: tuple[str, ...] = ()) -> Judged:
    """Judge features that know the answer, one that does not, and one that is empty."""
    random = np.random.default_rng(1)
    is_churned = random.random(1000) < 0.2
    level = np.where(is_churned, random.integers(0, 2, 1000) * 2, 1)
    matrix = np.column_stack(
        [
            random.normal(size=1000) + 0.3 * is_churned,
            is_churned * 2.0,
            -1.0 * is_churned,
            np.where(is_churned, random.normal(size=1000), np.nan),
            level,
            np.full(1000, np.nan),
        ]
    ).astype(np.float32)

    return probe.of_features(
        matrix, is_churned, CONTRACT, bound=0.95, is_dated=is_dated, accepted=accepted
    )


def test_each_way_to_tell_the_answer_is_seen() -> None:
    """By value, reversed, by being NULL, by level; an honest or empty feature is left alone."""
    for found in (judged(), judged(is_dated=False)):
        assert ["answer", "reversed_answer", "only_churners", "reason"] == [
            finding.columns[0] for finding in found.findings
        ]

    assert 0.5 < found.aucs["honest"] < 0.7
    assert found.aucs["empty"] == pytest.approx(0.5)


def test_silence_on_the_day_may_be_for_good() -> None:
    """Of half of those who leave nothing is heard any more; a note only they have is suspect."""
    random = np.random.default_rng(3)
    is_churned = random.random(3000) < 0.3
    is_half = is_churned & (random.random(3000) < 0.5)
    active_days = np.where(is_half, 0, random.integers(1, 60, 3000))
    note = np.where(is_half, 1.0, np.nan)
    contract = FeatureContract(
        "fct",
        (
            Feature("active_days_28d", "numeric", "Active days"),
            Feature("note", "numeric", "Note", nullable=True),
        ),
    )
    matrix = np.column_stack([active_days, note]).astype(np.float32)
    dated, at_once = (
        probe.of_features(matrix, is_churned, contract, bound=0.95, is_dated=is_dated).findings
        for is_dated in (True, False)
    )

    assert [("note",)] == [finding.columns for finding in dated]
    assert [("active_days_28d",), ("note",)] == [finding.columns for finding in at_once]


def test_what_a_person_answered_for_is_not_looked_at() -> None:
    """By name; the others stay suspect."""
    found = judged(accepted=("answer", "reason"))

    assert ["reversed_answer", "only_churners"] == [each.columns[0] for each in found.findings]


def test_a_level_of_a_few_is_no_answer() -> None:
    """Five hundred levels of a thousand rows: in their own rows they would tell nearly all."""
    random = np.random.default_rng(2)
    is_churned = random.random(1000) < 0.2
    levels = tuple(f"shop {number}" for number in range(500))
    contract = FeatureContract("fct", (Feature("shop", "categorical", "Shop", levels=levels),))
    matrix = random.permutation(np.repeat(np.arange(500), 2)).astype(np.float32)[:, None]
    found = probe.of_features(matrix, is_churned, contract, bound=0.95, is_dated=True)

    assert found.aucs["shop"] < 0.6
    assert () == found.findings


def test_of_too_few_nothing_is_said() -> None:
    """Thirty of each are needed to judge."""
    matrix = np.arange(100, dtype=np.float32)[:, None] < 29
    contract = FeatureContract("fct", (Feature("answer", "boolean", "Answer"),))

    assert (
        ()
        == probe.of_features(matrix, matrix[:, 0] > 0, contract, bound=0.95, is_dated=True).findings
    )
