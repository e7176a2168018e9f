-- What each gate found when it looked last.
with latest as (
  select
    gate,
    max(checked_at) as checked_at
  from churn.gate_results
  where population = :'population' and as_of = :'as_of'
  group by gate
)

select
  result.gate,
  count(*) as checks,
  count(*) filter (where not result.is_passed and result.severity = 'fail') as failed,
  count(*) filter (where not result.is_passed and result.severity = 'warn') as warned
from churn.gate_results as result
inner join latest on result.gate = latest.gate and result.checked_at = latest.checked_at
where result.population = :'population' and result.as_of = :'as_of'
group by result.gate
order by array_position(array['sources', 'features', 'scores'], result.gate);
