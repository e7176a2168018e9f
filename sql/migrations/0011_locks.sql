-- What only one may do at a time is a row that is locked until the transaction ends. Anybody who may connect can take
-- an advisory lock and keep it, and so could a reader have kept the night from running; a row only who may write it.
create table churn.locks (name text primary key);

-- What is made in this schema is the analyst's to read, and this is not.
revoke all on churn.locks from public, churn_analyst, churn_aggregates;
grant select, insert, update on churn.locks to churn_loader, churn_pipeline, churn_trainer;

insert into churn.locks (name) values ('chain of churn.audit_log'), ('partitions of churn.scores');

create or replace function churn.chain_audit() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
declare
  latest churn.audit_log;
begin
  -- Until the transaction ends, or two rows would follow the same one.
  perform from churn.locks where name = 'chain of churn.audit_log' for update;
  select * into latest from churn.audit_log order by audit_id desc limit 1;
  new.audit_id := coalesce(latest.audit_id, 0) + 1;
  new.happened_at := clock_timestamp();
  new.actor := session_user;
  new.previous_sha256 := coalesce(latest.sha256, repeat('0', 64));
  new.sha256 := churn.audit_sha256(new);
  return new;
end
$$;

create or replace function churn.make_scores_partition(as_of date) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  first_day constant date := date_trunc('month', as_of);
  partition constant text := to_char(first_day, '"scores_"YYYY_MM');
begin
  if to_regclass(format('churn.%I', partition)) is not null then
    return;
  end if;
  -- Writers of two populations may need the same month at once. Whoever has waited asks the table of tables, where a
  -- query sees what was committed meanwhile; to_regclass remembers its answer.
  perform from churn.locks where name = 'partitions of churn.scores' for update;
  if not exists (select from pg_class where relname = partition and relnamespace = 'churn'::regnamespace) then
    execute format('create table churn.%I (like churn.scores including all)', partition);
    execute format(
      'alter table churn.scores attach partition churn.%I for values from (%L) to (%L)',
      partition, first_day, (first_day + interval '1 month')::date
    );
  end if;
end
$$;
