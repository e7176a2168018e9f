-- The list people see after this night, and how old it is.
with seen as (
  select
    run_id,
    as_of,
    model_name,
    model_version,
    published_at
  from churn.score_runs
  where population = :'population' and status = 'published' and as_of <= :'as_of'
  order by as_of desc
  limit 1
)

select
  seen.run_id,
  seen.as_of as list_date,
  cast(:'as_of' as date) - seen.as_of as age_days,
  seen.model_name,
  seen.model_version,
  to_char(seen.published_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as published_at_utc,
  count(score.customer_id) as customers,
  sum(score.churn_probability) as expected_leavers,
  avg(score.churn_probability) as mean_probability
from seen
left join churn.scores as score on seen.run_id = score.run_id and seen.as_of = score.score_date
group by seen.run_id, seen.as_of, seen.model_name, seen.model_version, seen.published_at;
