-- Customers by risk tier in the list people see, beside the list before it.
with lists as (
  select
    run_id,
    as_of,
    row_number() over (order by as_of desc) as back
  from churn.score_runs
  where population = :'population' and status = 'published' and as_of <= :'as_of'
  order by as_of desc
  limit 2
),

counted as (
  select
    score.risk_tier as tier,
    count(*) filter (where lists.back = 1) as customers,
    count(*) filter (where lists.back = 2) as customers_before,
    coalesce(sum(score.churn_probability) filter (where lists.back = 1), 0) as expected_leavers
  from lists
  inner join churn.scores as score on lists.run_id = score.run_id and lists.as_of = score.score_date
  group by score.risk_tier
)

select
  tier,
  customers,
  100.0 * customers / nullif(sum(customers) over (), 0) as share_pct,
  case when (select count(*) from lists) = 2 then customers - customers_before end as change,
  expected_leavers,
  (
    select max(lists.as_of) from lists
    where lists.back = 2
  ) as before_date
from counted
order by tier;
