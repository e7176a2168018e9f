-- Invoices and tickets of before a night's windows are not read: rows come in the order they were loaded, so that a few
-- kilobytes say where in a table a day lies. As usage_events have it from the beginning.
create index if not exists invoices_issued_at_idx on raw.invoices using brin (issued_at);
create index if not exists invoices_loaded_at_idx on raw.invoices using brin (loaded_at);
create index if not exists support_tickets_opened_at_idx on raw.support_tickets using brin (opened_at);
create index if not exists support_tickets_loaded_at_idx on raw.support_tickets using brin (loaded_at);
