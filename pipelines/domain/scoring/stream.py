"""Batches that are read, worked on and handed on at the same time, in the order they came."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

# So many batches are at hand beyond those that are worked on: one being read, one being written.
AHEAD = 2
# A reader that waits for its source cannot be told to stop; whoever ended early waits no longer.
PATIENCE_SECONDS = 5.0


def overlapped(
    batches: Iterator[In], work: Callable[[In], Out], *, workers: int
) -> Generator[Out, None, None]:
    """
    Yield what *work* makes of each batch, in the order of the batches.

    A thread reads, *workers* of them work, and whoever takes what is yielded does so meanwhile: for
    that, all three have to be of a kind that lets go of the interpreter. What is at hand at any
    moment are `workers + AHEAD` batches, however many there are.

    What *batches* or *work* raises is raised here, in its turn: after everything before it, and
    instead of everything after. Closed early, it reads nothing more and waits for what is being
    worked on.

    Args:
        batches: Read, and closed where it can be, by a thread of its own.
        work: Called by several threads at once. What it returns must not depend on its thread.
        workers: 1 or more.
    """
    places, is_over = threading.Semaphore(workers + AHEAD), threading.Event()
    found: queue.SimpleQueue[Future[Out] | None] = queue.SimpleQueue()
    with ThreadPoolExecutor(workers, "score") as pool:
        reader = threading.Thread(
            target=_read, args=(batches, work, pool, found, places, is_over), daemon=True
        )
        reader.start()
        try:
            while (made := found.get()) is not None:
                result = made.result()
                del made
                yield result
                del result
                places.release()
        finally:
            is_over.set()
            places.release()
            reader.join(PATIENCE_SECONDS)
            pool.shutdown(cancel_futures=True)


def _read(
    batches: Iterator[In],
    work: Callable[[In], Out],
    pool: ThreadPoolExecutor,
    found: "queue.SimpleQueue[Future[Out] | None]",
    places: threading.Semaphore,
    is_over: threading.Event,
) -> None:
    """Hand batches to the *pool* while there are places, and say when there are no more."""
    try:
        while places.acquire() and not is_over.is_set():
            try:
                batch = next(batches)
            except StopIteration:
                break
            found.put(pool.submit(work, batch))
            del batch
        if isinstance(batches, Generator):
            batches.close()
    except BaseException as error:  # whoever takes what is yielded is told, in its turn
        failed: Future[Out] = Future()
        failed.set_exception(error)
        found.put(failed)
    finally:
        found.put(None)
