"""What a run may be asked for, and the day it is for."""

from airflow.sdk import Param
from churn_populations import NIGHTLY, POPULATIONS

# Scheduled and backfilled runs have a logical date; a run by hand may name a day, or means today.
AS_OF = "{{ params.as_of or (dag_run.logical_date or dag_run.run_after) | ds }}"
POPULATION = "{{ params.population }}"

PARAMS = {
    "as_of": Param(
        None,
        type=["null", "string"],
        format="date",
        pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="The day to run for; empty means the day of the run.",
    ),
    "population": Param(
        (NIGHTLY or list(POPULATIONS))[0],
        type="string",
        enum=list(POPULATIONS),
        description="The customers to run for, by their name in churn.toml.",
    ),
}
