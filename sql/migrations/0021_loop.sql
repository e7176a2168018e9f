-- One row per population and night: what followed from the evidence against the champion, and why.
create table churn.loop_decisions (
  population text not null,
  as_of date not null,
  champion_version integer,
  action text not null check (action in ('nothing', 'alert', 'retrain', 'ask')),
  -- The kinds of evidence: drift, outcomes, age; empty without any.
  cause text not null,
  reason text not null,
  -- The sentences behind it, as a list.
  evidence jsonb not null,
  decided_at timestamptz not null default now(),
  primary key (population, as_of)
);
grant select on churn.loop_decisions to churn_pipeline, churn_trainer, churn_analyst, churn_aggregates;
grant insert, update on churn.loop_decisions to churn_pipeline;

-- What was asked for before is a decision too.
insert into churn.loop_decisions (population, as_of, champion_version, action, cause, reason, evidence, decided_at)
select
  population,
  as_of,
  model_version as champion_version,
  'retrain' as action,
  'drift' as cause,
  reason,
  '[]'::jsonb as evidence,
  checked_at as decided_at
from churn.drift_verdicts
where is_training_requested;

-- One row per training that evidence asked for: the cause, what came of it, and how lists fared before and after.
-- NULL is not known yet: nobody was trained or judged, or no list of the new champion has matured.
create view churn.retrainings as
with findings as (
  select
    population,
    score_date,
    count(*) as findings
  from churn.outcome_findings
  group by population, score_date
),

lists as (
  select
    performance.population,
    performance.score_date,
    performance.model_version,
    performance.measured_as_of,
    max(performance.value) filter (where performance.metric = 'auc') as auc,
    max(performance.value) filter (where performance.metric = 'precision') as precision_at_threshold,
    max(performance.value) filter (where performance.metric = 'observed_to_expected') as observed_to_expected,
    coalesce(max(findings.findings), 0) as findings
  from churn.model_performance as performance
  left join findings
    on performance.population = findings.population and performance.score_date = findings.score_date
  group by performance.population, performance.score_date, performance.model_version, performance.measured_as_of
)

select
  decision.population,
  decision.as_of,
  decision.cause,
  decision.reason,
  decision.evidence,
  decision.champion_version,
  judged.challenger_version,
  judged.is_promoted,
  judged.is_waiting,
  judged.reason as judged_because,
  judged.decided_at - decision.decided_at as time_to_judgement,
  before.score_date as list_before,
  before.auc as auc_before,
  before.precision_at_threshold as precision_before,
  before.observed_to_expected as observed_to_expected_before,
  after.score_date as list_after,
  after.auc as auc_after,
  after.precision_at_threshold as precision_after,
  after.observed_to_expected as observed_to_expected_after,
  case when judged.is_promoted then after.findings = 0 end as has_recovered
from churn.loop_decisions as decision
left join lateral (
  select
    promotion.challenger_version,
    promotion.is_promoted,
    promotion.is_waiting,
    promotion.reason,
    promotion.decided_at
  from churn.model_promotions as promotion
  where
    promotion.population = decision.population
    and promotion.as_of = decision.as_of
    and promotion.decided_at >= decision.decided_at
    and promotion.champion_version is not null
  order by promotion.model_promotion_id desc
  limit 1
) as judged on true
left join lateral (
  select lists.*
  from lists
  where
    lists.population = decision.population
    and lists.model_version = decision.champion_version
    and lists.measured_as_of <= decision.as_of
  order by lists.score_date desc
  limit 1
) as before on true
left join lateral (
  select lists.*
  from lists
  where
    lists.population = decision.population
    and judged.is_promoted
    and lists.model_version = judged.challenger_version
  order by lists.score_date desc
  limit 1
) as after on true
where decision.action = 'retrain';
grant select on churn.retrainings to churn_pipeline, churn_trainer, churn_analyst, churn_aggregates;
