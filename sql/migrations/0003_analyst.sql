-- Who asks questions: reads what is published and what it was computed from, never the raw records.
-- Roles belong to the server, not to this database, so it may exist already.
do $$
begin
  create role churn_analyst nologin;
exception
  when duplicate_object then null;
end
$$;

create schema if not exists analytics;

grant usage on schema churn, analytics to churn_analyst;
grant select on all tables in schema churn to churn_analyst;
alter default privileges in schema churn grant select on tables to churn_analyst;
alter default privileges in schema analytics grant select on tables to churn_analyst;
