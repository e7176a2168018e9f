"""Columns of the raw tables: numbers, codes and days as the Arrow types PostgreSQL takes."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.timeline import Bools, Floats, Ints, Timeline

INSTANT = pa.timestamp("us", tz="UTC")
MONEY = pa.decimal128(12, 2)


def instants(timeline: Timeline, days: Floats) -> pa.Array:
    """Return *days* as instants of whole seconds; NULL where infinite."""
    is_never = np.isinf(days)
    seconds = timeline.seconds(np.where(is_never, 0, days))

    return pa.array(seconds * 1_000_000, pa.int64(), mask=is_never).cast(INSTANT)


def money(eur: Floats) -> pa.Array:
    """Return *eur*, none of them negative, as exact cents."""
    # A decimal is its cents in 128 bits, low word first.
    words = np.zeros((len(eur), 2), "<i8")
    words[:, 0] = np.rint(eur * 100)

    return pa.Array.from_buffers(MONEY, len(eur), [None, pa.py_buffer(words)])


def words(vocabulary: Sequence[str], codes: Ints) -> pa.Array:
    """Return the word of each code."""
    return pa.array(vocabulary, pa.string()).take(pa.array(codes))


def numbers(prefix: str, values: Ints, width: int) -> pa.Array:
    """Return *values* as identifiers: *prefix* and at least *width* digits."""
    digits = pc.ascii_lpad(pa.array(values).cast(pa.string()), width, padding="0")

    return pc.binary_join_element_wise(prefix, digits, "")


def whole(values: Ints, is_missing: Bools) -> pa.Array:
    """Return *values* as 32-bit integers, NULL where missing."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=is_missing)


def hide(column: pa.Array, is_missing: Bools) -> pa.Array:
    """Return *column* with NULL where missing."""
    return pc.if_else(pa.array(is_missing), pa.scalar(None, column.type), column)
