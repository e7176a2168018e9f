-- Tables of populations that people declare in sources/NAME.toml, one a table of theirs, made by the loader that
-- fills them; and where the rows are that it refused.

-- One row per row of a source that was refused: where and why. Its values are not kept, they may be personal.
create table raw.quarantine (
  source text not null,
  raw_table text not null,
  line bigint,
  column_name text,
  reason text not null,
  loaded_at timestamptz not null default now()
);
create index on raw.quarantine (raw_table, loaded_at);

revoke all on raw.quarantine from public;
grant insert on raw.quarantine to churn_loader;
grant select on raw.quarantine to churn_pipeline, churn_trainer;

-- Makes raw.POPULATION__TABLE, or adds the columns that its declaration has gained, which are NULL in rows of before.
-- The loader may not create tables: the owner does it here, of such a name, such types and no others, so that no table
-- of ours is within reach. Columns before loaded_at are those a row was known by from the beginning.
create function churn.make_declared_table(table_name text, column_names text[], column_types text[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  legal constant text := '^[a-z_][a-z0-9_]{0,62}$';
  -- Neither part begins or ends with _, or two populations could have one table.
  part constant text := '[a-z][a-z0-9]*(_[a-z0-9]+)*';
  known oid;
  found text;
  definitions text[] := '{}';
begin
  if table_name is null or table_name !~ legal or table_name !~ concat('^', part, '__', part, '$') then
    raise exception using
      message = format('%L is not the name of a declared table, such as shop__orders', table_name),
      errcode = 'invalid_name';
  end if;
  if cardinality(column_names) is distinct from cardinality(column_types) or cardinality(column_names) is null then
    raise exception using message = 'as many types as names are needed', errcode = 'invalid_parameter_value';
  end if;
  for place in 1 .. cardinality(column_names) loop
    if
      column_names[place] is null or column_names[place] !~ legal
      or column_names[place] in ('loaded_at', 'row_digest')
    then
      raise exception using
        message = format('%L is not the name of a declared column', column_names[place]),
        errcode = 'invalid_name';
    end if;
    if column_types[place] not in (
      'text', 'bigint', 'double precision', 'boolean', 'date', 'timestamp with time zone'
    ) is not false then
      raise exception using
        message = format('%L is not a type of declared columns', column_types[place]),
        errcode = 'invalid_parameter_value';
    end if;
    definitions := definitions || format(
      '%I %s%s',
      column_names[place], column_types[place], case column_names[place] when 'customer_id' then ' not null' else '' end
    );
  end loop;
  if array_position(column_names, 'customer_id') is null then
    raise exception using message = 'a declared table has a customer_id', errcode = 'invalid_parameter_value';
  end if;

  select relation.oid into known from pg_class as relation
  where relation.relname = table_name and relation.relnamespace = 'raw'::regnamespace;
  if known is null then
    execute format(
      'create table raw.%I (%s, loaded_at timestamptz not null, row_digest bytea not null)',
      table_name, array_to_string(definitions, ', ')
    );
    execute format('revoke all on raw.%I from public', table_name);
    execute format('grant insert, select (loaded_at, row_digest) on raw.%I to churn_loader', table_name);
    -- In a string, because sqlfluff does not know it yet.
    execute format('grant maintain on raw.%I to churn_loader', table_name);
    execute format('grant select on raw.%I to churn_pipeline, churn_trainer', table_name);
    return;
  end if;

  if not exists (
    select from pg_class as relation
    inner join pg_attribute as attribute on relation.oid = attribute.attrelid
    where
      relation.oid = known and relation.relkind = 'r'
      and attribute.attname = 'row_digest' and attribute.atttypid = 'bytea'::regtype and not attribute.attisdropped
  ) then
    raise exception using
      message = format('raw.%I is there and is no declared table', table_name), errcode = 'wrong_object_type';
  end if;
  for place in 1 .. cardinality(column_names) loop
    select format_type(attribute.atttypid, attribute.atttypmod) into found from pg_attribute as attribute
    where
      attribute.attrelid = known and attribute.attname = column_names[place]
      and attribute.attnum > 0 and not attribute.attisdropped;
    if found is null then
      execute format('alter table raw.%I add column %I %s', table_name, column_names[place], column_types[place]);
    elsif found <> column_types[place] then
      raise exception using
        message = format(
          'raw.%I.%I is of type %s and is declared as %s', table_name, column_names[place], found, column_types[place]
        ),
        errcode = 'datatype_mismatch';
    end if;
  end loop;
end
$$;

-- Gives such a table its indexes, if it has none: after its first load, which is several times faster so.
create function churn.index_declared_table(table_name text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  known oid;
begin
  select relation.oid into known from pg_class as relation
  where relation.relname = table_name and relation.relname ~ '__' and relation.relnamespace = 'raw'::regnamespace;
  if known is null or exists (select from pg_index where indrelid = known) then
    return;
  end if;
  execute format('create index on raw.%I (customer_id)', table_name);
  execute format('create index on raw.%I using brin (loaded_at)', table_name);
end
$$;

revoke execute on function
churn.make_declared_table(text, text[], text[]), churn.index_declared_table(text)
from public;
grant execute on function
churn.make_declared_table(text, text[], text[]), churn.index_declared_table(text)
to churn_loader;

-- What is loaded is gathered in a temporary table first, in which rows that are there already are told from new ones.
do $$
begin
  execute format('grant temporary on database %I to churn_loader', current_database());
end
$$;
