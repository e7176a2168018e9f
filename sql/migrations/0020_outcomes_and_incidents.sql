-- What the model promised of a metric, and whether what came true is within it; NULL where nothing was promised.
-- customers and churners are those the metric is about: of a tier, or of who was to be contacted.
alter table churn.model_performance
add column promised_lower double precision,
add column promised_upper double precision,
add column is_as_promised boolean;

-- One row per matured list and thing it says against the model that scored it, none of a list that says nothing.
create table churn.outcome_findings (
  population text not null,
  score_date date not null,
  model_version integer not null,
  metric text not null,
  finding text not null,
  measured_as_of date not null,
  primary key (population, score_date, metric)
);
grant select on churn.outcome_findings to churn_pipeline, churn_trainer, churn_analyst, churn_aggregates;
grant insert, delete on churn.outcome_findings to churn_pipeline;

-- An incident is as many nights as it lasts: further alerts name the first of them, which names none. When it was over
-- is a night too.
alter table churn.alerts
add column incident_id bigint references churn.alerts on delete set null,
add column resolved_as_of date;
create index on churn.alerts (incident_id);
create index on churn.alerts (population, kind, resolved_at);

-- What nobody would have been told any more is over: of nights before the latest list, and what was found a week before
-- the last night. Without this each would be an incident that has lasted ever since.
update churn.alerts as alert
set resolved_at = now()
where
  alert.resolved_at is null
  and (
    alert.as_of < (
      select max(run.as_of)
      from churn.score_runs as run
      where run.population = alert.population and run.status = 'published'
    )
    or alert.as_of < (
      select max(other.as_of) - 7
      from churn.alerts as other
      where other.population = alert.population
    )
  )
  and alert.kind <> 'champion_aged';
update churn.alerts
set resolved_as_of = as_of
where resolved_at is not null;

-- One row per incident, channel and what was to be told: that it began, that it lasts, that it is over. With the
-- message it went in, so that what is told later is an answer to it.
alter table churn.alert_deliveries
add column stage text not null default 'began' check (stage in ('began', 'lasts', 'over')),
add column as_of date,
add column message text;
alter table churn.alert_deliveries drop constraint alert_deliveries_pkey;
alter table churn.alert_deliveries add primary key (alert_id, channel, stage);
update churn.alert_deliveries as delivery
set as_of = alert.as_of
from churn.alerts as alert
where delivery.alert_id = alert.alert_id;

-- Of what was over before anybody was told so, nobody is told now.
insert into churn.alert_deliveries (alert_id, channel, stage, as_of, attempted_at)
select
  delivery.alert_id,
  delivery.channel,
  'over' as stage,
  delivery.as_of,
  delivery.attempted_at
from churn.alert_deliveries as delivery
inner join churn.alerts as alert on delivery.alert_id = alert.alert_id
where alert.resolved_at is not null;
