"""Rows on their way to Spark and scores on their way back: parquet files of a bounded size."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.adapters.spark.job import TIER_BEFORE
from pipelines.domain.scoring.scoring import SCHEMA, TiersBefore
from pipelines.errors import ConfigError, ServiceFailed

# Spark's committer writes it last, once every part is in its place.
DONE = "_SUCCESS"
BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written, in how many files."""

    rows: int
    files: int


def require_ours(folder: Path) -> None:
    """
    Refuse a folder in which somebody else could put other rows and scores in the place of ours.

    Args:
        folder: Is made where it is missing.

    Raises:
        ConfigError: It is another user's, or others may write to it, or it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found, fault = folder.stat(), None
        if found.st_uid not in {0, os.geteuid()}:
            fault = f"it is uid {found.st_uid}'s"
        elif found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
            fault = "others may write to it"
        elif not os.access(folder, os.W_OK | os.X_OK):
            fault = "it cannot be written"
    except OSError as error:
        fault = str(error.strerror)
    if fault is not None:
        raise ConfigError(
            f"rows and scores cannot be exchanged with Spark in {folder}: {fault}",
            next_step="name a folder of this user's own under [spark] in churn.toml",
        )


def export(
    batches: Iterable[pa.RecordBatch],
    folder: Path,
    *,
    file_rows: int,
    tiers_before: TiersBefore | None,
) -> Exported:
    """
    Write *batches* into *folder*, in files of *file_rows* rows; the last one may have fewer.

    Args:
        batches: `customer_id` and features. Not modified.
        folder: Is made, for its owner alone.
        file_rows: What a worker that dies has to do again, at most.
        tiers_before: Tells the tiers of the list before, which become the column TIER_BEFORE.

    Raises:
        ServiceFailed: The disk is full, or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700)
        rows = files = 0
        with ExitStack() as opened:
            writer = None
            for piece, is_last in _pieces(batches, file_rows):
                held = piece if tiers_before is None else _with_tiers(piece, tiers_before)
                if writer is None:
                    path = folder / f"part-{files:06d}.parquet"
                    writer = opened.enter_context(pq.ParquetWriter(path, held.schema))
                    files += 1
                writer.write_batch(held)
                rows += held.num_rows
                if is_last:
                    opened.close()
                    writer = None
    except OSError as error:
        raise ServiceFailed(
            f"the rows for Spark cannot be written to {folder}: {error.strerror or error}",
            next_step="free space there, or name another folder under [spark] in churn.toml"
            if error.errno == errno.ENOSPC
            else "name a folder under [spark] in churn.toml that this user can write",
        ) from None

    return Exported(rows, files)


def scores(folder: Path, expected: int) -> Iterator[pa.RecordBatch]:
    """
    Stream the scores in *folder*, having seen that all are there.

    Args:
        folder: Where Spark wrote them.
        expected: As many rows as were handed over.

    Raises:
        ServiceFailed: Before the first batch, if there are more or fewer.
    """
    files = sorted(folder.glob("part-*.parquet"))
    found = sum(pq.read_metadata(file).num_rows for file in files)
    if not (folder / DONE).is_file() or found != expected:
        raise ServiceFailed(
            f"Spark gave back {found} scores of {expected} customers",
            next_step="run the command again; the list that is published stays meanwhile",
        )

    return _read(files)


def _read(files: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    """Stream files as SCHEMA."""
    for file in files:
        with pq.ParquetFile(file) as opened:
            for batch in opened.iter_batches(BATCH_ROWS, columns=SCHEMA.names):
                yield batch.cast(SCHEMA)


def _pieces(
    batches: Iterable[pa.RecordBatch], file_rows: int
) -> Iterator[tuple[pa.RecordBatch, bool]]:
    """Yield pieces that cross no file's end, and whether each ends one."""
    room = file_rows
    for batch in batches:
        begin = 0
        while begin < batch.num_rows:
            piece = batch.slice(begin, room)
            begin, room = begin + piece.num_rows, room - piece.num_rows
            yield piece, room == 0
            room = room or file_rows


def _with_tiers(batch: pa.RecordBatch, tiers_before: TiersBefore) -> pa.RecordBatch:
    """Return *batch* with the tier each customer has in the list before, or NULL."""
    customer_ids = batch.column("customer_id").cast(pa.string())
    known = tiers_before(customer_ids)
    tiers = pa.array([known.get(name) for name in customer_ids.to_pylist()], pa.string())

    return pa.RecordBatch.from_arrays(
        [*batch.columns, tiers], names=[*batch.schema.names, TIER_BEFORE]
    )
