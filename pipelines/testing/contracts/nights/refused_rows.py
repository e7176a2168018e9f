"""What becomes of old refused rows, wherever they are kept."""

from abc import ABC, abstractmethod
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from pipelines.domain.ports.traces import RefusedRows

T = TypeVar("T", bound=RefusedRows)

DAY = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


class RefusedRowsContract(ABC, Generic[T]):
    """Tests of a place where nothing was refused yet, as the fixture `refused` of a subclass."""

    @abstractmethod
    def refuse(self, refused: T, at: datetime) -> None:
        """Refuse a row at a time."""

    @abstractmethod
    def times(self, refused: T) -> list[datetime]:
        """Return when each row was refused that is still there, ascending."""

    def test_where_nothing_was_refused_nothing_is_forgotten(self, refused: T) -> None:
        """A new installation is no fault."""
        assert 0 == refused.forget_refused(DAY)

    def test_what_was_refused_before_the_day_goes(self, refused: T) -> None:
        """The day begins at 00:00 UTC; once is enough."""
        second = timedelta(seconds=1)
        for at in (MIDNIGHT - timedelta(days=90), MIDNIGHT - second, MIDNIGHT, MIDNIGHT + second):
            self.refuse(refused, at)

        assert 2 == refused.forget_refused(DAY)
        assert [MIDNIGHT, MIDNIGHT + second] == self.times(refused)
        assert 0 == refused.forget_refused(DAY)
        assert [MIDNIGHT, MIDNIGHT + second] == self.times(refused)
