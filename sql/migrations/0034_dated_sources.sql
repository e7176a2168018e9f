-- Invoices and tickets of before a night's windows are not read: rows come in the order they were loaded, so that a
-- few kilobytes say where in a table a day lies. As usage_events have it from the beginning. Whose records stand
-- elsewhere, or are views, looks after that themselves.
do $$
declare
  dated record;
begin
  for dated in
    select wanted.* from (
      values ('invoices', 'issued_at'), ('invoices', 'loaded_at'),
        ('support_tickets', 'opened_at'), ('support_tickets', 'loaded_at')
    ) as wanted (of_table, of_column)
    inner join pg_class as found on found.oid = to_regclass('raw.' || wanted.of_table) and found.relkind in ('r', 'p')
  loop
    execute format(
      'create index if not exists %I on raw.%I using brin (%I)',
      dated.of_table || '_' || dated.of_column || '_idx', dated.of_table, dated.of_column
    );
  end loop;
end
$$;
