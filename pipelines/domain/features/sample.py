"""A uniform sample of rows too many to hold, the same each time."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa


def sample(batches: Iterable[pa.RecordBatch], *, rows: int, seed: int) -> pa.Table:
    """
    Draw rows without replacement in one pass, holding about twice what is drawn.

    Every row gets a random key and the smallest keys stay, so the sample depends on the order of
    the rows and the seed, not on where batches end.

    Args:
        batches: Of one schema. Not modified.
        rows: Most rows to return.
        seed: Seed of the keys.

    Returns:
        `(<= rows, n_columns)`, in the order they came; no columns where there is no batch.
    """
    random = np.random.default_rng(seed)
    parts: list[pa.Table] = []
    keys: list[np.ndarray] = []
    threshold = 1.0
    for batch in batches:
        drawn = random.random(batch.num_rows)
        chosen = np.flatnonzero(drawn < threshold)
        parts.append(pa.Table.from_batches([batch]).take(chosen))
        keys.append(drawn[chosen])
        if sum(map(len, keys)) > 2 * rows:
            parts, keys = _smallest(parts, keys, rows)
            threshold = float(keys[0].max())
    if not parts:
        return pa.table({})
    parts, _ = _smallest(parts, keys, rows)

    return parts[0]


def _smallest(
    parts: list[pa.Table], keys: list[np.ndarray], rows: int
) -> tuple[list[pa.Table], list[np.ndarray]]:
    """Return the rows with the smallest keys, in their order, as one part."""
    table, joined = pa.concat_tables(parts), np.concatenate(keys)
    if len(joined) > rows:
        chosen = np.sort(np.argpartition(joined, rows)[:rows])
        table, joined = table.take(chosen), joined[chosen]

    return [table], [joined]
