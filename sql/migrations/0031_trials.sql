-- A challenger in service beside the champion: what both said of customers, and which was better by what happened.
-- One row per customer, model and request while there is a trial. The customer is as the lists have them, and the list
-- is the one that was current: its outcome is this prediction's.
create table churn.served_predictions (
  served_prediction_id bigint generated always as identity primary key,
  asked_at timestamptz not null default now(),
  request_id text not null,
  population text not null,
  customer_id text not null,
  score_date date,
  mode text not null check (mode in ('shadow', 'split')),
  salt text not null,
  challenger_pct double precision not null,
  champion_version integer not null,
  challenger_version integer not null,
  variant text not null check (variant in ('champion', 'challenger')),
  churn_probability double precision not null check (churn_probability between 0 and 1),
  is_answered boolean not null
);
create index on churn.served_predictions (population, champion_version, challenger_version, customer_id);
create index on churn.served_predictions (asked_at);
revoke all on churn.served_predictions from public, churn_aggregates;
grant select on churn.served_predictions to churn_pipeline, churn_analyst;

-- One row per trial, measure and night on which outcomes were joined: how much larger the challenger's is, with bounds
-- that hold on every night at once.
create table churn.trial_results (
  population text not null,
  mode text not null check (mode in ('shadow', 'split')),
  salt text not null,
  challenger_pct double precision not null,
  champion_version integer not null,
  challenger_version integer not null,
  metric text not null,
  measured_as_of date not null,
  customers integer not null,
  champion_value double precision,
  challenger_value double precision,
  difference double precision not null,
  lower double precision not null,
  upper double precision not null,
  verdict text not null check (verdict in ('challenger is better', 'champion is better', 'open')),
  primary key (
    population, mode, salt, challenger_pct, champion_version, challenger_version, metric, measured_as_of
  )
);
grant select on churn.trial_results to churn_pipeline, churn_trainer, churn_analyst, churn_aggregates, churn_service;
grant insert, delete on churn.trial_results to churn_pipeline;

-- Writes down what models said.
create function churn.record_predictions(entries jsonb) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
  with current_lists as (
    select population, max(as_of) as score_date
    from churn.score_runs
    where status = 'published'
    group by population
  )

  insert into churn.served_predictions (
    request_id, population, customer_id, score_date, mode, salt, challenger_pct, champion_version, challenger_version,
    variant, churn_probability, is_answered
  )
  select
    entry.request_id,
    entry.population,
    entry.customer_id,
    current_lists.score_date,
    entry.mode,
    entry.salt,
    entry.challenger_pct,
    entry.champion_version,
    entry.challenger_version,
    entry.variant,
    entry.churn_probability,
    entry.is_answered
  from jsonb_to_recordset(entries) as entry (
    request_id text,
    population text,
    customer_id text,
    mode text,
    salt text,
    challenger_pct double precision,
    champion_version integer,
    challenger_version integer,
    variant text,
    churn_probability double precision,
    is_answered boolean
  )
  left join current_lists on entry.population = current_lists.population
$$;
revoke execute on function churn.record_predictions(jsonb) from public;
grant execute on function churn.record_predictions(jsonb) to churn_service;

-- What monitors read beside what churn_aggregates reads already: no row of it is about one customer.
-- One row per population and published date: how many are expected to leave and what that is worth, as churn.tier_worth
-- has it by tier. Of fewer than ten customers nothing is told.
create view churn.list_worth as
select
  population,
  score_date,
  run_id,
  sum(customers)::bigint as customers,
  sum(expected_to_leave) as expected_to_leave,
  sum(value_at_risk) as value_at_risk,
  sum(expected_profit) as expected_profit
from churn.tier_worth
group by population, score_date, run_id
having sum(customers) >= 10;

-- One row per population, kind and severity of alerts that are not over: how many nights have one, and since when.
create view churn.open_alerts as
select
  population,
  kind,
  severity,
  count(*)::bigint as nights,
  min(as_of) as since
from churn.alerts
where resolved_at is null
group by population, kind, severity;
grant select on churn.list_worth, churn.open_alerts to churn_pipeline, churn_trainer, churn_aggregates;
