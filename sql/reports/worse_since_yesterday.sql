-- Customers who moved up into one of tonight's two highest tiers since the list before, steepest first, and what was
-- and is the strongest reason.
with tiers as (
  select
    population,
    score_date,
    risk_tier,
    row_number() over (partition by population order by max(churn_probability) desc) as place
  from churn.scores_current
  group by population, score_date, risk_tier
)

select
  changes.population,
  changes.customer_id,
  changes.previous_tier,
  changes.risk_tier,
  changes.previous_probability,
  changes.churn_probability,
  changes.previous_reason_1,
  changes.reason_1,
  changes.is_model_changed
from churn.tier_changes as changes
inner join tiers
  on
    changes.population = tiers.population
    and changes.score_date = tiers.score_date
    and changes.risk_tier = tiers.risk_tier
where tiers.place <= 2 and changes.churn_probability > changes.previous_probability
order by changes.churn_probability - changes.previous_probability desc, changes.customer_id asc
limit 50;
