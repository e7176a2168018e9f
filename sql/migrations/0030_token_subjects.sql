-- Tokens of an identity provider beside keys: who showed one, and how often they are let in.
-- One row per subject (claim sub) that was ever let in by a token. Other tables name it by its number, as they do keys.
create table churn.token_subjects (
  token_subject_id bigint generated always as identity primary key,
  subject text not null unique,
  first_seen_at timestamptz not null default now()
);

-- One row per subject and hour in which it has asked: how often it was let in.
create table churn.token_subject_hours (
  token_subject_id bigint not null references churn.token_subjects,
  hour timestamptz not null,
  requests integer not null,
  primary key (token_subject_id, hour)
);
revoke all on churn.token_subjects, churn.token_subject_hours from public, churn_analyst, churn_aggregates;

alter table churn.served_requests add column token_subject_id bigint references churn.token_subjects;

-- Counts a subject, exactly however many processes ask: see churn.admit_request. How many requests it may make an hour,
-- churn.toml says.
create function churn.admit_subject(asked_subject text, requests_an_hour integer) returns table (
  verdict text, token_subject_id bigint, requests_left integer, retry_after_seconds integer
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found_id bigint;
  this_hour constant timestamptz := date_trunc('hour', clock_timestamp());
  counted integer;
begin
  select known.token_subject_id into found_id from churn.token_subjects as known where known.subject = asked_subject;
  if found_id is null then
    insert into churn.token_subjects as known (subject) values (asked_subject)
    on conflict (subject) do update set subject = excluded.subject
    returning known.token_subject_id into found_id;
  end if;
  insert into churn.token_subject_hours as hours (token_subject_id, hour, requests)
  values (found_id, this_hour, 1)
  on conflict on constraint token_subject_hours_pkey do update set requests = hours.requests + 1
  where hours.requests < requests_an_hour
  returning hours.requests into counted;
  if counted is null then
    return query select
      'over its limit',
      found_id,
      0,
      ceil(extract(epoch from this_hour + interval '1 hour' - clock_timestamp()))::integer;
  else
    return query select 'admitted', found_id, requests_an_hour - counted, 0;
  end if;
end
$$;

-- As before, and who showed a token.
create or replace function churn.record_requests(entries jsonb) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into churn.served_requests (
    request_id, api_key_id, token_subject_id, route, population, status, model_version, rows, customer_hash
  )
  select
    entry.request_id,
    entry.api_key_id,
    entry.token_subject_id,
    entry.route,
    entry.population,
    entry.status,
    entry.model_version,
    entry.rows,
    -- The secret has 32 bytes and comes first, so no two pairs of secret and customer are hashed as one.
    sha256(service_secret.secret || convert_to(entry.customer_id, 'UTF8')) as customer_hash
  from jsonb_to_recordset(entries) as entry (
    request_id text,
    api_key_id bigint,
    token_subject_id bigint,
    route text,
    population text,
    status integer,
    model_version integer,
    rows integer,
    customer_id text
  )
  left join churn.service_secret on true
$$;
revoke execute on function churn.admit_subject(text, integer) from public;
grant execute on function churn.admit_subject(text, integer) to churn_service;
