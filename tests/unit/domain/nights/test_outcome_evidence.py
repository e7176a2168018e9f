"""When what happened is evidence against a model: surely so, of enough churners, or not at all."""

from datetime import date

import numpy as np
import pytest

from pipelines.domain.nights.measuring import ListTiers, measure
from pipelines.domain.nights.outcome_evidence import Baseline, baselines, findings
from pipelines.domain.nights.outcome_limits import OutcomeLimits
from pipelines.domain.nights.performance import ListPerformance, MaturedList, Measured
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy

TIERS = TierPolicy(
    {"medium": 0.3, "high": 0.6, "critical": 0.8},
    dict.fromkeys(["low", "medium", "high", "critical"], "call"),
)
LIMITS = OutcomeLimits()


def performed(probabilities: np.ndarray, is_churned: np.ndarray, day: int = 1) -> ListPerformance:
    """Measure one list."""
    return ListPerformance(
        MaturedList(date(2026, 3, day), day, 1),
        len(is_churned),
        int(is_churned.sum()),
        measure(
            is_churned,
            probabilities,
            tiers=ListTiers(TIERS.names, TierBounds.of(TIERS).cut(probabilities)),
            capacity_pct=5.0,
            promises=(),
            resamples=20,
            seed=1,
        ),
    )


def scores(random: np.random.Generator, customers: int) -> np.ndarray:
    """Return calibrated scores of a business of which an eighth leaves."""
    return 1 / (1 + np.exp(-random.normal(-3.6, 1.9, customers)))


def was(value: float = 0.83) -> dict[str, Baseline]:
    """Return what precision was, of three hundred customers."""
    return {"precision": Baseline(value, 300, "before")}


@pytest.mark.simulation
@pytest.mark.parametrize("customers", [1_000, 10_000])
def test_calm_lists_say_nothing(customers: int) -> None:
    """Sixty of them, where people leave as often as they were to."""
    random = np.random.default_rng(customers)
    told = []
    for _ in range(60):
        probabilities = scores(random, customers)
        list_ = performed(probabilities, random.random(customers) < probabilities)
        told += findings(list_, baselines([list_], {}), LIMITS)

    assert [] == told


def test_a_concept_that_changed_is_on_the_first_list() -> None:
    """At 8,000 customers, where 0.45 of those expected leave, in twenty lists of twenty."""
    random = np.random.default_rng(3)
    silent = []
    for _ in range(20):
        probabilities = scores(random, 8_000)
        found = findings(
            performed(probabilities, random.random(8_000) < 0.45 * probabilities), was(), LIMITS
        )
        if "observed_rate" not in {each.metric for each in found}:
            silent.append(found)

    assert [] == silent


def fallen(churners: int, customers: int = 300) -> list[str]:
    """Return what is found of a precision that was 0.83."""
    list_ = ListPerformance(
        MaturedList(date(2026, 3, 1), 1, 1),
        8_000,
        900,
        (Measured("precision", churners / customers, None, None, customers, churners),),
    )

    return [finding.sentence for finding in findings(list_, was(), LIMITS)]


def test_a_fall_of_precision_counts_beyond_a_tenth_and_chance() -> None:
    """0.64 of 500 is a fall; 0.70 of 300 may be one of a tenth, and 20 customers say nothing."""
    assert [
        "precision is 0.56 of 300 customers and was 0.83 before: it fell by more than 10 %."
    ] == fallen(168)
    assert [] == fallen(210)
    assert [] == fallen(5, 20)


def test_what_precision_was_is_of_the_first_lists_or_of_the_test() -> None:
    """Lists of many nights are about the same people, and weigh as one."""
    lists = [
        ListPerformance(
            MaturedList(date(2026, 3, 1 + day), day, 1),
            1000,
            90,
            (Measured("precision", value, None, None, size, 10),),
        )
        for day, (value, size) in enumerate([(0.8, 100), (0.9, 300)])
    ]
    test = {"test": {"precision": {"value": 0.5, "lower": 0.402, "upper": 0.598}}}
    found = baselines(lists, test)["precision"]

    assert pytest.approx(0.85) == found.value
    assert 200 == found.customers
    alone = baselines([], test)["precision"]
    assert (0.5, 100) == (alone.value, round(alone.customers))
    assert {} == baselines([], {})


def test_limits_nobody_can_be_judged_by_are_refused() -> None:
    """A metric that is none is named, with those there are."""
    with pytest.raises(ValueError, match=r"floors names acuracy, which is no metric; legal here"):
        OutcomeLimits(floors={"acuracy": 0.8})
    with pytest.raises(ValueError, match="confidence_pct is 100 and has to be above 50"):
        OutcomeLimits(confidence_pct=100)


@pytest.mark.parametrize(
    ("customers", "churners", "is_told"),
    [(20, 0, False), (30, 0, False), (30, 20, False), (60, 0, True)],
)
def test_a_floor_of_precision_needs_customers(customers: int, churners: int, is_told: bool) -> None:
    """Nobody of twenty left, and a bootstrap of them knows of no other chance than that."""
    list_ = ListPerformance(
        MaturedList(date(2026, 3, 1), 1, 1),
        8_000,
        900,
        (Measured("precision", churners / customers, 0.0, 0.0, customers, churners),),
    )
    found = findings(list_, {}, OutcomeLimits(floors={"precision": 0.2}))

    assert is_told == bool(found)


def test_of_nobody_there_is_no_precision() -> None:
    """A list with nobody in the tiers at the top is no list whose precision is 0."""
    probabilities = np.array([0.05, 0.1, 0.2, 0.25])
    list_ = performed(probabilities, np.array([True, False, False, False]))

    assert list_.metric("precision") is None
    assert list_.metric("precision_from_high") is None
    assert list_.metric("auc") is not None
