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

-- One row per customer of a published list and of the one before, with stored reasons in at least one: why the score
-- moved. Changes are in log-odds; by_data and by_model sum to log_odds_change, data_themes to by_data and model_themes
-- to by_model, where everyone is the change of the base. What is not known is NULL, and unknown_because says why.
create or replace view churn.score_moves as
with runs as (
  select
    run_id,
    population,
    as_of,
    model_version,
    lag(run_id) over nights as previous_run_id,
    lag(as_of) over nights as previous_as_of,
    lag(model_version) over nights as previous_model_version
  from churn.score_runs
  where status = 'published'
  window nights as (partition by population order by as_of)
),

told as (
  select
    runs.population,
    score.score_date,
    previous.score_date as previous_date,
    score.customer_id,
    previous.churn_probability as previous_probability,
    score.churn_probability,
    runs.model_version <> runs.previous_model_version as is_model_changed,
    score.reasons as now,
    previous.reasons as was,
    -- Of whom a list tells no reasons the probability is known all the same.
    coalesce(
      (score.reasons ->> 'log_odds')::numeric,
      ln(nullif(score.churn_probability, 0) / nullif(1 - score.churn_probability, 0))::numeric
    ) as now_log_odds,
    coalesce(
      (previous.reasons ->> 'log_odds')::numeric,
      ln(nullif(previous.churn_probability, 0) / nullif(1 - previous.churn_probability, 0))::numeric
    ) as was_log_odds,
    -- What the model of the list before says of the customer as of this list.
    case
      when runs.model_version = runs.previous_model_version then score.reasons
      when (score.reasons #>> '{before,version}')::integer = runs.previous_model_version then score.reasons -> 'before'
    end as would_be,
    score.risk_tier,
    previous.risk_tier as previous_tier,
    runs.previous_model_version
  from runs
  inner join churn.scores as score on runs.run_id = score.run_id and runs.as_of = score.score_date
  inner join churn.scores as previous
    on
      runs.previous_run_id = previous.run_id
      and runs.previous_as_of = previous.score_date
      and score.customer_id = previous.customer_id
  where score.reasons is not null or previous.reasons is not null
)

select
  told.population,
  told.score_date,
  told.previous_date,
  told.customer_id,
  told.previous_probability,
  told.churn_probability,
  told.is_model_changed,
  told.now_log_odds - told.was_log_odds as log_odds_change,
  -- While one model scores, it is all data.
  case
    when told.is_model_changed then (told.would_be ->> 'log_odds')::numeric - told.was_log_odds
    else told.now_log_odds - told.was_log_odds
  end as by_data,
  case
    when told.is_model_changed then told.now_log_odds - (told.would_be ->> 'log_odds')::numeric
    else 0::numeric
  end as by_model,
  data_changes.themes as data_themes,
  model_changes.themes as model_themes,
  case
    when told.now is null
      then format('this list tells no reasons of the customer, who is in its tier %s', told.risk_tier)
    when told.was is null
      then format('the list before tells no reasons of the customer, who was in its tier %s', told.previous_tier)
    when told.would_be is null
      then format('model version %s of the list before did not score this one', told.previous_model_version)
  end as unknown_because
from told
cross join
  lateral (
    select
      jsonb_object_agg(
        coalesce(after.key, before.key), coalesce(after.value::numeric, 0) - coalesce(before.value::numeric, 0)
      ) as themes
    from jsonb_each_text(told.would_be -> 'themes') as after
    full join jsonb_each_text(told.was -> 'themes') as before on after.key = before.key
    where told.would_be is not null and told.was is not null
  ) as data_changes
cross join lateral (
  select
    jsonb_object_agg(
      coalesce(after.key, before.key), coalesce(after.value::numeric, 0) - coalesce(before.value::numeric, 0)
    ) as themes
  from jsonb_each_text(told.now -> 'themes' || jsonb_build_object('everyone', told.now -> 'base')) as after
  full join
    jsonb_each_text(told.would_be -> 'themes' || jsonb_build_object('everyone', told.would_be -> 'base')) as before
    on after.key = before.key
  where told.is_model_changed and told.would_be is not null
) as model_changes;
