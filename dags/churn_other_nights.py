"""One scheduled run a night, which starts a run for each other population that has nights."""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import task
from churn_params import AS_OF
from churn_populations import NIGHTLY


def start_other_nights() -> None:
    """Wire a task for each population after the first; in runs by hand they are skipped."""

    @task.short_circuit
    def is_scheduled(dag_run: object = None) -> bool:
        return dag_run.run_type in {"scheduled", "backfill"}

    others = [
        TriggerDagRunOperator(
            task_id=f"night_of_{name}",
            trigger_dag_id="churn_nightly",
            trigger_run_id=f"night__{name}__{AS_OF}",
            conf={"as_of": AS_OF, "population": name},
            logical_date=None,
            skip_when_already_exists=True,
        )
        for name in NIGHTLY[1:]
    ]
    if others:
        is_scheduled() >> others
