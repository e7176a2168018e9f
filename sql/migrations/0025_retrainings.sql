-- One row per population and night: what followed from drift and outcomes. `retrain` starts a training, `ask` asks a
-- person, `wait` means that one was started lately, `alert` that no training helps, `nothing` that there is no evidence.
create table churn.retraining_decisions (
  population text not null,
  as_of date not null,
  model_version integer not null,
  action text not null check (action in ('nothing', 'alert', 'wait', 'retrain', 'ask')),
  causes text [] not null,
  reason text not null,
  decided_at timestamptz not null default now(),
  primary key (population, as_of)
);
grant select on churn.retraining_decisions to churn_pipeline, churn_trainer, churn_analyst, churn_aggregates;
grant insert, update on churn.retraining_decisions to churn_pipeline;

-- What drift asked for before there were decisions counts as decided, so that no cool-down is forgotten.
insert into churn.retraining_decisions (population, as_of, model_version, action, causes, reason, decided_at)
select
  population,
  as_of,
  model_version,
  'retrain' as action,
  array['drift'] as causes,
  reason,
  checked_at
from churn.drift_verdicts
where is_training_requested;

-- One row per training that evidence started: why, what came of it, how long that took, and how good the lists were
-- before and after. The list before is the last measured that the version had scored by then; the one after the first
-- that the promoted version scored, once its labels have matured. `observed_to_expected` is 1 where as many left as the
-- scores said. NULL is what is not known, or not yet.
create view churn.retrainings as
with started as (
  select
    population,
    as_of,
    model_version,
    causes,
    reason,
    lead(as_of) over (partition by population order by as_of) as next_as_of
  from churn.retraining_decisions
  where action = 'retrain'
),

measured as (
  select
    population,
    score_date,
    model_version,
    max(value) filter (where metric = 'auc') as auc,
    max(value) filter (where metric = 'observed_to_expected') as observed_to_expected
  from churn.model_performance
  group by population, score_date, model_version
)

select
  started.population,
  started.as_of as started_as_of,
  started.causes,
  started.reason as cause,
  started.model_version as from_version,
  judged.challenger_version as to_version,
  case
    when judged.challenger_version is null then 'nothing judged yet'
    when judged.is_promoted then 'promoted'
    when judged.is_waiting then 'waits for a person'
    else 'not promoted'
  end as outcome,
  judged.reason as outcome_reason,
  judged.as_of - started.as_of as days_until_judged,
  before.score_date as list_before,
  before.auc as auc_before,
  before.observed_to_expected as observed_to_expected_before,
  after.score_date as list_after,
  after.auc as auc_after,
  after.observed_to_expected as observed_to_expected_after,
  abs(ln(nullif(after.observed_to_expected, 0))) < abs(ln(nullif(before.observed_to_expected, 0)))
    as is_closer_to_expected
from started
left join lateral (
  select
    decision.challenger_version,
    decision.is_promoted,
    decision.is_waiting,
    decision.reason,
    decision.as_of
  from churn.model_promotions as decision
  where
    decision.population = started.population
    and decision.as_of >= started.as_of
    and (started.next_as_of is null or decision.as_of < started.next_as_of)
    and decision.challenger_version is distinct from decision.champion_version
    and decision.challenger_version > started.model_version
  order by decision.is_promoted desc, decision.model_promotion_id desc
  limit 1
) as judged on true
left join lateral (
  select
    measured.score_date,
    measured.auc,
    measured.observed_to_expected
  from measured
  where
    measured.population = started.population
    and measured.model_version = started.model_version
    and measured.score_date <= started.as_of
  order by measured.score_date desc
  limit 1
) as before on true
left join lateral (
  select
    measured.score_date,
    measured.auc,
    measured.observed_to_expected
  from measured
  where
    judged.is_promoted
    and measured.population = started.population
    and measured.model_version = judged.challenger_version
    and measured.score_date >= judged.as_of
  order by measured.score_date
  limit 1
) as after on true;
grant select on churn.retrainings to churn_pipeline, churn_trainer, churn_analyst;
