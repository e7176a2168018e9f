"""What becomes of what nights leave behind, wherever it is kept."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Generic, TypeVar

from pipelines.domain.nights.retention import Night
from pipelines.domain.ports.traces import Traces

T = TypeVar("T", bound=Traces)

OLD, BEFORE, NEXT = (
    Night("subscribers", date(2026, 2, 1)),
    Night("subscribers", date(2026, 2, 28)),
    Night("subscribers", date(2026, 3, 1)),
)
TRIAL = Night("trial", date(2026, 2, 1))


class TracesContract(ABC, Generic[T]):
    """Tests of a kind of which there is nothing yet, as the fixture `traces` of a subclass."""

    @abstractmethod
    def leave(self, traces: T, night: Night) -> int:
        """Leave something of *night*; return how much it counts for."""

    @abstractmethod
    def left(self, traces: T) -> set[Night]:
        """Return the nights of which something is there."""

    def test_where_nothing_was_left_there_is_nothing_to_remove(self, traces: T) -> None:
        """A new installation is no fault."""
        assert 0 == traces.remove_before(NEXT.as_of, {OLD})

    def test_what_is_older_goes_and_once_is_enough(self, traces: T) -> None:
        """The night itself stays; of every population the same."""
        counts = {night: self.leave(traces, night) for night in (OLD, BEFORE, NEXT, TRIAL)}
        assert {OLD, BEFORE, NEXT, TRIAL} == self.left(traces)

        assert counts[OLD] + counts[TRIAL] == traces.remove_before(BEFORE.as_of, frozenset())
        assert {BEFORE, NEXT} == self.left(traces)
        assert 0 == traces.remove_before(BEFORE.as_of, frozenset())
        assert {BEFORE, NEXT} == self.left(traces)

    def test_what_is_kept_stays_however_old(self, traces: T) -> None:
        """For its own population; the same date of another goes."""
        counts = {night: self.leave(traces, night) for night in (OLD, BEFORE, NEXT, TRIAL)}

        assert counts[OLD] + counts[BEFORE] == traces.remove_before(NEXT.as_of, {TRIAL, NEXT})
        assert {NEXT, TRIAL} == self.left(traces)

    def test_it_has_a_name(self, traces: T) -> None:
        """By which people are told how much of it is gone."""
        assert traces.kind
