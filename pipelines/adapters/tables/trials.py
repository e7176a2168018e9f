"""The tables of trials: what two models said of customers, what happened, and which was better."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import date
from typing import ClassVar

import pyarrow as pa
import sqlalchemy as sa

from pipelines.adapters.warehouse import audit_log
from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.retention import Night
from pipelines.domain.nights.trials import TrialKey, TrialResult

TRIALS = """
select distinct
  population, mode, salt, challenger_pct, champion_version, challenger_version
from churn.served_predictions
where population = :population
order by mode, salt, challenger_pct, champion_version, challenger_version
"""
# The first prediction of each customer by each model is the one that counts, whatever became known
# of it: what counts must not depend on what happened.
ROWS = """
with firsts as (
  select distinct on (customer_id, variant)
    customer_id, variant, churn_probability, score_date
  from churn.served_predictions
  where
    population = :population
    and mode = :mode
    and salt = :salt
    and challenger_pct = :challenger_pct
    and champion_version = :champion_version
    and challenger_version = :challenger_version
  order by customer_id, variant, served_prediction_id
)

select first.customer_id, first.variant, first.churn_probability, outcome.is_churned
from firsts as first
inner join churn.outcomes as outcome
  on
    first.score_date = outcome.score_date
    and first.customer_id = outcome.customer_id
    and outcome.population = :population
order by first.score_date, sha256(convert_to(first.customer_id, 'UTF8')), first.variant
"""
KEY = (
    "population = :population and mode = :mode and salt = :salt "
    "and challenger_pct = :challenger_pct and champion_version = :champion_version "
    "and challenger_version = :challenger_version"
)
FORGET = f"delete from churn.trial_results where {KEY} and measured_as_of = :as_of"  # noqa: S608  ours
INSERT = """
insert into churn.trial_results
  (population, mode, salt, challenger_pct, champion_version, challenger_version, metric,
   measured_as_of, customers, champion_value, challenger_value, difference, lower, upper, verdict)
values
  (:population, :mode, :salt, :challenger_pct, :champion_version, :challenger_version, :metric,
   :as_of, :customers, :champion_value, :challenger_value, :difference, :lower, :upper, :verdict)
"""
REMOVE = """
delete from churn.served_predictions
where asked_at < cast(:before as timestamp) at time zone 'UTC'
"""


@dataclass(frozen=True)
class WarehouseTrials:
    """
    The tables churn.served_predictions, churn.outcomes and churn.trial_results.

    Attributes:
        warehouse: The database.
    """

    warehouse: Warehouse
    kind: ClassVar[str] = "predictions of trials"

    def trials(self, population: str) -> list[TrialKey]:
        """Return the trials of which there are predictions."""
        rows = self.warehouse.rows(TRIALS, {"population": population})

        return [TrialKey(**row._mapping) for row in rows]

    def outcomes(self, trial: TrialKey) -> pa.Table:
        """Return what is known by now of a trial, in the order in which it came to be known."""
        rows = self.warehouse.rows(ROWS, asdict(trial))

        return pa.Table.from_pylist(
            [dict(row._mapping) for row in rows],
            schema=pa.schema(
                [
                    ("customer_id", pa.string()),
                    ("variant", pa.string()),
                    ("churn_probability", pa.float64()),
                    ("is_churned", pa.bool_()),
                ]
            ),
        )

    def record(self, trial: TrialKey, as_of: date, results: Sequence[TrialResult]) -> None:
        """Write down how a trial stands on a night; doing so again replaces it."""
        with self.warehouse.begin() as connection:
            connection.execute(sa.text(FORGET), {**asdict(trial), "as_of": as_of})
            for result in results:
                connection.execute(
                    sa.text(INSERT), {**asdict(trial), "as_of": as_of, **asdict(result)}
                )

    def remove_before(self, before: date, kept: AbstractSet[Night]) -> int:  # noqa: ARG002
        """
        Delete the predictions of before *before*, 00:00 UTC; return their number.

        None is kept, for a prediction belongs to no night. The audit log says so where there were
        some.
        """
        with self.warehouse.begin() as connection:
            removed = connection.execute(sa.text(REMOVE), {"before": before}).rowcount
            if removed:
                audit_log.append(
                    connection,
                    command="prune",
                    subject=f"{self.kind} from before {before}",
                    details={"rows": removed},
                )

        return removed
