-- The ten customers of each population most likely to leave, and why.
with ranked as (
  select
    *,
    row_number() over (partition by population order by churn_probability desc, customer_id asc) as place
  from churn.scores_current
)

select
  population,
  customer_id,
  churn_probability,
  risk_tier,
  recommended_action,
  reason_1,
  reason_2,
  reason_3
from ranked
where place <= 10
order by population asc, place asc;
