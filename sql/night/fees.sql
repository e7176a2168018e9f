-- What customers pay a month, and how much of it is expected to leave, with a 95 % range of chance alone.
with seen as (
  select
    run_id,
    as_of
  from churn.score_runs
  where population = :'population' and status = 'published' and as_of <= :'as_of'
  order by as_of desc
  limit 1
),

paying as (
  select
    score.risk_tier as tier,
    score.churn_probability as probability,
    features.fee_feature as fee
  from seen
  inner join churn.scores as score on seen.run_id = score.run_id and seen.as_of = score.score_date
  inner join population_features as features
    on score.score_date = features.as_of and score.customer_id = features.customer_id
  where features.fee_feature is not null
),

summed as (
  select
    tier,
    count(*) as customers_with_fee,
    sum(fee) as fees,
    sum(fee * probability) as at_risk,
    1.96 * sqrt(sum(fee * fee * probability * (1 - probability))) as spread
  from paying
  group by grouping sets ((tier), ())
)

select
  tier,
  customers_with_fee,
  fees,
  at_risk,
  greatest(0, at_risk - spread) as at_risk_low,
  at_risk + spread as at_risk_high
from summed
where customers_with_fee > 0
order by tier asc nulls first;
