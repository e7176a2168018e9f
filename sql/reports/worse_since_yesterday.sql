-- Customers who moved up into high or critical since the list before, steepest first.
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
  and risk_tier in ('high', 'critical')
  and churn_probability > previous_probability
order by churn_probability - previous_probability desc, customer_id asc
limit 50;
