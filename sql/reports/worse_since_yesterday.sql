-- Customers who moved up into one of tonight's two highest tiers since the list before, steepest first.
with highest as (
  select risk_tier
  from churn.scores_current
  group by risk_tier
  order by max(churn_probability) desc
  limit 2
)

select
  customer_id,
  previous_tier,
  risk_tier,
  previous_probability,
  churn_probability
from churn.tier_changes
where
  population = 'subscribers'
  and score_date = (select max(latest.score_date) from churn.scores_current as latest)
  and risk_tier in (select highest.risk_tier from highest)
  and churn_probability > previous_probability
order by churn_probability - previous_probability desc, customer_id asc
limit 50;
