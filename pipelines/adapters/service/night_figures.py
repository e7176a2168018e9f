"""What the tables say of the nights, as numbers with labels; none of them is about one customer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipelines.adapters.warehouse.connection import Warehouse
from pipelines.domain.nights.figures import Figure, Sample

LATEST = """
select distinct on (population)
  population, as_of, run_id, rows, model_version, extract(epoch from published_at) as published_at
from churn.score_runs
where status = 'published'
order by population asc, as_of desc
"""
# Of one list, which changes with its count of rows alone, when somebody is erased: asked once.
TIERS = """
select risk_tier, customers
from churn.risk_summary
where population = :population and score_date = :as_of and customers is not null
"""
WORTH = """
select customers, expected_to_leave, value_at_risk, expected_profit
from churn.list_worth
where population = :population and score_date = :as_of and run_id = :run_id
"""
# Each has the labels of its figure, and the value.
SAMPLES: Final[Mapping[str, str]] = {
    "churn_list_attempts": """
select run.population, run.status, count(*) as value
from churn.score_runs as run
inner join (
  select population, max(as_of) as as_of from churn.score_runs group by population
) as newest using (population, as_of)
group by run.population, run.status
""",
    "churn_attempt_as_of_timestamp_seconds": """
select population, extract(epoch from max(as_of)::timestamp at time zone 'UTC') as value
from churn.score_runs
group by population
""",
    "churn_model_first_list_timestamp_seconds": """
select
  model.population,
  extract(epoch from model.first_score_date::timestamp at time zone 'UTC') as value
from churn.model_history as model
inner join (
  select distinct on (population) population, model_version
  from churn.score_runs
  where status = 'published'
  order by population asc, as_of desc
) as latest using (population, model_version)
""",
    "churn_gate_checks": """
select result.population, result.gate, count(*) as value
from churn.gate_results as result
inner join (
  select population, gate, max(as_of) as as_of from churn.gate_results group by population, gate
) as latest using (population, gate, as_of)
group by result.population, result.gate
""",
    "churn_gate_failures": """
select result.population, result.gate, result.severity,
  count(*) filter (where not result.is_passed) as value
from churn.gate_results as result
inner join (
  select population, gate, max(as_of) as as_of from churn.gate_results group by population, gate
) as latest using (population, gate, as_of)
group by result.population, result.gate, result.severity
""",
    "churn_drift_verdict": """
select distinct on (population) population, verdict, 1 as value
from churn.drift_verdicts
order by population asc, as_of desc
""",
    "churn_drift_as_of_timestamp_seconds": """
select population, extract(epoch from max(as_of)::timestamp at time zone 'UTC') as value
from churn.drift_verdicts
group by population
""",
    "churn_realised": """
select metric.population, metric.metric, metric.value
from churn.model_performance as metric
inner join (
  select population, max(score_date) as score_date from churn.model_performance group by population
) as latest using (population, score_date)
""",
    "churn_realised_lower": """
select metric.population, metric.metric, metric.lower as value
from churn.model_performance as metric
inner join (
  select population, max(score_date) as score_date from churn.model_performance group by population
) as latest using (population, score_date)
where metric.lower is not null
""",
    "churn_promised_lower": """
select metric.population, metric.metric, metric.promised_lower as value
from churn.model_performance as metric
inner join (
  select population, max(score_date) as score_date from churn.model_performance group by population
) as latest using (population, score_date)
where metric.promised_lower is not null
""",
    "churn_realised_as_of_timestamp_seconds": """
select population, extract(epoch from max(score_date)::timestamp at time zone 'UTC') as value
from churn.model_performance
group by population
""",
    "churn_outcome_findings": """
select performance.population, count(finding.metric) as value
from (
  select population, max(score_date) as score_date from churn.model_performance group by population
) as performance
left join churn.outcome_findings as finding
  on
    performance.population = finding.population
    and performance.score_date = finding.score_date
group by performance.population
""",
    "churn_loop_action": """
select distinct on (population) population, action, 1 as value
from churn.loop_decisions
order by population asc, as_of desc
""",
    "churn_retrainings": """
select
  population,
  case
    when is_promoted then 'promoted'
    when is_waiting then 'waiting'
    when challenger_version is null then 'not_judged'
    else 'not_promoted'
  end as result,
  count(*) as value
from churn.retrainings
group by 1, 2
""",
    "churn_open_alerts": """
select population, kind, severity, nights as value from churn.open_alerts
""",
    "churn_trial_difference": """
select distinct on (
  population, mode, salt, challenger_pct, champion_version, challenger_version, metric
)
  population, mode, champion_version::text as champion, challenger_version::text as challenger,
  metric, difference as value
from churn.trial_results
order by
  population, mode, salt, challenger_pct, champion_version, challenger_version, metric,
  measured_as_of desc
""",
}


@dataclass
class NightFigures:
    """
    Figures of the nights of one warehouse.

    Attributes:
        warehouse: The database, as churn_aggregates.
    """

    warehouse: Warehouse
    _of_runs: dict[tuple[int, int], list[Sample]] = field(default_factory=dict)

    def samples(self) -> list[Sample]:
        """
        Return every figure there is now.

        Raises:
            DatabaseUnavailable: The warehouse does not answer.
        """
        found: dict[tuple[str, tuple[str, ...]], Sample] = {}
        latest = [dict(row._mapping) for row in self.warehouse.rows(LATEST)]
        runs = {}
        for run in latest:
            counted = run["run_id"], run["rows"]
            runs[counted] = self._of_runs.get(counted) or [*self._of_run(run)]
        self._of_runs = runs
        for name, statement in SAMPLES.items():
            labels = Figure.named(name).labels
            for row in self.warehouse.rows(statement):
                sample = _sample(name, labels, dict(row._mapping))
                # Of trials that differ in their salts alone the last one counts.
                found[name, sample.labels] = sample

        return [*(sample for of_run in runs.values() for sample in of_run), *found.values()]

    def _of_run(self, run: Mapping[str, Any]) -> Iterable[Sample]:
        """Yield the figures of a published list."""
        population = str(run["population"])
        asked = {name: run[name] for name in ("population", "as_of", "run_id")}
        day = run["as_of"].toordinal() - 719_163  # days since 1970-01-01
        yield Sample("churn_list_as_of_timestamp_seconds", (population,), day * 86_400.0)
        yield Sample(
            "churn_list_published_timestamp_seconds", (population,), float(run["published_at"])
        )
        yield Sample("churn_list_model_version", (population,), float(run["model_version"]))
        for row in self.warehouse.rows(TIERS, asked):
            tier = str(row.risk_tier)
            yield Sample("churn_list_customers", (population, tier), float(row.customers))
        for row in self.warehouse.rows(WORTH, asked):
            yield Sample("churn_list_size", (population,), float(row.customers))
            for name in ("expected_to_leave", "value_at_risk", "expected_profit"):
                value = row._mapping[name]
                if value is not None:
                    yield Sample(f"churn_list_{name}", (population,), float(value))


def _sample(name: str, labels: Sequence[str], row: Mapping[str, Any]) -> Sample:
    """Return one row as a figure."""
    return Sample(name, tuple(str(row[label]) for label in labels), float(row["value"]))
