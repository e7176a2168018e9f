"""By when a night's list has to be there, and what people are told when it is not."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from pipelines.domain.alerts.alert import Alert
from pipelines.domain.alerts.incident import MISSING
from pipelines.domain.scoring.runs import ScoreRun


def last_due(deadline: str, now: datetime) -> date:
    """
    Return the latest date whose list should be there.

    Args:
        deadline: UTC time of the day, `HH:MM`.
        now: With a time zone.
    """
    today = now.astimezone(UTC)
    is_due = today.time() >= time.fromisoformat(deadline)

    return today.date() if is_due else today.date() - timedelta(days=1)


def missing(
    population: str, as_of: date, deadline: str, last: ScoreRun, told: Sequence[str]
) -> Alert:
    """
    Return the alert about a list that is not there.

    Args:
        population: Its name in churn.toml.
        as_of: Date of the list.
        deadline: UTC time of the day it was due, `HH:MM`.
        last: The list people see instead.
        told: Titles of the alerts that are open about that night.
    """
    heard = (
        "Open alerts of that night: " + "; ".join(told) + "."
        if told
        else "Nothing was heard of that night: see whether Airflow runs (`churn status`), and "
        "whether churn_nightly is paused there or waits."
    )

    return Alert(
        population=population,
        as_of=as_of,
        kind=MISSING,
        severity="critical",
        title=f"no list of {population} for {as_of} by {deadline} UTC",
        body=f"People see the list of {last.as_of}. {heard}\n"
        f"Next: churn run --population {population} --as-of {as_of}",
        owner="engineer",
    )
