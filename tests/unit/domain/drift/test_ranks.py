"""Scores that are handed to the wrong customers."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.ranks import check_ranks, spearman, upper_limit

CUSTOMERS = 2000
RANDOM = np.random.default_rng(5)
IDS = [f"C{number:05}" for number in range(CUSTOMERS)]
RISKS = RANDOM.beta(1, 6, CUSTOMERS)


def scored(probabilities: np.ndarray, ids: list[str] = IDS) -> pa.Table:
    """Return a list."""
    return pa.table({"customer_id": ids, "churn_probability": probabilities})


def checked(now: pa.Table, before: pa.Table, ids: list[str] = IDS) -> DriftCheck | None:
    """Check the order of some customers with a bound of 0.70."""
    return check_ranks(now, before, sampled=pa.chunked_array([ids]), agreement=0.70)


def test_spearman_is_that_of_scipy_with_ties() -> None:
    """Equal scores share their mean rank."""
    first, second = RANDOM.integers(0, 20, 500) / 20, RANDOM.integers(0, 20, 500) / 20

    assert pytest.approx(stats.spearmanr(first, second).statistic) == spearman(first, second)
    assert spearman(first, np.ones(500)) is None


def test_shuffled_scores_cannot_be_judged() -> None:
    """The same probabilities, each another customer's."""
    check = checked(scored(RANDOM.permutation(RISKS)), scored(RISKS))

    assert check is not None
    assert ("unknown", "spearman") == (check.verdict, check.effect_name)
    assert abs(check.effect or 0) < 0.1


def test_a_night_later_is_quiet_whatever_the_order_of_rows() -> None:
    """Customers are found by id; newcomers and leavers are passed over."""
    order = RANDOM.permutation(CUSTOMERS)
    moved = np.clip(RISKS + RANDOM.normal(0, 0.02, CUSTOMERS), 0, 1)
    now = scored(moved[order], [IDS[place] for place in order])
    check = checked(now, scored(RISKS[100:], IDS[100:]), [*IDS[:1000], "newcomer"])

    assert check is not None
    assert "quiet" == check.verdict
    assert "900 customers" in check.finding


@pytest.mark.parametrize(("above", "verdict"), [(-0.01, "quiet"), (0.01, "unknown")])
def test_the_bound_has_to_be_missed_surely(above: float, verdict: str) -> None:
    """On either side of the upper limit of what was seen."""
    now, before = scored(RISKS + RANDOM.normal(0, 0.1, CUSTOMERS)), scored(RISKS)
    rho = spearman(now["churn_probability"].to_numpy(), RISKS)
    assert rho is not None
    bound = upper_limit(rho, CUSTOMERS) + above
    check = check_ranks(now, before, sampled=pa.chunked_array([IDS]), agreement=bound)

    assert check is not None
    assert verdict == check.verdict
    assert bound > rho


@pytest.mark.parametrize(("customers", "is_judged"), [(99, False), (100, True)])
def test_few_customers_say_nothing(customers: int, *, is_judged: bool) -> None:
    """Of those who are in both lists."""
    before = scored(RISKS[:customers], IDS[:customers])

    assert is_judged == (checked(scored(RISKS), before) is not None)


def test_a_list_of_one_score_has_no_order() -> None:
    """Nothing to compare, and no NaN."""
    assert checked(scored(np.full(CUSTOMERS, 0.1)), scored(RISKS)) is None
