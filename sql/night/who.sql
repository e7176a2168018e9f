-- Who has come into the highest tiers since the list before, the riskiest first. This page names nobody; the database
-- answers those who may read the list.
with lists as (
  select
    run_id,
    as_of,
    row_number() over (order by as_of desc) as back
  from churn.score_runs
  where population = :'population' and status = 'published' and as_of <= :'as_of'
  order by as_of desc
  limit 2
)

select
  now.customer_id,
  now.risk_tier,
  before.risk_tier as tier_before,
  now.churn_probability,
  now.recommended_action,
  now.reason_1
from lists
inner join churn.scores as now on lists.run_id = now.run_id and lists.as_of = now.score_date
inner join lists as earlier on earlier.back = 2
left join churn.scores as before
  on
    earlier.run_id = before.run_id
    and earlier.as_of = before.score_date
    and now.customer_id = before.customer_id
where
  lists.back = 1
  and lists.as_of = :'as_of'
  and now.risk_tier = any(string_to_array(:'top_tiers', ','))
  and (before.risk_tier is null or before.risk_tier <> all(string_to_array(:'top_tiers', ',')))
order by now.churn_probability desc, now.customer_id asc;
