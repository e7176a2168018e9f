-- A month of scores comes into being while people read. `create table … partition of` would wait for every reader of
-- churn.scores, and every later reader would wait behind it; a table that is attached waits for writers only.
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
  perform pg_advisory_xact_lock(hashtext('churn.make_scores_partition'));
  if not exists (select from pg_class where relname = partition and relnamespace = 'churn'::regnamespace) then
    execute format('create table churn.%I (like churn.scores including all)', partition);
    execute format(
      'alter table churn.scores attach partition churn.%I for values from (%L) to (%L)',
      partition, first_day, (first_day + interval '1 month')::date
    );
  end if;
end
$$;
