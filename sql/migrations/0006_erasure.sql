-- What was done to the past by hand, and who asked to be forgotten. Rows of both tables are only ever added.

-- Roles belong to the server, not to this database, so they may exist already.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['churn_loader', 'churn_pipeline', 'churn_trainer', 'churn_aggregates'] loop
    begin
      execute 'create role ' || quote_ident(role_name) || ' nologin';
    exception
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;

-- One row per deed that changed the past. Each names the sha256 of the one before, so a row that was changed or taken
-- out shows; the last one's is what a copy outside the database needs to hold.
create table churn.audit_log (
  audit_id bigint primary key,
  happened_at timestamptz not null,
  actor text not null,
  command text not null,
  subject text not null,
  details jsonb not null default '{}',
  previous_sha256 text not null unique,
  sha256 text not null unique
);

-- One row per customer who was erased. The id itself is not kept; audit_id leads to the deed. There is no foreign key:
-- it would lock the row of audit_log, for which its owner would need the right to update.
create table churn.erasures (
  customer_sha256 bytea primary key check (length(customer_sha256) = 32),
  erased_at timestamptz not null default now(),
  audit_id bigint not null
);

create function churn.audit_sha256(entry churn.audit_log) returns text
language sql stable
set search_path = pg_catalog
return encode(
  sha256(
    convert_to(
      jsonb_build_array(
        entry.previous_sha256,
        entry.audit_id,
        to_char(entry.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        entry.actor,
        entry.command,
        entry.subject,
        entry.details
      )::text,
      'UTF8'
    )
  ),
  'hex'
);

-- Who and when come from here, whatever the statement says.
create function churn.chain_audit() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
declare
  latest churn.audit_log;
begin
  -- Until the transaction ends, or two rows would follow the same one.
  perform pg_advisory_xact_lock(hashtextextended('churn.audit_log', 0));
  select * into latest from churn.audit_log order by audit_id desc limit 1;
  new.audit_id := coalesce(latest.audit_id, 0) + 1;
  new.happened_at := clock_timestamp();
  new.actor := session_user;
  new.previous_sha256 := coalesce(latest.sha256, repeat('0', 64));
  new.sha256 := churn.audit_sha256(new);
  return new;
end
$$;

create function churn.refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception using
    message = concat(lower(tg_op), ' of ', tg_table_schema, '.', tg_table_name, ' is refused: rows are only ever added'),
    errcode = 'insufficient_privilege';
end
$$;

create trigger chain before insert on churn.audit_log
for each row execute function churn.chain_audit();

create trigger append_only before update or delete or truncate on churn.audit_log
for each statement execute function churn.refuse_change();

create trigger append_only before update or delete or truncate on churn.erasures
for each statement execute function churn.refuse_change();

-- Always: also in a session that plays the part of a replica, in which other triggers are silent.
alter table churn.audit_log enable always trigger chain;
alter table churn.audit_log enable always trigger append_only;
alter table churn.erasures enable always trigger append_only;

-- Nothing by default, to the owner neither; then what each part needs. The loader drops what comes back, and whoever
-- builds reads the views that leave erased customers out. Erasing itself is for the owner.
revoke all on churn.audit_log, churn.erasures
from public, churn_loader, churn_pipeline, churn_trainer, churn_analyst, churn_aggregates;
revoke update, delete, truncate on churn.audit_log, churn.erasures from current_user;

grant usage on schema churn to churn_loader, churn_pipeline, churn_trainer;
grant select, insert on churn.audit_log to churn_pipeline, churn_trainer;
grant select on churn.audit_log to churn_analyst;
grant select on churn.erasures to churn_loader, churn_pipeline, churn_trainer;
