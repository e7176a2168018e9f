"""
### Remove what has been kept for long enough, every Sunday.

`[retention]` of churn.toml says for how many days lists, results of gates, drift checks, resolved
alerts, pages and logs are kept. What is older goes, of every population, and what was removed is
in the log of the task; the last list of a population always stays. It is paused until somebody
who agrees with those days switches it on.

**If it fails**, nothing is lost that should stay: with exit code 75 somebody was writing a list,
and the task waits for them; with 10, a retention is shorter than what nights look back on, and
churn.toml has to say more. Anything else: data engineering.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag
from churn_command import ChurnCommand
from churn_params import AS_OF, PARAMS

# No start date and a short grace: the first run is the next Sunday's, not one that has passed.
SCHEDULE = CronTriggerTimetable("0 4 * * 0", timezone="UTC", run_immediately=timedelta(minutes=1))


@dag(schedule=SCHEDULE, catchup=False, max_active_runs=1, params={"as_of": PARAMS["as_of"]},
     doc_md=__doc__, is_paused_upon_creation=True)  # fmt: skip
def churn_prune() -> None:
    """Wire the one task."""
    ChurnCommand(command="prune", options=("--as-of", AS_OF))


churn_prune()
