"""What a row is known by: a digest of its values, the same wherever they came from."""

import hashlib
import itertools
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Between values, none of which but a text can hold it, and a text says how long it is.
BETWEEN = "\x1f"


def of_rows(columns: Mapping[str, pa.Array]) -> list[bytes]:
    """
    Return the SHA-256 of each row.

    The order of columns does not matter, nor how a source writes them; which ones they are does.

    Args:
        columns: Name to values, `(n_rows,)` each, of the types of `typed`. Not modified.
    """
    written = [_written(columns[name]) for name in sorted(columns)]
    joined = pc.binary_join_element_wise(
        *written, BETWEEN, null_handling="replace", null_replacement=""
    )

    # Cut from one piece of bytes, for as Python's texts they take longer than to be hashed.
    if not len(joined):
        return []
    _, offsets, data = joined.buffers()
    edges = np.frombuffer(offsets, dtype=np.int32)[joined.offset :][: len(joined) + 1].tolist()
    content = data.to_pybytes() if data is not None else b""
    sha256 = hashlib.sha256

    return [sha256(content[at:end]).digest() for at, end in itertools.pairwise(edges)]


def of_repetition(digest: bytes, occurrence: int) -> bytes:
    """
    Return what the second and every further of identical rows of one load is known by.

    Args:
        digest: Of its values.
        occurrence: From 1, which is the digest itself.
    """
    return digest if occurrence == 1 else hashlib.sha256(digest + str(occurrence).encode()).digest()


def _written(values: pa.Array) -> pa.Array:
    """Return values as text that no two of them share; NULL stays."""
    kind = values.type
    if pa.types.is_string(kind):
        return pc.binary_join_element_wise(pc.binary_length(values).cast(pa.string()), values, ":")
    if pa.types.is_floating(kind):
        # Its bits: how many digits are enough to write it is for each library to decide.
        return values.view(pa.int64()).cast(pa.string())
    if pa.types.is_date(kind):
        return values.cast(pa.int32()).cast(pa.string())
    if pa.types.is_boolean(kind):
        return values.cast(pa.int8()).cast(pa.string())

    return values.cast(pa.int64()).cast(pa.string())
