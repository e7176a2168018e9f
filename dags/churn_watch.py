"""
### Tell people when a morning has no list.

Every quarter of an hour, for each population with a `deadline` in churn.toml: once that has passed
and the list of the day is not there, one alert goes out, and a message when it is. It is a DAG of
its own, so that pausing or losing the night does not silence it. A scheduler that is down takes
this with it: run `churn watch` from cron as well (docs/operations.md).

**If it fails** with exit code 33, a list is missing: look at `churn_nightly`. With 13, the alert
did not go out: look at the server of e-mail or Slack. Anything else: data engineering.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag
from churn_command import ChurnCommand

# No start date and a short grace: the first run is the next quarter's.
SCHEDULE = CronTriggerTimetable(
    "*/15 * * * *", timezone="UTC", run_immediately=timedelta(minutes=1)
)


@dag(schedule=SCHEDULE, catchup=False, max_active_runs=1, doc_md=__doc__,
     is_paused_upon_creation=False)  # fmt: skip
def churn_watch() -> None:
    """Wire the one task; it looks again by itself, so it is not repeated."""
    ChurnCommand(command="watch", options=(), retries=0)


churn_watch()
