"""Dates and times in text, in the order of day and month that its values prove."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain.columns import numbers
from pipelines.domain.columns.values import Counts

Instants = npt.NDArray[np.datetime64]
Order = Literal[
    "year first", "day first", "month first", "month by name", "ambiguous", "epoch", "digits"
]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
YEAR_FIRST = rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){TIME}"
YEAR_LAST = (
    r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_part>\d{1,2})[-/.]"
    rf"(?P<year>\d{{4}}|\d{{2}}){TIME}"
)
NAMED = "|".join(MONTHS)
DAY_NAME = (
    rf"(?P<day>\d{{1,2}})[-\s.]*(?P<name>{NAMED})[a-z]*[-\s.,]*(?P<year>\d{{4}}|\d{{2}}){TIME}"
)
NAME_DAY = rf"(?P<name>{NAMED})[a-z]*[\s.]+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){TIME}"
SPACES = "[\u00a0\u2009\u202f]"
# Seconds or milliseconds since 1970, from 2000 to 2099.
EPOCH = {10: (946_684_800, 4_102_444_800, "s"), 13: (946_684_800_000, 4_102_444_800_000, "ms")}
# Years of a number such as 20261129 that is a day.
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Fewer different numbers may all look like days by chance, or be the codes of something.
LEAST_DAYS = 20
MOST_STAND_INS = 2
# Two digits of a year: 69 to 99 are of the last century, as POSIX has it.
PIVOT = 69


@dataclass(frozen=True)
class Reading:
    """
    Text read as times.

    Attributes:
        instants: `(n_levels,)`, UTC where no zone is named; NaT where a level is no time.
        order: How day, month and year follow each other; ambiguous where both orders read every
            value, which are then read with the month first.
        has_times: Whether any names an hour other than midnight.
    """

    instants: Instants
    order: Order
    has_times: bool


def read(levels: pd.Series, counts: Counts) -> Reading:
    """
    Read *levels* as dates or times.

    Args:
        levels: `(n_levels,)`, text.
        counts: `(n_levels,)`, rows of each: they decide between two orders of day and month.
    """
    instants = _nothing(levels)
    lower = _lower(levels)
    _put_year_first(instants, lower)
    named = _put_named(instants, lower)
    order: Order = "year first"
    if counts[named].sum() * 2 > counts[~np.isnat(instants)].sum():
        order = "month by name"

    if (found := _extracted(lower, YEAR_LAST)) is not None:
        by_day = _instants(found, found["second_part"], found["first"])
        by_month = _instants(found, found["first"], found["second_part"])
        days, months = (int(counts[~np.isnat(way)].sum()) for way in (by_day, by_month))
        is_dotted = bool((found["mark"] == ".").any())
        if days > months or (days == months and is_dotted):
            order = "day first"
        else:
            order = "month first" if months > days else "ambiguous"
        _put(instants, by_day if order == "day first" else by_month)

    midnight = instants.astype("datetime64[D]").astype("datetime64[us]")
    return Reading(instants, order, bool((instants != midnight)[~np.isnat(instants)].any()))


def parsed(levels: pd.Series, order: Order) -> Instants:
    """
    Read *levels* as dates or times written in a known order, which is not guessed anew.

    What names its month or begins with its year is read in any order.

    Args:
        levels: `(n_levels,)`, text.
        order: How day, month and year follow each other; ambiguous is read as month first.

    Returns:
        `(n_levels,)`, UTC where no zone is named; NaT where a level is no time.
    """
    if order == "epoch":
        return of_epoch(numbers.parsed(levels, numbers.FORMATS[0]))
    if order == "digits":
        return of_digits(numbers.parsed(levels, numbers.FORMATS[0]))
    instants = _nothing(levels)
    lower = _lower(levels)
    ways: list[Callable[[Instants, pd.Series], object]] = [_put_year_first, _put_named]
    if order not in {"year first", "month by name"}:
        ways.insert(0, functools.partial(_put_year_last, is_day_first=order == "day first"))
    for put in ways:
        # No text is of two ways, and most of a column are of the first.
        rest = np.isnat(instants)
        if rest.any():
            found = instants[rest]
            put(found, lower[rest])
            instants[rest] = found

    return instants


def of_epoch(values: npt.NDArray[np.float64]) -> Instants:
    """Return each number as seconds or milliseconds since 1970; NaT where it can be neither."""
    instants = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    for low, high, unit in EPOCH.values():
        fits = (values >= low) & (values < high) & (values == np.floor(values))
        instants[fits] = values[fits].astype(np.int64).astype(f"datetime64[{unit}]")

    return instants


def of_digits(values: npt.NDArray[np.float64]) -> Instants:
    """Return each number such as 20261129 as the day it writes; NaT where it writes none."""
    instants = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    fits = (values >= FIRST_YEAR * 10_000) & (values < (LAST_YEAR + 1) * 10_000)
    fits &= values == np.floor(values)
    digits = np.where(fits, values, 19700101).astype(np.int64)
    months, days = digits // 100 % 100, digits % 100
    is_month = (months >= 1) & (months <= 12)
    whole = np.where(is_month, (digits // 10_000 - 1970) * 12 + months - 1, 0)
    first = whole.astype("datetime64[M]")
    dates = first.astype("datetime64[D]") + (days - 1)
    fits &= is_month & (days >= 1) & (dates.astype("datetime64[M]") == first)
    instants[fits] = dates[fits].astype("datetime64[us]")

    return instants


def read_digits(values: npt.NDArray[np.float64], *, is_named: bool) -> Reading | None:
    """
    Read whole numbers as days written in eight digits, if all but a few of them can be that.

    Those few, such as 0 and 99999999 on however many rows, stand for no day.

    Args:
        values: `(n_levels,)`, NaN where there is nothing.
        is_named: Whether the header says that they are times; else it takes many.
    """
    instants = of_digits(values)
    known = ~np.isnan(values)
    others = int(np.isnat(instants[known]).sum())
    days = int(known.sum()) - others
    if days < (1 if is_named and not others else LEAST_DAYS) or others > MOST_STAND_INS:
        return None

    return Reading(instants, "digits", has_times=False)


def read_epoch(values: npt.NDArray[np.float64]) -> Reading | None:
    """Read whole numbers as seconds or milliseconds since 1970, if all of them can be that."""
    known = ~np.isnan(values)
    for low, high, _ in EPOCH.values():
        if known.any() and ((values[known] >= low) & (values[known] < high)).all():
            instants = of_epoch(values)
            return None if np.isnat(instants[known]).any() else Reading(instants, "epoch", True)

    return None


def _nothing(levels: pd.Series) -> Instants:
    """Return a NaT for each level."""
    return np.full(len(levels), np.datetime64("NaT"), dtype="datetime64[us]")


def _lower(levels: pd.Series) -> pd.Series:
    """Return *levels* in lower case, with plain spaces."""
    text = pa.array(levels, pa.string(), from_pandas=True)
    plain = pc.replace_substring_regex(pc.utf8_lower(text), SPACES, " ")

    return pd.Series(plain.to_pandas(), dtype=str)


def _extracted(lower: pd.Series, pattern: str) -> pd.DataFrame | None:
    """Return the named groups of *pattern*, NA where it is not all of a level; None if nowhere."""
    text = pa.array(lower, pa.string(), from_pandas=True)
    found = pc.extract_regex(text, rf"(?i)^(?:{pattern})$")
    is_found = found.is_valid().to_numpy(zero_copy_only=False)
    if not is_found.any():
        return None
    groups = {name: found.field(name).to_pandas() for name in re.compile(pattern).groupindex}

    return pd.DataFrame({name: group.astype(str).where(is_found) for name, group in groups.items()})


def _put_year_first(instants: Instants, lower: pd.Series) -> None:
    """Put what begins with its year."""
    if (found := _extracted(lower, YEAR_FIRST)) is not None:
        _put(instants, _instants(found, found["month"], found["day"]))


def _put_year_last(instants: Instants, lower: pd.Series, *, is_day_first: bool) -> None:
    """Put what ends with its year."""
    day, month = ("first", "second_part") if is_day_first else ("second_part", "first")
    if (found := _extracted(lower, YEAR_LAST)) is not None:
        _put(instants, _instants(found, found[month], found[day]))


def _put_named(instants: Instants, lower: pd.Series) -> npt.NDArray[np.bool_]:
    """Put what names its month; return where."""
    named = np.zeros(len(lower), dtype=np.bool_)
    for pattern in (DAY_NAME, NAME_DAY):
        found = _extracted(lower, pattern)
        if found is None:
            continue
        month = found["name"].map({name: str(1 + i) for i, name in enumerate(MONTHS)})
        named |= _put(instants, _instants(found, month, found["day"]))

    return named


def _put(into: Instants, instants: Instants) -> npt.NDArray[np.bool_]:
    """Put what was read where nothing was yet; return where."""
    is_new = np.isnat(into) & ~np.isnat(instants)
    into[is_new] = instants[is_new]

    return is_new


def _instants(found: pd.DataFrame, month: pd.Series, day: pd.Series) -> Instants:
    """Put the parts of times together; NaT where they are no time of any calendar."""
    texts = found["year"]
    years = _numbers(texts)
    is_short = np.asarray(texts.str.len() == 2, dtype=np.bool_)
    years = np.where(is_short, years + np.where(years < PIVOT, 2000, 1900), years)
    months, days = _numbers(month), _numbers(day)
    hours, minutes, seconds = (
        np.nan_to_num(_numbers(found[part])) for part in ("hour", "minute", "second")
    )
    half = found["half"].str.slice(0, 1).str.lower()
    hours = np.where(half == "p", hours % 12 + 12, np.where(half == "a", hours % 12, hours))
    fraction = _numbers(found["fraction"].str.pad(6, "right", "0").str.slice(0, 6))

    is_legal = (
        (years >= 1)
        & ((months >= 1) & (months <= 12))
        & ((days >= 1) & (days <= 31))
        & ((hours < 24) & (minutes < 60) & (seconds < 60))
    )
    whole = [
        np.where(is_legal, part, fill).astype(np.int64)
        for part, fill in ((years, 1970), (months, 1), (days, 1))
    ]
    first = (whole[0] - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (whole[1] - 1)
    dates = first.astype("datetime64[D]") + (whole[2] - 1)
    is_legal &= dates.astype("datetime64[M]") == first
    clock = hours * 3600 + minutes * 60 + seconds - _offset_seconds(found["zone"])
    micros = np.where(is_legal, clock * 1_000_000 + np.nan_to_num(fraction), 0).astype(np.int64)
    instants = dates.astype("datetime64[us]") + micros.astype("timedelta64[us]")
    instants[~is_legal] = np.datetime64("NaT")

    return np.asarray(instants)


def _offset_seconds(zone: pd.Series) -> npt.NDArray[np.float64]:
    """Return how far a zone is ahead of UTC; 0 where none is named."""
    found = _extracted(zone, r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?")
    if found is None:
        return np.zeros(len(zone))
    seconds = _numbers(found["hours"]) * 3600 + np.nan_to_num(_numbers(found["minutes"]) * 60)

    return np.nan_to_num(np.where(found["sign"] == "-", -seconds, seconds))


def _numbers(text: pd.Series) -> npt.NDArray[np.float64]:
    """Return digits as numbers, NaN where there are none."""
    digits = pa.array(text, pa.string(), from_pandas=True)
    known = pc.if_else(pc.equal(digits, ""), None, digits)

    return np.asarray(known.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
