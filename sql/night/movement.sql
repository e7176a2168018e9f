-- Customers by their tier in the list before and in tonight's; NULL where they are not in it.
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

tonight as (
  select
    score.customer_id,
    score.risk_tier
  from lists
  inner join churn.scores as score on lists.run_id = score.run_id and lists.as_of = score.score_date
  where lists.back = 1 and lists.as_of = :'as_of'
),

earlier as (
  select
    score.customer_id,
    score.risk_tier
  from lists
  inner join churn.scores as score on lists.run_id = score.run_id and lists.as_of = score.score_date
  where lists.back = 2
),

counted as (
  select
    earlier.risk_tier as tier_before,
    tonight.risk_tier as tier_now,
    count(*) as customers,
    case
      when earlier.risk_tier is null then 'joined'
      when tonight.risk_tier is null then 'left'
      else coalesce(
        (array['fell', 'stayed', 'rose'])[
          2 + sign(
            array_position(string_to_array(:'tiers', ','), tonight.risk_tier)
            - array_position(string_to_array(:'tiers', ','), earlier.risk_tier)
          )
        ],
        'other'
      )
    end as direction
  from tonight
  full join earlier on tonight.customer_id = earlier.customer_id
  where (select count(*) from lists) = 2 and (select max(lists.as_of) from lists) = :'as_of'
  group by earlier.risk_tier, tonight.risk_tier
)

select
  tier_before,
  tier_now,
  customers,
  direction,
  sum(customers) over (partition by direction) as customers_of_direction
from counted
order by tier_before, tier_now;
