"""Batches that are read, worked on and handed on at the same time, in the order they came."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

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

    A thread reads, *workers* of them work, and whoever takes what is yielded does so meanwhile. At
    any moment `workers + AHEAD` batches are at hand at most, however many there are.

    What *batches* or *work* raises is raised here, in its turn: after everything before it, and
    instead of everything after. Closed early, it reads nothing more and waits for what is being
    worked on.

    Args:
        batches: Read, and a generator closed, by a thread of its own.
        work: Called by several threads at once; what it returns must not depend on which.
        workers: 1 or more.
    """
    with ThreadPoolExecutor(workers, "score") as pool:
        line: _Line[In, Out] = _Line(pool, work, threading.Semaphore(workers + AHEAD))
        reader = threading.Thread(target=line.read, args=(batches,), daemon=True)
        reader.start()
        try:
            while (made := line.found.get()) is not None:
                result = made.result()
                del made
                yield result
                del result
                line.places.release()
        finally:
            line.is_over.set()
            line.places.release()
            reader.join(PATIENCE_SECONDS)
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Line(Generic[In, Out]):
    """
    What reader, workers and whoever takes share.

    Attributes:
        pool: The workers.
        work: What they do.
        places: One for each batch that may be at hand.
        found: What is or will be made of each batch, in their order; None after the last.
        is_over: Set when nobody takes any more.
    """

    pool: ThreadPoolExecutor
    work: Callable[[In], Out]
    places: threading.Semaphore
    found: "queue.SimpleQueue[Future[Out] | None]" = field(default_factory=queue.SimpleQueue)
    is_over: threading.Event = field(default_factory=threading.Event)

    def read(self, batches: Iterator[In]) -> None:
        """Hand batches to the workers while there are places, and say when there are no more."""
        try:
            while self.places.acquire() and not self.is_over.is_set():
                try:
                    batch = next(batches)
                except StopIteration:
                    break
                self.found.put(self.pool.submit(self.work, batch))
                del batch
            if isinstance(batches, Generator):
                batches.close()
        except BaseException as error:  # whoever takes is told, in its turn
            failed: Future[Out] = Future()
            failed.set_exception(error)
            self.found.put(failed)
        finally:
            self.found.put(None)
