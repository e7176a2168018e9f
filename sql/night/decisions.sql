-- Which models were judged in the last 30 days, and what was decided.
select
  as_of,
  challenger_version,
  champion_version,
  case
    when is_promoted then 'promoted'
    when is_waiting then 'waits for a person'
    else 'not promoted'
  end as decision,
  reason
from churn.model_promotions
where population = :'population' and as_of > cast(:'as_of' as date) - 30 and as_of <= :'as_of'
order by model_promotion_id desc
limit 10;
