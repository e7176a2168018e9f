-- What contacting the riskiest would bring under the costs of [business]. Of the churners who are contacted a share, a
-- Beta variate, takes the offer: one who does brings value less offer, one who would have stayed costs the offer, and
-- each contact costs the contact. The 95 % range holds both the share and the chance of who leaves.
with seen as (
  select
    run_id,
    as_of
  from churn.score_runs
  where population = :'population' and status = 'published' and as_of <= :'as_of'
  order by as_of desc
  limit 1
),

terms as (
  select
    :alpha / (:alpha + :beta) * (:value - :offer) + :offer as gain,
    :alpha * :beta / ((:alpha + :beta) ^ 2 * (:alpha + :beta + 1)) * (:value - :offer) ^ 2 as gain_variance,
    :contact + :offer as cost
),

ranked as (
  select
    score.churn_probability as probability,
    row_number() over (order by score.churn_probability desc, score.customer_id asc) as place,
    count(*) over () as customers
  from seen
  inner join churn.scores as score on seen.run_id = score.run_id and seen.as_of = score.score_date
),

chosen as (
  select
    'capacity' as whom,
    probability
  from ranked
  where place <= greatest(1, round(customers * :capacity_pct / 100.0))
  union all
  select
    'worthwhile' as whom,
    ranked.probability
  from ranked
  cross join terms
  where ranked.probability * terms.gain > terms.cost
),

summed as (
  select
    whom,
    count(*) as contacted,
    min(probability) as lowest_probability,
    sum(probability) as expected_leavers,
    sum(probability * (1 - probability)) as variance
  from chosen
  group by whom
),

ranged as (
  select
    summed.whom,
    summed.contacted,
    summed.lowest_probability,
    summed.expected_leavers,
    summed.expected_leavers * terms.gain - summed.contacted * terms.cost as worth,
    1.96 * sqrt(
      summed.variance * (terms.gain ^ 2 + terms.gain_variance) + summed.expected_leavers ^ 2 * terms.gain_variance
    ) as half,
    terms.cost / terms.gain as pays_from
  from summed
  cross join terms
)

select
  whom,
  contacted,
  lowest_probability,
  expected_leavers,
  worth,
  worth - half as worth_low,
  worth + half as worth_high,
  pays_from
from ranged
order by whom;
