"""A list beside what the model says of the same customers again."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.rescored import check_rescored
from tests.unit.steps.subscribers import customers, model

ROWS = 400
MODEL = model({"fee_eur": 0.3, "tickets_28d": 0.2})
CUSTOMERS = customers(ROWS)
SAYS = MODEL.probabilities(CUSTOMERS)


def listed(probabilities: np.ndarray) -> pa.Table:
    """Return a list of all customers, the last first."""
    ids = CUSTOMERS["customer_id"].to_pylist()

    return pa.table({"customer_id": ids[::-1], "churn_probability": probabilities[::-1]})


def asked_again(published: pa.Table, asked: pa.Table = CUSTOMERS) -> DriftCheck | None:
    """Return the check, or None."""
    return check_rescored(published, asked, spec=MODEL.spec, predictors=MODEL.predictors)


def checked(published: pa.Table, asked: pa.Table = CUSTOMERS) -> DriftCheck:
    """Return the check, which there is."""
    check = asked_again(published, asked)
    assert check is not None
    assert ("*scored again*", "science") == (check.feature, check.owner)

    return check


def test_what_the_model_says_again_is_quiet() -> None:
    """Customers are found by id; who is not listed is not asked about, and rounding is no fault."""
    rounded = checked(listed(SAYS + 3e-8))
    assert ("quiet", 0.0) == (rounded.verdict, rounded.effect)

    half = checked(listed(SAYS).slice(0, ROWS // 2))
    assert f"as the model says again of {ROWS // 2} customers" == half.finding


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (lambda says: 1.06 * says, "+"),
        (lambda says: 1 / (1 + np.exp(-0.9 * np.log(says / (1 - says)))), ""),
        (lambda says: says[::-1], ""),
        (lambda says: np.full_like(says, np.nan), "+nan"),
    ],
)
def test_another_list_cannot_be_judged(change: object, moved: str) -> None:
    """All a little higher, less sure, of other customers or of none; how many, and by how much."""
    check = checked(listed(change(SAYS)))  # type: ignore[operator]

    assert ("unknown", "rescored_pct") == (check.verdict, check.effect_name)
    assert check.effect is not None
    assert check.effect > 90
    assert f"of {ROWS} customers have another probability than the model" in check.finding
    assert f"by {moved}" in check.finding


@pytest.mark.parametrize(("others", "verdict"), [(4, "quiet"), (5, "unknown")])
def test_a_row_or_two_may_have_been_mended_since(others: int, verdict: str) -> None:
    """One in a hundred, and it is told how many."""
    changed = SAYS.copy()
    changed[:others] = 0.5 * changed[:others]
    check = checked(listed(changed))

    assert verdict == check.verdict
    assert check.finding.startswith(f"{others} of {ROWS} customers")


def test_features_no_model_can_be_asked_about_are_told() -> None:
    """What was never missing is: the list was made of others."""
    fees = pa.nulls(ROWS, pa.float64())
    check = checked(listed(SAYS), CUSTOMERS.set_column(1, "fee_eur", fees))

    assert ("unknown", None) == (check.verdict, check.effect)
    assert check.finding.startswith("the model cannot be asked about tonight: ")


def test_nobody_in_the_list_is_asked_about() -> None:
    """There is nothing to compare."""
    assert asked_again(listed(SAYS).slice(0, 0)) is None
