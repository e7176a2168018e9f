-- The ten customers most likely to leave, and why.
select
  customer_id,
  churn_probability,
  risk_tier,
  recommended_action,
  reason_1,
  reason_2,
  reason_3
from churn.scores_current
order by churn_probability desc, customer_id asc
limit 10;
