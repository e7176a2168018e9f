from datetime import UTC, date, datetime

import numpy as np
import pytest

from pipelines.demo.timeline import Timeline

UNTIL = date(2026, 3, 31)


def test_a_history_goes_back_by_calendar_months() -> None:
    """One month before 31 March is the last day of February."""
    assert Timeline.of(UNTIL, 1).start_day == -31
    assert Timeline.of(UNTIL, 12).start_day == -365


@pytest.mark.parametrize(("months", "weeks"), [(1, 5), (12, 53)])
def test_weeks_cover_the_history(months: int, weeks: int) -> None:
    """The first week may begin before the history, never after its first day."""
    timeline = Timeline.of(UNTIL, months)

    assert weeks == timeline.weeks
    assert -7 * weeks <= timeline.start_day


def test_day_zero_is_the_midnight_that_ends_the_history() -> None:
    """Seconds round down, so that a moment before it stays before it."""
    midnight = int(datetime(2026, 3, 31, tzinfo=UTC).timestamp())
    seconds = Timeline.of(UNTIL, 1).seconds(np.array([0.0, -1e-9, -1.0]))

    assert [midnight, midnight - 1, midnight - 86_400] == seconds.tolist()


def test_the_profile_of_a_week_begins_on_the_weekday_of_its_end() -> None:
    """31 March 2026 is a Tuesday, the busiest day; Saturday, four days on, is the quietest."""
    profile = Timeline.of(UNTIL, 1).week_profile()

    assert profile.sum() == pytest.approx(1)
    assert profile.argmax() == 0
    assert profile.argmin() == 4


def test_the_season_is_mild_and_peaks_in_january() -> None:
    """Usage varies by at most 1.5 % around the year."""
    days = np.arange(-365.0, 0)
    timeline = Timeline.of(UNTIL, 12)
    season = timeline.season(days)

    assert season.max() < 1.0151
    assert timeline.day(date(2026, 1, 15)) == days[season.argmax()]
