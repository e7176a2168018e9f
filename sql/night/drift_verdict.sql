-- What the checks of drift add up to.
select
  verdict.verdict,
  verdict.reason,
  verdict.is_training_requested,
  verdict.model_version,
  count(checked.feature) as checks,
  count(checked.feature) filter (where checked.verdict = 'quiet') as quiet
from churn.drift_verdicts as verdict
left join churn.drift_checks as checked
  on verdict.population = checked.population and verdict.as_of = checked.as_of
where verdict.population = :'population' and verdict.as_of = :'as_of'
group by verdict.verdict, verdict.reason, verdict.is_training_requested, verdict.model_version;
