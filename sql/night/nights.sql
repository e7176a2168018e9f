-- The last 28 nights: which have a list, which were held or failed, and what drift was found.
with dates as (
  select cast(day as date) as as_of
  from generate_series(cast(:'as_of' as date) - 27, cast(:'as_of' as date), interval '1 day') as day
),

runs as (
  select
    as_of,
    max(rows) filter (where status = 'published') as customers,
    bool_or(status = 'published') as is_published,
    bool_or(status = 'rejected') as is_refused
  from churn.score_runs
  where population = :'population' and as_of between cast(:'as_of' as date) - 27 and cast(:'as_of' as date)
  group by as_of
),

refused as (
  select as_of
  from churn.gate_results
  where
    population = :'population'
    and as_of between cast(:'as_of' as date) - 27 and cast(:'as_of' as date)
    and severity = 'fail'
    and not is_passed
  group by as_of
),

failed as (
  select as_of
  from churn.alerts
  where
    population = :'population'
    and as_of between cast(:'as_of' as date) - 27 and cast(:'as_of' as date)
    and kind like 'failed_%'
  group by as_of
)

select
  dates.as_of,
  case
    when runs.is_published then 'published'
    when runs.is_refused or refused.as_of is not null then 'held'
    when failed.as_of is not null then 'failed'
    else 'none'
  end as state,
  runs.customers,
  verdict.verdict as drift
from dates
left join runs on dates.as_of = runs.as_of
left join refused on dates.as_of = refused.as_of
left join failed on dates.as_of = failed.as_of
left join churn.drift_verdicts as verdict
  on dates.as_of = verdict.as_of and verdict.population = :'population'
order by dates.as_of;
