-- What the service says of a customer now: the SQL of the nights, as functions that ask it of one customer, or of a
-- few. `churn features` makes them where it has built, as churn_pipeline, whose rights they have; so the service has
-- the features of a customer and is refused the records they are made of.
create schema online;
revoke all on schema online from public;
grant usage, create on schema online to churn_pipeline;
grant usage on schema online to churn_service;

-- One row per population whose features were built since: the functions made of it, or why there are none.
create table churn.online_functions (
  population text primary key,
  -- Of what the functions say; they are made again when it changes.
  sha256 text not null,
  -- Tables whose records may be sent along: by the name of each its columns, with type and whether one is needed.
  tables jsonb not null,
  fault text,
  made_at timestamptz not null default now()
);
revoke all on churn.online_functions from public, churn_aggregates;
grant select, insert, update on churn.online_functions to churn_pipeline;
grant select on churn.online_functions to churn_service;

-- What happened to one customer lately, without reading what happened to the others.
create index on raw.usage_events (customer_id, occurred_at);
