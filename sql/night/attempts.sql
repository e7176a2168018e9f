-- Every attempt of this night to make a list.
select
  run_id,
  status,
  model_version,
  rows,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as began_at_utc,
  reason
from churn.score_runs
where population = :'population' and as_of = :'as_of'
order by run_id desc
limit 10;
