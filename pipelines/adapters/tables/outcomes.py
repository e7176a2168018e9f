"""The tables of outcomes, of what was measured and found of them, and the labels they come from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import pyarrow as pa
import sqlalchemy as sa
from psycopg.sql import Identifier

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.measuring import OBSERVED
from pipelines.domain.nights.outcome_evidence import Finding
from pipelines.domain.nights.performance import ListPerformance, MaturedList, Measured
from pipelines.errors import FeaturesMissing

# `{labels}` is the quoted label table. Labels known on the day of scoring are no outcome: the model
# may have been trained on them.
DUE = """
select run.as_of as score_date, run.run_id, run.model_version
from churn.score_runs as run
where
  run.population = :population
  and run.status = 'published'
  and run.as_of < :as_of
  and exists (
    select 1 from {labels} as label
    where
      label.as_of = run.as_of
      and label.is_churned is not null
      and label.label_due_at > run.as_of
      and label.label_due_at <= :as_of
  )
  and not exists (
    select 1 from churn.outcomes as outcome
    where
      outcome.population = run.population
      and outcome.score_date = run.as_of
      and outcome.run_id = run.run_id
  )
order by run.as_of
"""

MATURED = """
select score.churn_probability, score.risk_tier, label.is_churned
from churn.scores as score
inner join {labels} as label
  on score.score_date = label.as_of and score.customer_id = label.customer_id
where score.score_date = $1::date and score.run_id = $2 and label.is_churned is not null
order by score.customer_id collate "C"
"""

INSERT_OUTCOMES = """
insert into churn.outcomes
  (population, score_date, customer_id, run_id, churn_probability, is_churned)
select
  :population, score.score_date, score.customer_id, score.run_id, score.churn_probability,
  label.is_churned
from churn.scores as score
inner join {labels} as label
  on score.score_date = label.as_of and score.customer_id = label.customer_id
where
  score.score_date = :score_date and score.run_id = :run_id and label.is_churned is not null
"""

INSERT_METRIC = """
insert into churn.model_performance
  (population, score_date, model_version, metric, value, lower, upper, customers, churners,
   promised_lower, promised_upper, is_as_promised, measured_as_of)
values
  (:population, :score_date, :model_version, :metric, :value, :lower, :upper, :customers,
   :churners, :promised_lower, :promised_upper, :is_as_promised, :as_of)
"""

INSERT_FINDING = """
insert into churn.outcome_findings
  (population, score_date, model_version, metric, finding, measured_as_of)
values (:population, :score_date, :model_version, :metric, :finding, :as_of)
"""

EARLIER = """
select
  run.as_of as score_date, run.run_id, performance.metric, performance.value, performance.lower,
  performance.upper, performance.customers, performance.churners, performance.promised_lower,
  performance.promised_upper, performance.is_as_promised
from churn.model_performance as performance
inner join churn.score_runs as run
  on
    performance.population = run.population
    and performance.score_date = run.as_of
    and run.status = 'published'
where
  performance.population = :population
  and performance.model_version = :model_version
  and performance.score_date < :score_date
order by performance.score_date, performance.metric
"""

# Of the list measured last, not of the last that had one.
LATEST_FINDINGS = """
select finding.metric, finding.finding as sentence
from churn.outcome_findings as finding
where
  finding.population = :population
  and finding.model_version = :model_version
  and finding.score_date = (
    select max(performance.score_date)
    from churn.model_performance as performance
    where performance.population = :population and performance.measured_as_of <= :as_of
  )
order by finding.metric
"""


@dataclass(frozen=True)
class WarehouseOutcomes:
    """
    What happened to the customers of one population's lists.

    Attributes:
        warehouse: The database.
        schema: Schema dbt builds in.
        label_model: Table of the labels.
    """

    warehouse: Warehouse
    schema: str
    label_model: str

    def due(self, population: str, as_of: date) -> list[MaturedList]:
        """
        Return the published lists whose labels matured by *as_of* and that are not measured yet.

        A list that another run superseded since it was measured is due again.

        Raises:
            FeaturesMissing: No labels of the population were ever built.
        """
        if self.warehouse.rows(self._named("select to_regclass('{labels}')"))[0][0] is None:
            raise FeaturesMissing(
                f"the labels of {population} were never built: there is no "
                f"{self.schema}.{self.label_model}",
                next_step=f"churn features --population {population} --as-of {as_of}",
            )
        rows = self.warehouse.rows(self._named(DUE), {"population": population, "as_of": as_of})

        return [MaturedList(**row._mapping) for row in rows]

    def matured(self, matured: MaturedList) -> pa.Table:
        """Return churn_probability, risk_tier and is_churned of a list's customers, by customer."""
        key = [matured.score_date.isoformat(), matured.run_id]
        with self.warehouse.batches(self._named(MATURED), key) as reader:
            return reader.read_all()

    def earlier(self, population: str, matured: MaturedList) -> list[ListPerformance]:
        """Return what was measured of earlier lists of the same model, oldest first."""
        rows = self.warehouse.rows(
            EARLIER,
            {
                "population": population,
                "model_version": matured.model_version,
                "score_date": matured.score_date,
            },
        )
        lists: dict[MaturedList, list[Measured]] = {}
        for row in rows:
            values = dict(row._mapping)
            earlier = MaturedList(
                values.pop("score_date"), values.pop("run_id"), matured.model_version
            )
            lists.setdefault(earlier, []).append(Measured(**values))

        return [_performance(earlier, metrics) for earlier, metrics in lists.items()]

    def latest_findings(self, population: str, model_version: int, as_of: date) -> list[Finding]:
        """Return what the list measured last says against *model_version*."""
        rows = self.warehouse.rows(
            LATEST_FINDINGS,
            {"population": population, "model_version": model_version, "as_of": as_of},
        )

        return [Finding(**row._mapping) for row in rows]

    def record(
        self,
        population: str,
        as_of: date,
        performance: ListPerformance,
        findings: Sequence[Finding] = (),
    ) -> None:
        """Replace outcomes, metrics and findings of one list, in one transaction."""
        matured = performance.matured
        key = {"population": population, "score_date": matured.score_date}
        model = {**key, "as_of": as_of, "model_version": matured.model_version}
        with self.warehouse.begin() as connection:
            for table in ("outcomes", "model_performance", "outcome_findings"):
                connection.execute(
                    sa.text(
                        f"delete from churn.{table} "  # noqa: S608  one of three
                        "where population = :population and score_date = :score_date"
                    ),
                    key,
                )
            connection.execute(
                sa.text(self._named(INSERT_OUTCOMES)), {**key, "run_id": matured.run_id}
            )
            connection.execute(
                sa.text(INSERT_METRIC),
                [
                    {
                        "customers": performance.customers,
                        "churners": performance.churners,
                        **{
                            name: value
                            for name, value in asdict(item).items()
                            if value is not None or name not in ("customers", "churners")
                        },
                        **model,
                    }
                    for item in performance.metrics
                ],
            )
            if findings:
                connection.execute(
                    sa.text(INSERT_FINDING),
                    [
                        {**model, "metric": finding.metric, "finding": finding.sentence}
                        for finding in findings
                    ],
                )

    def _named(self, query: str) -> str:
        """Return *query* with the label table in its place."""
        return query.format(labels=Identifier(self.schema, self.label_model).as_string(None))


def _performance(matured: MaturedList, metrics: Sequence[Measured]) -> ListPerformance:
    """Return what was measured of a list; how many it held, the metric of all of them says."""
    whole = next((item for item in metrics if item.metric == OBSERVED), metrics[0])

    return ListPerformance(matured, whole.customers or 0, whole.churners or 0, tuple(metrics))
