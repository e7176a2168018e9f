-- Many requests are let in by one statement: those that come while another is asked wait for the next together, and a
-- key that many use at once is written once for all of them.

-- Lets in so many requests of each key, in their order, and counts them as churn.admit_request does, which older
-- processes go on to call. A row per group: how many of it are let in, what becomes of the others or of the last, and
-- how many requests are left after them.
create function churn.admit_requests(
  asked_sha256s bytea[], asked_routes text[], asked_populations text[], asked_counts integer[]
) returns table (
  place bigint,
  admitted integer,
  verdict text,
  api_key_id bigint,
  populations text[],
  requests_left integer,
  retry_after_seconds integer
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  asked record;
  found_key churn.api_keys;
  one record;
  counted integer;
begin
  -- What is written down of an answer is committed after this and waited for, and with it this: to wait here as well
  -- would be to wait twice. It holds to the end of the transaction.
  perform set_config('synchronous_commit', 'off', true);
  -- In the order of keys, so that of two processes with the same keys none waits for one that waits for it.
  for asked in
    select each.key_sha256, each.route, each.population, each.requests, each.number
    from unnest(asked_sha256s, asked_routes, asked_populations, asked_counts) with ordinality
      as each (key_sha256, route, population, requests, number)
    where each.requests > 0
    order by each.key_sha256, each.number
  loop
    select known.* into found_key from churn.api_keys as known
    where
      known.key_sha256 = asked.key_sha256
      and known.revoked_at is null
      and known.expires_at > clock_timestamp()
      and known.routes && array[asked.route, '*']
      and (asked.population is null or known.populations && array[asked.population, '*']);
    counted := null;
    if found_key.api_key_id is not null and asked.requests <= found_key.requests_an_hour then
      insert into churn.api_key_hours as hours (api_key_id, hour, requests)
      values (found_key.api_key_id, date_trunc('hour', clock_timestamp()), asked.requests)
      on conflict on constraint api_key_hours_pkey do update set requests = hours.requests + excluded.requests
      where hours.requests + excluded.requests <= found_key.requests_an_hour
      returning hours.requests into counted;
    end if;
    if counted is not null then
      return query select
        asked.number,
        asked.requests,
        'admitted',
        found_key.api_key_id,
        found_key.populations,
        found_key.requests_an_hour - counted,
        0;
    else
      -- Not all of them are let in: each is asked for by itself, until one is not.
      counted := 0;
      loop
        select told.* into one
        from churn.admit_request(asked.key_sha256, asked.route, asked.population) as told;
        exit when one.verdict <> 'admitted';
        counted := counted + 1;
        exit when counted = asked.requests;
      end loop;
      return query select
        asked.number,
        counted,
        one.verdict,
        one.api_key_id,
        one.populations,
        one.requests_left,
        one.retry_after_seconds;
    end if;
  end loop;
end
$$;
revoke execute on function churn.admit_requests(bytea[], text[], text[], integer[]) from public;
grant execute on function churn.admit_requests(bytea[], text[], text[], integer[]) to churn_service;
