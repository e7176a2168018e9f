"""What people are shown of a column, then and now."""

import json

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from pipelines.domain.drift.distribution import BINS, MOST_LEVELS, Distribution, distribution


def column(values: npt.ArrayLike) -> pa.ChunkedArray:
    """Return a comparable column."""
    return pa.chunked_array([pa.array(np.asarray(values))])


def shown(before: pa.ChunkedArray, now: pa.ChunkedArray) -> Distribution:
    """Return what is shown, where something is."""
    found = distribution(before, now)
    assert found is not None

    return found


def test_numbers_fall_into_ten_bins_of_one_width() -> None:
    """Every row is in one, rows beyond the percentiles in the outermost."""
    random = np.random.default_rng(3)
    before, now = random.normal(0, 1, 5000), random.normal(1, 1, 5000)
    found = shown(column(before), column(now))

    assert ("numeric", BINS + 1) == (found.kind, len(found.edges))
    assert pytest.approx(np.full(BINS, found.edges[1] - found.edges[0]), rel=1e-4) == np.diff(
        found.edges
    )
    for shares, side in ((found.reference, before), (found.current, now)):
        assert pytest.approx(1.0, abs=1e-4) == sum(shares)
        second = np.mean((side >= found.edges[1]) & (side < found.edges[2]))
        assert pytest.approx(second, abs=1e-3) == shares[1]
        assert pytest.approx(np.mean(side < found.edges[1]), abs=1e-3) == shares[0]


def test_no_edge_is_one_customers_value() -> None:
    """The largest debt of all is not on the page."""
    debts = np.append(np.linspace(0, 100, 999), 123_456.0)

    assert max(shown(column(debts), column(debts)).edges) < 101


def test_numbers_of_few_values_are_shown_by_value() -> None:
    """In their order, as numbers have one: 10 after 2."""
    found = shown(column([0.0, 0.0, 2.0, 10.0]), column([0.0, 2.0]))

    assert ("levels", ("0", "2", "10")) == (found.kind, found.levels)
    assert ((0.5, 0.25, 0.25), (0.5, 0.5, 0.0)) == (found.reference, found.current)


def test_levels_come_by_frequency_and_the_rest_is_one() -> None:
    """Twelve of the training, and all others together, those of tonight alone among them."""
    before = [f"level {number:02}" for number in range(20) for _ in range(20 - number)]
    now = [*before, *["new"] * 210]
    found = shown(column(before), column(now))

    assert (*[f"level {number:02}" for number in range(MOST_LEVELS)], "(others)") == found.levels
    assert pytest.approx(36 / 210, abs=1e-6) == found.reference[-1]
    assert pytest.approx(246 / 420, abs=1e-6) == found.current[-1]


def test_mostly_one_value_with_a_long_tail_has_bins() -> None:
    """The first percentile is the last one: bins span all there is."""
    tail = np.concatenate([np.zeros(9900), 1.0 + np.arange(50)])
    found = shown(column(tail), column(tail))

    assert (0.0, 50.0) == (found.edges[0], found.edges[-1])
    assert found.reference[0] > 0.99


def test_a_side_without_values_has_no_distribution() -> None:
    """There is nothing to show."""
    nothing = pa.chunked_array([pa.nulls(3, pa.float64())])

    assert distribution(nothing, column([1.0])) is None
    assert distribution(column([1.0]), nothing) is None


@pytest.mark.parametrize(
    ("values", "expected"), [(["a", "b"], "levels"), (np.arange(100.0), "edges")]
)
def test_it_is_json_with_the_one_key_of_its_kind(values: npt.ArrayLike, expected: str) -> None:
    """Numbers of Python, no NumPy."""
    told = json.loads(json.dumps(shown(column(values), column(values)).to_dict()))

    assert {"kind", "reference", "current", expected} == {*told}
