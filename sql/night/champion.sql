-- Who was champion in this night, and since when.
select
  challenger_version as version,
  as_of as since,
  cast(:'as_of' as date) - as_of as age_days
from churn.model_promotions
where
  population = :'population'
  and is_promoted
  and challenger_version is distinct from champion_version
  and as_of <= :'as_of'
order by model_promotion_id desc
limit 1;
