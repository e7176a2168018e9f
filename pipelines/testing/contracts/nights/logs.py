"""What becomes of old logs, wherever they are kept."""

from abc import ABC, abstractmethod
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from pipelines.domain.ports.traces import Logs

T = TypeVar("T", bound=Logs)

DAY = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


class LogsContract(ABC, Generic[T]):
    """Tests of a place without a log, which a subclass provides as the fixture `logs`."""

    @abstractmethod
    def write(self, logs: T, name: str, at: datetime) -> None:
        """Leave a log a task wrote to *at* a time for the last time."""

    @abstractmethod
    def names(self, logs: T) -> set[str]:
        """Return the names of the logs there are."""

    def test_without_a_log_there_is_nothing_to_discard(self, logs: T) -> None:
        """Nothing has run yet, and that is no fault."""
        assert 0 == logs.discard_before(DAY)

    def test_what_was_last_written_before_the_day_goes(self, logs: T) -> None:
        """The day begins at 00:00 UTC; what was written then stays."""
        second = timedelta(seconds=1)
        for name, moment in {
            "long ago": MIDNIGHT - timedelta(days=90),
            "the second before": MIDNIGHT - second,
            "at midnight": MIDNIGHT,
            "after": MIDNIGHT + second,
        }.items():
            self.write(logs, name, moment)

        assert 2 == logs.discard_before(DAY)
        assert {"at midnight", "after"} == self.names(logs)
        assert 0 == logs.discard_before(DAY)
        assert {"at midnight", "after"} == self.names(logs)
