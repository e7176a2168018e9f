-- A log is asked of one customer before a day, so its index has both columns. A table made before gets it when it is
-- loaded again.
drop function churn.index_declared_table(text);

-- Gives a declared table its indexes, if it lacks them: after its first load, which is several times faster so.
-- happened_at is the column of a log that says when; without one, rows are looked up by their customer alone.
create function churn.index_declared_table(table_name text, happened_at text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known oid;
  wanted constant text[] := array_remove(array['customer_id', happened_at], null);
  narrower text;
begin
  select relation.oid into known from pg_class as relation
  where
    relation.relname = table_name and relation.relname ~ '__' and relation.relkind = 'r'
    and relation.relnamespace = 'raw'::regnamespace;
  if known is null then
    return;
  end if;
  if not exists (select from pg_index where indrelid = known) then
    execute format('create index on raw.%I using brin (loaded_at)', table_name);
  end if;
  if not exists (
    select from pg_index
    where
      indrelid = known
      and wanted = array(
        select cast(attribute.attname as text)
        from unnest(pg_index.indkey) with ordinality as part (number, place)
        inner join pg_attribute as attribute on part.number = attribute.attnum and attribute.attrelid = known
        order by part.place
      )
  ) then
    execute format(
      'create index on raw.%I (%s)',
      table_name, (select string_agg(quote_ident(names.name), ', ') from unnest(wanted) as names (name))
    );
  end if;
  -- What the table of a log had before, which the wider one serves as well.
  for narrower in
    select relation.relname from pg_index
    inner join pg_class as relation on pg_index.indexrelid = relation.oid
    inner join pg_attribute as attribute on attribute.attrelid = known and attribute.attnum = pg_index.indkey[0]
    where pg_index.indrelid = known and pg_index.indnkeyatts = 1 and attribute.attname = 'customer_id'
  loop
    if happened_at is not null then
      execute format('drop index raw.%I', narrower);
    end if;
  end loop;
end
$$;

revoke execute on function churn.index_declared_table(text, text) from public;
grant execute on function churn.index_declared_table(text, text) to churn_loader;

-- What imports refused is forgotten by its age.
create index on raw.quarantine using brin (loaded_at);
