-- One row per alert and channel: the latest attempt to deliver it. A further channel is further rows, and no column.
create table churn.alert_deliveries (
  alert_id bigint not null references churn.alerts on delete cascade,
  channel text not null,
  attempted_at timestamptz not null default now(),
  -- Why it did not go out; null when it did.
  error text,
  primary key (alert_id, channel)
);

insert into churn.alert_deliveries (alert_id, channel, attempted_at)
select
  alert_id,
  'email' as channel,
  emailed_at as attempted_at
from churn.alerts
where emailed_at is not null
union all
select
  alert_id,
  'slack' as channel,
  slacked_at as attempted_at
from churn.alerts
where slacked_at is not null;

-- One text held the errors of both channels, that of e-mail first, each after the name of its channel. It outlived the
-- next success where the process ended before the text was renewed. When it was tried was not kept: created_at is the
-- earliest it can have been.
insert into churn.alert_deliveries (alert_id, channel, attempted_at, error)
select
  alert_id,
  'email' as channel,
  created_at as attempted_at,
  regexp_replace(delivery_error, '; Slack: .*$', '') as error
from churn.alerts
where emailed_at is null and delivery_error like 'e-mail: %'
union all
select
  alert_id,
  'slack' as channel,
  created_at as attempted_at,
  substring(delivery_error from 'Slack: .*$') as error
from churn.alerts
where slacked_at is null and delivery_error ~ '^(e-mail: .*; )?Slack: ';

alter table churn.alerts
drop column emailed_at,
drop column slacked_at,
drop column delivery_error;

-- The pipeline delivers. Whoever records an alert takes its deliveries away when it comes back after it was resolved,
-- so that people are told again; the trainer records alerts too.
grant select on churn.alert_deliveries to churn_pipeline, churn_trainer, churn_analyst;
grant insert, update on churn.alert_deliveries to churn_pipeline;
grant delete on churn.alert_deliveries to churn_pipeline, churn_trainer;
