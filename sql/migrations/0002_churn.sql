-- What we publish and how we know it is right.
create schema churn;

-- One row per feature contract ever built.
create table churn.feature_contracts (
  population text not null,
  fingerprint text not null,
  contract jsonb not null,
  first_built_at timestamptz not null default now(),
  primary key (population, fingerprint)
);

-- One row per population and as_of whose features stand in the feature table; its labels stand as they were known
-- before labels_known_at.
create table churn.feature_builds (
  population text not null,
  as_of date not null,
  fingerprint text not null,
  rows bigint not null,
  labels_known_at date not null,
  built_at timestamptz not null default now(),
  primary key (population, as_of),
  foreign key (population, fingerprint) references churn.feature_contracts
);

-- One row per attempt to score one population at one as_of with one model version.
create table churn.score_runs (
  run_id bigint generated always as identity primary key,
  population text not null,
  as_of date not null,
  status text not null check (status in ('staging', 'staged', 'published', 'rejected', 'superseded')),
  model_name text not null,
  model_version integer not null,
  contract_fingerprint text not null,
  rows bigint,
  scores_hash text,
  reason text,
  created_at timestamptz not null default now(),
  published_at timestamptz
);

create unique index one_published_run_a_day on churn.score_runs (population, as_of) where status = 'published';

-- One row per customer and score run; readers use the views, which show published runs only.
create table churn.scores (
  score_date date not null,
  run_id bigint not null references churn.score_runs,
  customer_id text not null,
  churn_probability double precision not null,
  risk_tier text not null,
  recommended_action text not null,
  reason_1 text,
  reason_2 text,
  reason_3 text,
  primary key (score_date, run_id, customer_id)
) partition by range (score_date);

-- One row per expectation checked by a gate.
create table churn.gate_results (
  gate_result_id bigint generated always as identity primary key,
  population text not null,
  as_of date not null,
  gate text not null check (gate in ('sources', 'features', 'scores')),
  run_id bigint references churn.score_runs,
  subject text not null,
  expectation text not null,
  severity text not null check (severity in ('fail', 'warn')),
  is_passed boolean not null,
  expected jsonb,
  observed jsonb,
  owner text not null,
  checked_at timestamptz not null default now()
);
create index on churn.gate_results (population, as_of, gate);

-- One row per feature and night: tonight against the champion's training reference.
-- The feature '*score*' is the churn probability itself.
create table churn.drift_checks (
  population text not null,
  as_of date not null,
  feature text not null,
  model_version integer not null,
  engine text not null,
  statistic double precision,
  p_value double precision,
  effect_name text,
  effect double precision,
  missing_reference_pct double precision,
  missing_current_pct double precision,
  importance double precision,
  verdict text not null check (verdict in ('quiet', 'drifted', 'missing', 'unknown')),
  checked_at timestamptz not null default now(),
  primary key (population, as_of, feature)
);

-- One row per population and night: what the checks above add up to, and whether a training was asked for.
create table churn.drift_verdicts (
  population text not null,
  as_of date not null,
  model_version integer not null,
  verdict text not null check (verdict in ('quiet', 'drifted', 'unknown')),
  is_training_requested boolean not null,
  reason text not null,
  checked_at timestamptz not null default now(),
  primary key (population, as_of)
);

-- One row per published score whose horizon has passed: what then happened.
create table churn.outcomes (
  population text not null,
  score_date date not null,
  customer_id text not null,
  run_id bigint not null references churn.score_runs,
  churn_probability double precision not null,
  is_churned boolean not null,
  primary key (population, score_date, customer_id)
);

-- One row per population, score date and metric, measured on real outcomes.
create table churn.model_performance (
  population text not null,
  score_date date not null,
  model_version integer not null,
  metric text not null,
  value double precision not null,
  lower double precision,
  upper double precision,
  customers bigint not null,
  churners bigint not null,
  measured_as_of date not null,
  primary key (population, score_date, metric)
);

-- One row per decision about which version is champion.
create table churn.model_promotions (
  model_promotion_id bigint generated always as identity primary key,
  population text not null,
  as_of date not null,
  champion_version integer,
  challenger_version integer not null,
  is_promoted boolean not null,
  reason text not null,
  evidence jsonb not null default '{}',
  decided_at timestamptz not null default now()
);

-- One row per incident people are told about, written in the transaction that it reports.
create table churn.alerts (
  alert_id bigint generated always as identity primary key,
  population text not null,
  as_of date not null,
  kind text not null,
  severity text not null check (severity in ('info', 'warning', 'critical')),
  title text not null,
  body text not null,
  owner text not null,
  created_at timestamptz not null default now(),
  emailed_at timestamptz,
  slacked_at timestamptz,
  delivery_error text,
  unique (population, as_of, kind)
);

-- One row per customer and published run.
create view churn.scores_published as
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
  run.published_at
from churn.scores as score
inner join churn.score_runs as run on score.run_id = run.run_id and score.score_date = run.as_of
where run.status = 'published';

-- One row per customer of the default population: the latest published list.
create view churn.scores_current as
select *
from churn.scores_published
where
  population = 'subscribers'
  and score_date = (
    select max(run.as_of)
    from churn.score_runs as run
    where run.population = 'subscribers' and run.status = 'published'
  );

-- One row per customer whose risk tier differs from the published list before.
create view churn.tier_changes as
with runs as (
  select
    run_id,
    population,
    as_of,
    lag(run_id) over (partition by population order by as_of) as previous_run_id,
    lag(as_of) over (partition by population order by as_of) as previous_as_of
  from churn.score_runs
  where status = 'published'
)

select
  runs.population,
  score.score_date,
  score.customer_id,
  previous.risk_tier as previous_tier,
  score.risk_tier,
  previous.churn_probability as previous_probability,
  score.churn_probability
from runs
inner join churn.scores as score on runs.run_id = score.run_id and runs.as_of = score.score_date
inner join churn.scores as previous
  on
    runs.previous_run_id = previous.run_id
    and runs.previous_as_of = previous.score_date
    and score.customer_id = previous.customer_id
where score.risk_tier <> previous.risk_tier;

-- One row per population and model version that ever published.
create view churn.model_history as
select
  run.population,
  run.model_name,
  run.model_version,
  min(run.as_of) as first_score_date,
  max(run.as_of) as last_score_date,
  count(*) as nights
from churn.score_runs as run
where run.status in ('published', 'superseded')
group by run.population, run.model_name, run.model_version;
