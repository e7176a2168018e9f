-- What each tier of that list promised and what became of it: how many were expected to leave, between which bounds of
-- chance (95 %), and how many left.
with latest as (
  select max(score_date) as score_date
  from churn.model_performance
  where population = :'population' and measured_as_of <= :'as_of'
),

summed as (
  select
    score.risk_tier as tier,
    count(*) as customers,
    sum(outcome.churn_probability) as expected,
    1.96 * sqrt(sum(outcome.churn_probability * (1 - outcome.churn_probability))) as spread,
    count(*) filter (where outcome.is_churned) as actually_left
  from latest
  inner join churn.outcomes as outcome on latest.score_date = outcome.score_date
  inner join churn.scores as score
    on
      outcome.score_date = score.score_date
      and outcome.run_id = score.run_id
      and outcome.customer_id = score.customer_id
  where outcome.population = :'population'
  group by score.risk_tier
)

select
  tier,
  customers,
  expected,
  greatest(0, expected - spread) as expected_low,
  least(customers, expected + spread) as expected_high,
  actually_left,
  actually_left between greatest(0, expected - spread) - 0.5 and expected + spread + 0.5 as is_kept
from summed
order by tier;
