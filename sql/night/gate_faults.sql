-- The checks that did not pass, and whose they are.
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
  result.subject,
  result.expectation,
  result.severity,
  result.owner
from churn.gate_results as result
inner join latest on result.gate = latest.gate and result.checked_at = latest.checked_at
where result.population = :'population' and result.as_of = :'as_of' and not result.is_passed
order by result.severity, array_position(array['sources', 'features', 'scores'], result.gate), result.subject
limit 50;
