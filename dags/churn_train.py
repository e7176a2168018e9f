"""
### Train a challenger, every week and when the evidence asks.

Trains on the snapshots whose labels have matured, registers the model with its evidence, and lets
it become champion only if it beats the champion on the same later rows. `churn_nightly` starts it
when drift asks for a training. Where `policy` of `[promotion]` is `approval`, the run waits at
`ask` for a person (Required Actions), six days at most; without an answer the champion stays.

**If it fails**, the champion stays and the nights go on. `train` with exit code 24 names a
feature that knows the future, 25 means too few labels, 35 a first model that is not good enough:
call data science. `promote` or `judge` with 30 or 31 says that a model is missing or damaged,
with 34 that a person has to approve: call data science. Anything else: data engineering.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, chain, dag
from churn_approval import ask_a_person
from churn_command import ChurnCommand
from churn_params import PARAMS
from churn_populations import IS_A_PERSON_ASKED

# No start date and a short grace: the first run is the next Sunday's, not one that has passed.
SCHEDULE = CronTriggerTimetable("0 5 * * 0", timezone="UTC", run_immediately=timedelta(minutes=1))


@dag(schedule=SCHEDULE, catchup=False, max_active_runs=1, params=PARAMS, doc_md=__doc__,
     is_paused_upon_creation=False)  # fmt: skip
def churn_train() -> None:
    """Wire the training, and what becomes of the challenger."""
    train = ChurnCommand(command="train")
    if IS_A_PERSON_ASKED:
        ask_a_person(train)
    else:
        chain(train, ChurnCommand(command="promote"))


churn_train()
