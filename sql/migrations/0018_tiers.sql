-- Where the tiers of a list begin, for whom, and beside which list before, so that any list can be explained; and what
-- contacting its customers costs and saves. NULL in runs of before.
alter table churn.score_runs add column tier_bounds jsonb;
alter table churn.score_runs add column costs jsonb;

-- One row per population, published date and tier: who is expected to leave, and what that is worth. Money is in the
-- currency of [business] in churn.toml, by the costs there when the list was scored; NULL in lists of before. A churner
-- who is contacted takes the offer as often as is expected, whoever would have stayed always does.
create view churn.tier_worth as
with priced as (
  select
    run_id,
    population,
    as_of,
    (costs ->> 'customer_lifetime_value')::double precision as lifetime_value,
    (costs ->> 'offer_cost')::double precision as offer_cost,
    (costs ->> 'contact_cost')::double precision as contact_cost,
    (costs ->> 'acceptance_alpha')::double precision as alpha,
    (costs ->> 'acceptance_beta')::double precision as beta
  from churn.score_runs
  where status = 'published'
)

select
  priced.population,
  priced.as_of as score_date,
  tiers.risk_tier,
  tiers.customers,
  tiers.lowest_probability,
  tiers.expected_to_leave,
  tiers.expected_to_leave * priced.lifetime_value as value_at_risk,
  tiers.expected_to_leave * priced.alpha / (priced.alpha + priced.beta) * (priced.lifetime_value - priced.offer_cost)
  - (tiers.customers - tiers.expected_to_leave) * priced.offer_cost
  - tiers.customers * priced.contact_cost as expected_profit,
  priced.run_id
from priced
cross join lateral (
  select
    score.risk_tier,
    count(*) as customers,
    min(score.churn_probability) as lowest_probability,
    sum(score.churn_probability) as expected_to_leave
  from churn.scores as score
  where score.score_date = priced.as_of and score.run_id = priced.run_id
  group by score.risk_tier
) as tiers;
grant select on churn.tier_worth to churn_pipeline, churn_trainer, churn_analyst;
