-- The service that answers between two nights: who may ask it, how often, and what was asked. It reads what is
-- published and never a raw record.
-- Roles belong to the server, not to this database, so it may exist already.
do $$
begin
  begin
    create role churn_service nologin;
  exception
    when duplicate_object or unique_violation then null;
  end;
  -- As of the other roles: the owner works as it, a superuser may do so without being a member.
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant churn_service to current_user with inherit true, set true');
  end if;
end
$$;

-- One row per key that may ask the service. The key itself is 256 random bits, shown once when it is made and kept
-- nowhere; what is kept is its SHA-256. A row is never deleted, so that what a key has asked stays explained.
create table churn.api_keys (
  api_key_id bigint generated always as identity primary key,
  name text not null,
  key_sha256 bytea not null unique check (length(key_sha256) = 32),
  -- Kinds of routes, and populations; '*' is all there are and all there will be.
  routes text[] not null,
  populations text[] not null,
  requests_an_hour integer not null check (requests_an_hour > 0),
  created_at timestamptz not null default now(),
  created_by text not null default session_user,
  expires_at timestamptz not null,
  revoked_at timestamptz
);

-- One row per key and hour in which it has asked: how often it was let in.
create table churn.api_key_hours (
  api_key_id bigint not null references churn.api_keys,
  hour timestamptz not null,
  requests integer not null,
  primary key (api_key_id, hour)
);

-- One row per answered request, but for those about health: who asked what, and how it ended; never a feature. The
-- customer is a hash, keyed by churn.service_secret, so that what was asked about somebody can be found by their id.
create table churn.served_requests (
  served_request_id bigint generated always as identity primary key,
  asked_at timestamptz not null default now(),
  request_id text not null,
  api_key_id bigint references churn.api_keys,
  route text not null,
  population text,
  status integer not null,
  model_version integer,
  rows integer,
  customer_hash bytea
);
create index on churn.served_requests (asked_at);
create index on churn.served_requests (customer_hash) where customer_hash is not null;

-- One row: the key of those hashes. Whoever deletes it makes all of them unreadable for good. Two identifiers made at
-- random have 244 bits between them.
create table churn.service_secret (
  is_only boolean primary key default true check (is_only),
  secret bytea not null default sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid()), 'UTF8'))
);
insert into churn.service_secret default values;

-- What is made in this schema is the analyst's to read; of these, what was asked is.
revoke all on churn.api_keys, churn.api_key_hours, churn.service_secret from public, churn_analyst, churn_aggregates;
revoke all on churn.served_requests from public, churn_aggregates;

-- Knows a key and counts it in one statement: exact however many processes ask, because they wait for the one row.
-- Nothing is counted that is refused for another reason.
create function churn.admit_request(asked_sha256 bytea, asked_route text, asked_population text) returns table (
  verdict text, api_key_id bigint, populations text[], requests_left integer, retry_after_seconds integer
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  found_key churn.api_keys;
  this_hour constant timestamptz := date_trunc('hour', clock_timestamp());
  counted integer;
begin
  select * into found_key from churn.api_keys as known where known.key_sha256 = asked_sha256;
  if found_key.api_key_id is null then
    return query select 'unknown', null::bigint, null::text[], 0, 0;
  elsif found_key.revoked_at is not null then
    return query select 'revoked', found_key.api_key_id, found_key.populations, 0, 0;
  elsif found_key.expires_at <= clock_timestamp() then
    return query select 'expired', found_key.api_key_id, found_key.populations, 0, 0;
  elsif not (
    found_key.routes && array[asked_route, '*']
    and (asked_population is null or found_key.populations && array[asked_population, '*'])
  ) then
    return query select 'out of scope', found_key.api_key_id, found_key.populations, 0, 0;
  else
    insert into churn.api_key_hours as hours (api_key_id, hour, requests)
    values (found_key.api_key_id, this_hour, 1)
    on conflict on constraint api_key_hours_pkey do update set requests = hours.requests + 1
    where hours.requests < found_key.requests_an_hour
    returning hours.requests into counted;
    if counted is null then
      return query select
        'over its limit',
        found_key.api_key_id,
        found_key.populations,
        0,
        ceil(extract(epoch from this_hour + interval '1 hour' - clock_timestamp()))::integer;
    else
      return query select
        'admitted', found_key.api_key_id, found_key.populations, found_key.requests_an_hour - counted, 0;
    end if;
  end if;
end
$$;

-- Writes down requests; the customer arrives as they are and leaves as a hash.
create function churn.record_requests(entries jsonb) returns void
language sql security definer
set search_path = pg_catalog, pg_temp
as $$
  insert into churn.served_requests (
    request_id, api_key_id, route, population, status, model_version, rows, customer_hash
  )
  select
    entry.request_id,
    entry.api_key_id,
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
    route text,
    population text,
    status integer,
    model_version integer,
    rows integer,
    customer_id text
  )
  left join churn.service_secret on true
$$;
revoke execute on function churn.admit_request(bytea, text, text), churn.record_requests(jsonb) from public;

grant usage on schema churn to churn_service;
grant select on public.churn_migrations to churn_service;
grant select on
churn.scores_current, churn.scores_published, churn.score_moves, churn.score_runs, churn.champions,
churn.model_promotions, churn.model_performance
to churn_service;
grant execute on function churn.admit_request(bytea, text, text), churn.record_requests(jsonb) to churn_service;
