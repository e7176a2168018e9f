"""Rows handed to the server while the next ones are made: two processors are at work, not one."""

import contextlib
import queue
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from pipelines.adapters.warehouse.columns import Transaction

# How many batches wait; each more is memory.
WAITING = 1
LOOK_SECONDS = 0.2


class _GivenUp(Exception):
    """The making of rows has failed."""


def ingest(
    transaction: Transaction,
    schema: str,
    table: str,
    columns: pa.Schema,
    batches: Iterable[pa.RecordBatch],
) -> int:
    """
    Append rows to a table, and return how many; raises what making them does.

    They are made by the thread that calls, which is the one signals and sources know, and sent by
    another. *transaction* is left alone meanwhile.
    """
    waiting: queue.Queue[pa.RecordBatch | _GivenUp | None] = queue.Queue(WAITING)

    def taken() -> Iterator[pa.RecordBatch]:
        while (batch := waiting.get()) is not None:
            if isinstance(batch, _GivenUp):
                raise batch
            yield batch

    with ThreadPoolExecutor(1) as sender:
        reader = pa.RecordBatchReader.from_batches(columns, taken())
        sent = sender.submit(transaction.ingest, schema, table, reader)
        try:
            for batch in batches:
                _put(waiting, batch, sent)
        except BaseException:
            with contextlib.suppress(Exception):  # what ended us is said, and not what came of it
                _put(waiting, _GivenUp(), sent)
            raise
        _put(waiting, None, sent)

        return sent.result()


def _put(
    waiting: "queue.Queue[pa.RecordBatch | _GivenUp | None]",
    batch: pa.RecordBatch | _GivenUp | None,
    sent: "Future[int]",
) -> None:
    """Have *batch* sent after those that wait; raises what the sending does."""
    while True:
        try:
            return waiting.put(batch, timeout=LOOK_SECONDS)
        except queue.Full:
            if sent.done():
                sent.result()
                raise
