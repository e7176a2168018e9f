"""On which line of its source each row of a batch begins, carried by the batch itself."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Lines = npt.NDArray[np.int64]
KEY = b"lines"


def numbered(batch: pa.RecordBatch, lines: Sequence[int] | Lines | None) -> pa.RecordBatch:
    """Return *batch* with the line of each of its rows; schemas that differ in it are equal."""
    if lines is None:
        return batch

    return batch.replace_schema_metadata({KEY: np.asarray(lines, dtype=np.int64).tobytes()})


def of(batch: pa.RecordBatch) -> Lines | None:
    """Return `(n_rows,)`, the line of each row; None where its source has no lines."""
    written = (batch.schema.metadata or {}).get(KEY)

    return None if written is None else np.frombuffer(written, dtype=np.int64)
