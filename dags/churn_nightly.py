"""
### Score every customer of a population, every morning.

The scheduled run is of the first population with nights in churn.toml, and starts one run for each
of the others. Pulls declared sources, refuses bad data, builds features as of the run's day, scores
them with the champion and publishes the list in one transaction. Then it measures outcomes and
drift, decides whether a training follows, and tells people. Every task is safe to repeat.

**If it fails**, the list published before stays. The last lines of the task's log name the fault,
its size and the next command. `report` writes the page of the night and `notify` tells people
whatever happened; a failed task fails the run.

| task | exit code | call |
|---|---|---|
| `pull`, `gate_sources`, `gate_features` | 20, 21 | the owner of the data |
| `score`, `gate_scores` | 21, 22, 30, 31 | data science |
| any | 75 | nobody: another run holds the population, the task waits up to 10 minutes |
| any | another | data engineering |
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, CronTriggerTimetable, TriggerRule, chain, dag, task
from churn_command import ChurnCommand
from churn_other_nights import start_other_nights
from churn_params import AS_OF, PARAMS, POPULATION

SCORES = Asset("churn://warehouse/scores")
BEFORE_PUBLISHING = ("pull", "gate sources", "features", "gate features", "score", "gate scores")

# No start date and a short grace: the first run is the next 03:00's, not a night that has passed.
SCHEDULE = CronTriggerTimetable("0 3 * * *", timezone="UTC", run_immediately=timedelta(minutes=1))


@dag(schedule=SCHEDULE, catchup=False, max_active_runs=1, params=PARAMS, doc_md=__doc__,
     is_paused_upon_creation=False)  # fmt: skip
def churn_nightly() -> None:
    """Wire the night; report, notify and train are its leaves, so no failure is hidden."""
    publish = ChurnCommand(command="publish", outlets=[SCORES])
    drift = ChurnCommand(command="drift")
    before = [ChurnCommand(command=command) for command in BEFORE_PUBLISHING]
    chain(*before, publish, ChurnCommand(command="outcomes"), drift)
    drift >> [ChurnCommand(command=command, trigger_rule=TriggerRule.ALL_DONE)
              for command in ("report", "notify")]  # fmt: skip

    @task.short_circuit
    def wants_training(verdict: str) -> bool:
        return {"training requested": True, "no training requested": False}[verdict]

    asked = {"as_of": AS_OF, "population": POPULATION}
    run_id = f"drift__{POPULATION}__{AS_OF}"
    once = {"trigger_run_id": run_id, "skip_when_already_exists": True, "logical_date": None}
    train = TriggerDagRunOperator(task_id="train", trigger_dag_id="churn_train", conf=asked, **once)
    wants_training(drift.output) >> train

    start_other_nights()


churn_nightly()
