-- The last nights of each population: who was scored, by which version, how high, and what drift said.
select
  runs.population,
  runs.as_of,
  runs.status,
  runs.model_version,
  runs.rows,
  verdicts.verdict as drift,
  runs.reason
from churn.score_runs as runs
left join churn.drift_verdicts as verdicts
  on runs.population = verdicts.population and runs.as_of = verdicts.as_of
order by runs.as_of desc, runs.run_id desc
limit 30;
