"""Times as most programs write them, from their bytes: a seventh of what any other way takes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Instants = npt.NDArray[np.datetime64]
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]

ZERO = ord("0")
# Where a sign is no digit, and which it may be.
SIGNS = {4: "-", 7: "-", 10: " T", 13: ":", 16: ":", 19: "."}
PARTS = {"year": (0, 4), "month": (5, 7), "day": (8, 10), "hour": (11, 13), "minute": (14, 16),
         "second": (17, 19), "fraction": (20, 26)}  # fmt: skip
# Lengths that end behind a part; and with a Z, of those with a time of day.
LENGTHS = (10, 16, 19, 23, 26)
ZONE = ord("Z")
MOST: Mapping[str, int] = {"month": 12, "day": 31, "hour": 23, "minute": 59, "second": 59}
MICROSECONDS = {"hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}


class Read(NamedTuple):
    """
    Texts read as times.

    Attributes:
        instants: `(n_texts,)`, UTC; NaT where there is none.
        is_plain: `(n_texts,)`, whether it is written like `2026-11-30 20:15:00`, with less or with
            more of it; else it may be a time in another way.
    """

    instants: Instants
    is_plain: npt.NDArray[np.bool_]


def times(texts: pa.Array) -> Read:
    """
    Read *texts* that begin with a year, as `domain.columns.dates` does.

    Args:
        texts: `(n_texts,)`, strings, none of them NULL. Not modified.
    """
    instants = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[us]")
    is_plain = np.zeros(len(texts), dtype=np.bool_)
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return Read(instants, is_plain)
    edges = np.frombuffer(offsets, dtype=np.int32)[texts.offset :][: len(texts) + 1]
    starts, lengths = edges[:-1], np.diff(edges)
    content = np.frombuffer(data, dtype=np.uint8)
    for length in LENGTHS:
        for is_zoned in (False, True) if length > LENGTHS[0] else (False,):
            rows = np.flatnonzero(lengths == length + is_zoned)
            if not len(rows):
                continue
            signs = content[starts[rows, np.newaxis] + np.arange(length + is_zoned)]
            fits = _fits(signs[:, :length])
            if is_zoned:
                fits &= signs[:, length] == ZONE
            is_plain[rows[fits]] = True
            instants[rows[fits]] = _instants(signs[fits, :length])

    return Read(instants, is_plain)


def _fits(signs: Bytes) -> npt.NDArray[np.bool_]:
    """Tell which rows of *signs* are digits, and between them what stands between parts."""
    fits = np.ones(len(signs), dtype=np.bool_)
    for place in range(signs.shape[1]):
        column = signs[:, place]
        if place in SIGNS:
            fits &= np.logical_or.reduce([column == ord(sign) for sign in SIGNS[place]])
        else:
            fits &= (column - ZERO) < 10  # below 0 it wraps around

    return fits


def _instants(signs: Bytes) -> Instants:
    """Return the time of each row, NaT where the calendar or the clock has none."""
    found = {
        name: _number(signs[:, begin:end])
        for name, (begin, end) in PARTS.items()
        if begin < signs.shape[1]
    }
    is_legal = (found["year"] >= 1) & (found["month"] >= 1) & (found["day"] >= 1)
    for name, most in MOST.items():
        if name in found:
            is_legal &= found[name] <= most
    months = np.where(is_legal, (found["year"] - 1970) * 12 + found["month"] - 1, 0)
    first = months.astype("datetime64[M]")
    dates = first.astype("datetime64[D]") + np.where(is_legal, found["day"] - 1, 0)
    is_legal &= dates.astype("datetime64[M]") == first
    micros = np.zeros(len(signs), dtype=np.int64)
    for name, each in MICROSECONDS.items():
        if name in found:
            micros += found[name] * each
    if "fraction" in found:
        digits = signs.shape[1] - PARTS["fraction"][0]
        micros += found["fraction"] * 10 ** (6 - digits)
    instants: Instants = dates.astype("datetime64[us]") + micros.astype("timedelta64[us]")
    instants[~is_legal] = np.datetime64("NaT")

    return instants


def _number(digits: Bytes) -> Numbers:
    """Return digits, `(n_rows, n_digits)`, as numbers."""
    number = np.zeros(len(digits), dtype=np.int64)
    for place in range(digits.shape[1]):
        number = number * 10 + (digits[:, place] - ZERO)

    return number
