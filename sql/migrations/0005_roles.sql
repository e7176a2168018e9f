-- Who may do what. Commands work as one of these roles each; people and services log in as users who are members of
-- what they need and of nothing else. PostgreSQL 17 or later, which has a right to gather statistics.
-- Roles belong to the server, not to this database, so they may exist already.
do $$
declare
  role_name text;
begin
  foreach role_name in array array[
    'churn_loader', 'churn_pipeline', 'churn_trainer', 'churn_analyst', 'churn_aggregates'
  ] loop
    begin
      execute format('create role %I nologin', role_name);
    exception
      when duplicate_object or unique_violation then null;
    end;
    -- The owner hands tables over and takes rows out of them. A superuser may do so without being a member.
    if not (select rolsuper from pg_roles where rolname = current_user) then
      execute format('grant %I to current_user with inherit true, set true', role_name);
    end if;
  end loop;
  execute format('revoke temporary on database %I from public', current_database());
  -- dbt's increments go through temporary tables, its replays through schemas of their own.
  execute format('grant temporary on database %I to churn_pipeline, churn_trainer', current_database());
  execute format('grant create on database %I to churn_trainer', current_database());
  -- For `analyze` after a load. In a string, because sqlfluff does not know it yet.
  execute 'grant maintain on all tables in schema raw to churn_loader';
end
$$;

revoke create on schema public from public;
revoke all on all tables in schema raw, churn from public;

-- What every command asks first: is the warehouse migrated?
grant select on public.churn_migrations
to churn_loader, churn_pipeline, churn_trainer, churn_analyst, churn_aggregates;

-- Loader: adds what the business sends, and counts what is there; it cannot read a customer back.
grant usage on schema raw to churn_loader;
grant insert on all tables in schema raw to churn_loader;
grant select on raw.loads to churn_loader;
grant select (loaded_at) on
raw.customers, raw.subscriptions, raw.invoices, raw.usage_events, raw.support_tickets, raw.telco_customers,
raw.retail_invoice_lines
to churn_loader;

-- Pipeline: reads that, builds features, keeps lists and what is known about them.
grant usage on schema raw, churn to churn_pipeline;
grant usage, create on schema analytics to churn_pipeline;
grant select on all tables in schema raw, churn to churn_pipeline;
grant insert, update on churn.feature_contracts, churn.feature_builds, churn.score_runs to churn_pipeline;
grant insert, delete on churn.scores, churn.drift_checks, churn.outcomes, churn.model_performance to churn_pipeline;
grant insert, update on churn.drift_verdicts, churn.alerts to churn_pipeline;
grant insert on churn.gate_results to churn_pipeline;

-- Trainer: learns from that, and decides who is champion. It reads raw records to replay the past, and no names.
grant usage on schema raw, analytics, churn to churn_trainer;
grant select on all tables in schema raw, churn to churn_trainer;
revoke select on raw.customers from churn_trainer;
grant select (
  customer_id, country, birth_year, acquisition_channel, has_marketing_consent, signed_up_at, loaded_at
) on raw.customers to churn_trainer;
grant insert on churn.model_promotions to churn_trainer;
grant insert, update on churn.alerts to churn_trainer;

-- dbt's models are the pipeline's, and those of tomorrow are read like those of today.
do $$
declare
  relation record;
begin
  for relation in
    select oid, relname, relkind from pg_class
    where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p', 'v', 'm')
  loop
    execute format('alter table analytics.%I owner to churn_pipeline', relation.relname);
    -- A view reads as its owner does, and so would show raw records to whoever may read the view.
    if relation.relkind = 'v' then
      execute format('alter view analytics.%I set (security_invoker = true)', relation.relname);
    end if;
  end loop;
end
$$;
grant select on all tables in schema analytics to churn_trainer, churn_analyst;
alter default privileges for role churn_pipeline in schema analytics
grant select on tables to churn_trainer, churn_analyst;

-- Partitions need the owner of churn.scores, which the pipeline is not.
create function churn.make_scores_partition(as_of date) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  first_day constant date := date_trunc('month', as_of);
  partition constant text := to_char(first_day, '"scores_"YYYY_MM');
begin
  if to_regclass(format('churn.%I', partition)) is null then
    execute format(
      'create table if not exists churn.%I partition of churn.scores for values from (%L) to (%L)',
      partition, first_day, (first_day + interval '1 month')::date
    );
  end if;
end
$$;
revoke execute on function churn.make_scores_partition(date) from public;
grant execute on function churn.make_scores_partition(date) to churn_pipeline;

-- One row per population, published date and risk tier. A tier of fewer than ten customers is not counted, and if there
-- is one such tier in a list neither is the next larger one, or a subtraction from score_runs.rows would tell.
create view churn.risk_summary as
with tiers as (
  select
    population,
    score_date,
    risk_tier,
    count(*) as customers,
    avg(churn_probability) as mean_probability
  from churn.scores_published
  group by population, score_date, risk_tier
),

ranked as (
  select
    *,
    row_number() over (partition by population, score_date order by customers, risk_tier) as rank_from_smallest,
    count(*) filter (where customers < 10) over (partition by population, score_date) as small_tiers
  from tiers
),

judged as (
  select
    *,
    customers >= 10 and not (small_tiers = 1 and rank_from_smallest = 2) as is_shown
  from ranked
)

select
  population,
  score_date,
  risk_tier,
  case when is_shown then customers end as customers,
  case when is_shown then mean_probability end as mean_probability
from judged;

-- Aggregates: for dashboards that many people see. Never a row about one customer.
grant usage on schema churn to churn_aggregates;
grant select on
churn.risk_summary, churn.model_history, churn.model_performance, churn.drift_verdicts, churn.gate_results,
churn.score_runs
to churn_aggregates;
grant select on churn.risk_summary to churn_pipeline, churn_trainer;
