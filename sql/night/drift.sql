-- How tonight's features differ from those the model learned from: what is not quiet first, then by weight.
select
  checked.feature,
  checked.verdict,
  checked.effect_name,
  checked.effect,
  checked.importance,
  checked.missing_reference_pct as missing_then_pct,
  checked.missing_current_pct as missing_now_pct,
  checked.nights,
  checked.distribution
from churn.drift_checks as checked
where checked.population = :'population' and checked.as_of = :'as_of'
order by
  checked.feature not like '*%' and checked.verdict = 'quiet',
  checked.feature not like '*%',
  checked.importance desc nulls last,
  checked.feature asc;
