-- Why a score is what it is, as numbers: a base and what each theme adds, which sum to the log-odds of the probability.
-- NULL in lists of before, of models that know no usual values, and in the lowest tier unless reasons are for everyone.
alter table churn.scores add column reasons jsonb;

-- One row per customer and published run.
create or replace view churn.scores_published as
select
  run.population,
  score.score_date,
  score.customer_id,
  score.churn_probability,
  score.risk_tier,
  score.recommended_action,
  score.reason_1,
  score.reason_2,
  score.reason_3,
  run.model_version,
  run.run_id,
  run.published_at,
  score.reasons
from churn.scores as score
inner join churn.score_runs as run on score.run_id = run.run_id and score.score_date = run.as_of
where run.status = 'published';

-- One row per customer of every population: its latest published list.
create or replace view churn.scores_current as
with latest as (
  select distinct on (population)
    population,
    run_id,
    as_of,
    model_version,
    published_at
  from churn.score_runs
  where status = 'published'
  order by population asc, as_of desc
)

select
  latest.population,
  score.score_date,
  score.customer_id,
  score.churn_probability,
  score.risk_tier,
  score.recommended_action,
  score.reason_1,
  score.reason_2,
  score.reason_3,
  latest.model_version,
  latest.run_id,
  latest.published_at,
  score.reasons
from latest
inner join churn.scores as score on latest.run_id = score.run_id and latest.as_of = score.score_date;

-- One row per customer whose risk tier differs from the published list before, with the first reason in both.
create or replace view churn.tier_changes as
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
)

select
  runs.population,
  score.score_date,
  score.customer_id,
  previous.risk_tier as previous_tier,
  score.risk_tier,
  previous.churn_probability as previous_probability,
  score.churn_probability,
  previous.reason_1 as previous_reason_1,
  score.reason_1,
  runs.model_version <> runs.previous_model_version as is_model_changed
from runs
inner join churn.scores as score on runs.run_id = score.run_id and runs.as_of = score.score_date
inner join churn.scores as previous
  on
    runs.previous_run_id = previous.run_id
    and runs.previous_as_of = previous.score_date
    and score.customer_id = previous.customer_id
where score.risk_tier <> previous.risk_tier;

-- One row per customer with stored reasons in a published list and in the one before: why the score moved. Changes are
-- in log-odds; by_data and by_model sum to log_odds_change, data_themes to by_data and model_themes to by_model, where
-- everyone is the change of the base. After a change of the model they are NULL if the model of the list before could
-- not score this one.
create view churn.score_moves as
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
    -- What the model of the list before says of the customer as of this list.
    case
      when runs.model_version = runs.previous_model_version then score.reasons
      when (score.reasons #>> '{before,version}')::integer = runs.previous_model_version then score.reasons -> 'before'
    end as would_be
  from runs
  inner join churn.scores as score on runs.run_id = score.run_id and runs.as_of = score.score_date
  inner join churn.scores as previous
    on
      runs.previous_run_id = previous.run_id
      and runs.previous_as_of = previous.score_date
      and score.customer_id = previous.customer_id
  where score.reasons is not null and previous.reasons is not null
)

select
  told.population,
  told.score_date,
  told.previous_date,
  told.customer_id,
  told.previous_probability,
  told.churn_probability,
  told.is_model_changed,
  (told.now ->> 'log_odds')::numeric - (told.was ->> 'log_odds')::numeric as log_odds_change,
  (told.would_be ->> 'log_odds')::numeric - (told.was ->> 'log_odds')::numeric as by_data,
  (told.now ->> 'log_odds')::numeric - (told.would_be ->> 'log_odds')::numeric as by_model,
  data_changes.themes as data_themes,
  model_changes.themes as model_themes
from told
cross join
  lateral (
    select
      jsonb_object_agg(
        coalesce(after.key, before.key), coalesce(after.value::numeric, 0) - coalesce(before.value::numeric, 0)
      ) as themes
    from jsonb_each_text(told.would_be -> 'themes') as after
    full join jsonb_each_text(told.was -> 'themes') as before on after.key = before.key
    where told.would_be is not null
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
grant select on churn.score_moves to churn_pipeline, churn_trainer, churn_analyst;
