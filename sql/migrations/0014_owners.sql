-- Whose row of a declared table has a value in a column of it: for the loader of another table, whose rows lead to a
-- customer through that column. The loader may read neither the column nor anything else of the table.
create function churn.declared_owners(table_name text, column_name text)
returns table (value text, customer_id text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from pg_class as relation
    inner join pg_attribute as attribute on relation.oid = attribute.attrelid
    where
      relation.relname = table_name and relation.relname ~ '__' and relation.relkind = 'r'
      and relation.relnamespace = 'raw'::regnamespace
      and attribute.attname = 'row_digest' and attribute.atttypid = 'bytea'::regtype and not attribute.attisdropped
  ) then
    raise exception using
      message = format('raw.%I is no declared table', table_name), errcode = 'wrong_object_type';
  end if;
  -- Of a value with several customers, the one that was known last.
  return query execute format(
    'select distinct on (owned.%1$I) cast(owned.%1$I as text), owned.customer_id
    from raw.%2$I as owned
    where owned.%1$I is not null
    order by owned.%1$I, owned.loaded_at desc, owned.customer_id',
    column_name, table_name
  );
end
$$;

revoke execute on function churn.declared_owners(text, text) from public;
grant execute on function churn.declared_owners(text, text) to churn_loader;
