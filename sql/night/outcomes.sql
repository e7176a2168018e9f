-- How the list measured last turned out.
with latest as (
  select max(score_date) as score_date
  from churn.model_performance
  where population = :'population' and measured_as_of <= :'as_of'
)

select
  found.score_date,
  found.model_version,
  found.customers,
  found.churners,
  found.metric,
  found.value,
  found.lower,
  found.upper,
  found.promised_lower,
  found.promised_upper,
  found.is_as_promised
from churn.model_performance as found
inner join latest on found.score_date = latest.score_date
where found.population = :'population'
order by found.customers desc, found.metric asc;
