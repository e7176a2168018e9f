"""Batches that are read, worked on and handed on at the same time."""

import threading
import time
from collections.abc import Generator, Iterator

import pytest

from pipelines.domain.scoring.stream import AHEAD, overlapped

PATIENCE = 20


def doubled(number: int) -> int:
    """Return twice as much."""
    return 2 * number


class Source:
    """Numbers that know how many were read, and whether they were closed."""

    def __init__(self, count: int, *, fails: bool = False) -> None:
        self.count, self.fails = count, fails
        self.read, self.is_closed, self.thread = 0, False, ""

    def __call__(self) -> Iterator[int]:
        """Yield them, and fail after the last if that is asked."""
        try:
            for number in range(self.count):
                self.read += 1
                yield number
            if self.fails:
                raise OSError("the database went away")
        finally:
            self.is_closed, self.thread = True, threading.current_thread().name


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_results_come_in_the_order_of_the_batches(workers: int, count: int) -> None:
    """However many work, and whoever is done first."""

    def slow_first(number: int) -> int:
        time.sleep(0.01 * (number % 3 == 0))
        return doubled(number)

    expected = [2 * number for number in range(count)]
    assert expected == [*overlapped(iter(range(count)), slow_first, workers=workers)]


def test_two_batches_are_worked_on_while_another_is_taken() -> None:
    """Three meet who could not if one of them waited for another."""
    meeting = threading.Barrier(3)

    def work(number: int) -> int:
        if number in (1, 2):
            meeting.wait(PATIENCE)
        return number

    results = overlapped(iter(range(3)), work, workers=2)
    assert 0 == next(results)
    meeting.wait(PATIENCE)

    assert [1, 2] == [*results]


def test_no_more_is_read_than_there_is_room_for() -> None:
    """Memory is bounded by the batch: nobody takes, and the source is left alone."""
    source, workers = Source(100), 2
    results = overlapped(source(), doubled, workers=workers)
    assert 0 == next(results)
    time.sleep(0.2)

    assert workers + AHEAD == source.read
    assert 99 == len([*results])
    assert 100 == source.read


def test_what_the_source_raises_comes_after_what_it_gave() -> None:
    """As if it were read here; it is closed, and no thread is left."""
    source = Source(3, fails=True)
    results, taken = overlapped(source(), doubled, workers=2), []
    with pytest.raises(OSError, match="the database went away"):
        taken.extend(results)

    assert ([0, 2, 4], True) == (taken, source.is_closed)
    assert "MainThread" != source.thread
    assert [] == threads()


def test_what_work_raises_comes_in_its_turn() -> None:
    """Nothing of a later batch is handed on, and the source is not read to its end."""
    source = Source(100)

    def work(number: int) -> int:
        if number == 3:
            raise ValueError("of the third")
        return number

    results, taken = overlapped(source(), work, workers=2), []
    with pytest.raises(ValueError, match="of the third"):
        taken.extend(results)

    assert [0, 1, 2] == taken
    assert source.read < 10
    assert source.is_closed
    assert [] == threads()


def test_whoever_takes_may_end_it() -> None:
    """What a writer raises ends the reader and the workers; so does a signal."""
    source = Source(100)
    results = overlapped(source(), doubled, workers=2)
    with pytest.raises(SystemExit):
        taken(results)
    results.close()

    assert source.read < 10
    assert source.is_closed
    assert [] == threads()


def taken(results: Generator[int, None, None]) -> None:
    """Take one, and stop as a signal stops a writer."""
    next(results)
    raise SystemExit(143)


def threads() -> list[str]:
    """Return the threads beside this one that are ours."""
    return [each.name for each in threading.enumerate() if each.name.startswith("score")]
