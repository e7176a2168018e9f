-- When the task that raised an alert next succeeded on the same date: what healed before anybody was told is not sent.
alter table churn.alerts add column resolved_at timestamptz;
