"""Dates and times as people write them."""

import numpy as np
import pandas as pd
import pytest

from pipelines.domain.columns import dates


def reading(*texts: str) -> dates.Reading:
    """Read some texts, a row each."""
    return dates.read(pd.Series(texts, dtype=str), np.ones(len(texts), dtype=np.int64))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-02-29", "2024-02-29T00:00:00"),
        ("2024/2/9 7:05", "2024-02-09T07:05:00"),
        ("2024.02.09", "2024-02-09T00:00:00"),
        ("2024-02-29T10:11:12.5Z", "2024-02-29T10:11:12.500000"),
        ("2024-02-29 10:11:12,123456", "2024-02-29T10:11:12.123456"),
        ("2024-01-01T00:30:00+02:00", "2023-12-31T22:30:00"),
        ("2024-01-01 23:30 -0130", "2024-01-02T01:00:00"),
        ("31/12/2024", "2024-12-31T00:00:00"),
        ("12/31/2024 5:30 PM", "2024-12-31T17:30:00"),
        ("12/31/24 12:05 am", "2024-12-31T00:05:00"),
        ("31.12.69", "1969-12-31T00:00:00"),
        ("31.12.68", "2068-12-31T00:00:00"),
        ("3 Feb 2024", "2024-02-03T00:00:00"),
        ("03-FEB-24", "2024-02-03T00:00:00"),
        ("February 3, 2024", "2024-02-03T00:00:00"),
        ("9999-12-31", "9999-12-31T00:00:00"),
        ("0001-01-01", "0001-01-01T00:00:00"),
    ],
)
def test_a_time_is_read(text: str, instant: str) -> None:
    """Whatever its parts are separated by; a zone is taken off, and without one it is UTC."""
    assert np.datetime64(instant, "us") == reading(text).instants[0]


@pytest.mark.parametrize(
    "text",
    [
        *("", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "32/01/2024"),
        *(
            "2024-01-01 24:00",
            "2024-01-01 10:60",
            "0000-01-01",
            "1.5.2",
            "10:30",
            "soon",
            "12/2024",
        ),
        "2024-01-01 and more",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    """No day is made up of one that no calendar has."""
    assert np.isnat(reading(text).instants[0])


@pytest.mark.parametrize(
    ("texts", "order", "first"),
    [
        (("13/01/2024", "02/01/2024"), "day first", "2024-01-13"),
        (("01/13/2024", "02/01/2024"), "month first", "2024-01-13"),
        (("01/02/2024", "03/04/2024"), "ambiguous", "2024-01-02"),
        (("01.02.2024", "03.04.2024"), "day first", "2024-02-01"),
        (("2024-01-02", "2024-03-04"), "year first", "2024-01-02"),
        (("1 Mar 2024", "2 Mar 2024"), "month by name", "2024-03-01"),
    ],
)
def test_values_prove_the_order_of_day_and_month(
    texts: tuple[str, ...], order: str, first: str
) -> None:
    """A thirteenth is no month; where nothing proves it, it is said to be ambiguous."""
    found = reading(*texts)

    assert order == found.order
    assert np.datetime64(first, "us") == found.instants[0]


def test_one_slip_does_not_turn_a_column_around() -> None:
    """The order under which more rows are days is the column's; the others are bad."""
    found = dates.read(pd.Series(["13/01/2024", "01/13/2024"]), np.array([99, 1]))

    assert "day first" == found.order
    assert [False, True] == list(np.isnat(found.instants))


def test_days_and_times_are_told_apart() -> None:
    """Midnight alone is a day."""
    assert not reading("2024-01-01", "2024-01-02 00:00:00").has_times
    assert reading("2024-01-01", "2024-01-02 00:00:01").has_times


def test_seconds_since_1970_are_times() -> None:
    """And milliseconds; a number outside of this century is a number."""
    for numbers in ([1.7e9, np.nan], [1.7e12, np.nan]):
        found = dates.read_epoch(np.array(numbers))
        assert found is not None
        assert np.datetime64("2023-11-14T22:13:20", "us") == found.instants[0]
        assert np.isnat(found.instants[1])
    assert dates.read_epoch(np.array([1.7e9, 3.0])) is None
    assert dates.read_epoch(np.array([1.7e9 + 0.5])) is None
    assert dates.read_epoch(np.array([np.nan])) is None


def test_eight_digits_are_days() -> None:
    """Where the header says so, or many are; a few others stand for none."""
    days = np.array([20240100 + day for day in range(1, 29)], dtype=np.float64)
    for others in ([], [0], [0, 99999999], [np.nan]):
        found = dates.read_digits(np.append(days, others), is_named=False)
        assert found is not None
        assert ("digits", False) == (found.order, found.has_times)
        assert np.isnat(found.instants[len(days) :]).all()
        assert np.datetime64("2024-01-28", "us") == found.instants[len(days) - 1]
    assert dates.read_digits(np.append(days, [0, 1, 2]), is_named=True) is None
    assert dates.read_digits(days[:3], is_named=False) is None
    assert dates.read_digits(days[:3], is_named=True) is not None
    assert dates.read_digits(np.append(days[:3], 0), is_named=True) is None


@pytest.mark.parametrize(
    ("text", "order", "instant"),
    [
        ("3/2/2024", "day first", "2024-02-03"),
        ("3/2/2024", "month first", "2024-03-02"),
        ("3/2/2024", "ambiguous", "2024-03-02"),
        ("3/2/2024", "year first", "NaT"),
        ("31/12/2024", "month first", "NaT"),
        ("2024-02-03", "day first", "2024-02-03"),
        ("3 Feb 2024", "day first", "2024-02-03"),
        ("3 Feb 2024 5:30\u202fPM", "month by name", "2024-02-03T17:30:00"),
        ("2024-02-03 12:00:00+02", "year first", "2024-02-03T10:00:00"),
        ("1700000000", "epoch", "2023-11-14T22:13:20"),
        ("1700000000123", "epoch", "2023-11-14T22:13:20.123"),
        ("1700000000.5", "epoch", "NaT"),
        ("17", "epoch", "NaT"),
        ("20240203", "digits", "2024-02-03"),
        ("20240203.0", "digits", "2024-02-03"),
        ("20240230", "digits", "NaT"),
        ("20241301", "digits", "NaT"),
        ("20240200", "digits", "NaT"),
        ("18991231", "digits", "NaT"),
        ("2024020", "digits", "NaT"),
        ("", "day first", "NaT"),
    ],
)
def test_a_known_order_is_not_guessed(text: str, order: dates.Order, instant: str) -> None:
    """Not even where one value alone would be read otherwise; what proves itself is read."""
    (found,) = dates.parsed(pd.Series([text], dtype=str), order)

    assert str(np.datetime64(instant, "us")) == str(found)
