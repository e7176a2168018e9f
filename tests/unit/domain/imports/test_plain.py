"""Times as most programs write them."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.domain.columns import dates
from pipelines.domain.imports import plain

DIGITS = st.integers(0, 99).map("{:02d}".format)
SIGN = st.sampled_from(["-", "-", "-", ":", ":", " ", "T", "t", ".", "/", "Z", "", "1"])
TIMES = st.one_of(
    st.datetimes().map(str),
    st.datetimes().map(lambda at: at.isoformat(timespec="minutes")),
    st.datetimes().map(lambda at: f"{at.isoformat('T', 'milliseconds')}Z"),
    st.dates().map(str),
    st.tuples(DIGITS, DIGITS, SIGN, DIGITS, SIGN, DIGITS, SIGN, DIGITS, SIGN, DIGITS, SIGN, DIGITS,
              SIGN).map("".join),
)  # fmt: skip
ORDERS: tuple[Any, ...] = ("year first", "day first", "month first", "month by name", "ambiguous")


@pytest.mark.simulation
@settings(max_examples=300, deadline=None)
@given(st.lists(TIMES, min_size=1), st.sampled_from(ORDERS))
@example(["2024-02-30", "0000-01-01", "2024-13-01", "2023-02-29", "2024-01-01 24:00"], "year first")
@example(["2024-02-29T23:59:59.999999Z", "2024-02-29 23:59:60", "2024-00-10"], "day first")
def test_a_plain_time_is_what_it_is_read_as_in_any_way(texts: list[str], order: Any) -> None:
    """Of what is plain nothing else can be made; the rest is left to whoever reads every way."""
    expected = dates.parsed(pd.Series(texts, dtype=str), order)
    found, is_plain = plain.times(pa.array(texts))

    assert np.isnat(found[~is_plain]).all()
    np.testing.assert_array_equal(expected[is_plain], found[is_plain])


@pytest.mark.parametrize(
    "text",
    [
        *("2026-11-30", "2026-11-30 20:15", "2026-11-30T20:15:01", "2026-11-30 20:15:01.123456"),
        *("2026-11-30 20:15:01.123", "2026-11-30T20:15:01Z", "2026-11-30T20:15Z"),
    ],
)
def test_what_programs_write_is_plain(text: str) -> None:
    """With less of it or more; also where it is cut from a longer array."""
    for texts in (pa.array([text]), pa.array(["x", text, "2026"])[1:2]):
        found, is_plain = plain.times(texts)

        assert is_plain.all()
        assert np.datetime64(text.rstrip("Z"), "us") == found[0]


@pytest.mark.parametrize("text", ["", "30.11.2026", "2026-11-30+01:00", "2026-11-30 20:15+0100"])
def test_what_is_written_otherwise_is_not(text: str) -> None:
    """Nor what names a zone."""
    assert not plain.times(pa.array([text])).is_plain.any()
    assert not len(plain.times(pa.array([], pa.string())).is_plain)
