-- How many customers stand in each risk tier tonight, how many of them are expected to leave, what they are worth and
-- what contacting the tier is expected to earn, and how many changed into it since the list before.
with latest as (
  select distinct on (population) run_id
  from churn.score_runs
  where status = 'published'
  order by population asc, as_of desc
),

tonight as (
  select
    current.population,
    current.score_date,
    current.run_id,
    current.risk_tier,
    count(*) as customers,
    round(100.0 * count(*) / sum(count(*)) over (partition by current.population), 1) as share_pct,
    round(avg(current.churn_probability)::numeric, 4) as mean_probability,
    round(sum(current.churn_probability)::numeric, 1) as expected_to_leave,
    count(changes.customer_id) as arrived,
    string_agg(distinct current.recommended_action, '; ' order by current.recommended_action) as recommended_action
  from churn.scores_current as current
  left join churn.tier_changes as changes
    on
      current.population = changes.population
      and current.score_date = changes.score_date
      and current.customer_id = changes.customer_id
  group by current.population, current.score_date, current.run_id, current.risk_tier
)

select
  tonight.population,
  tonight.risk_tier,
  tonight.customers,
  tonight.share_pct,
  tonight.mean_probability,
  tonight.expected_to_leave,
  round(worth.value_at_risk::numeric) as value_at_risk,
  round(worth.expected_profit::numeric) as expected_profit,
  tonight.arrived,
  tonight.recommended_action
from tonight
left join churn.tier_worth as worth
  on
    tonight.run_id = worth.run_id
    and tonight.risk_tier = worth.risk_tier
    -- As an array, so that the view adds up these lists and no other.
    and worth.run_id = any(array(select latest.run_id from latest))
order by tonight.population asc, tonight.mean_probability desc;
