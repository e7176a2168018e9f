-- What the business sends. Rows are only ever added: a correction or a later state is a new row with a
-- later loaded_at, so that what was known on any day can be read again.
--   *_at of the event   when it happened
--   loaded_at           when the warehouse knew it
create schema raw;

-- One row per customer and change to their record.
create table raw.customers (
  customer_id text not null,
  full_name text,
  email text,
  country text,
  birth_year integer,
  acquisition_channel text,
  has_marketing_consent boolean,
  signed_up_at timestamptz not null,
  loaded_at timestamptz not null
);

-- One row per subscription and state it entered: start, change of price, plan, contract or payment method, end.
create table raw.subscriptions (
  subscription_id text not null,
  customer_id text not null,
  plan text,
  contract text,
  payment_method text,
  monthly_fee_eur numeric(12, 2),
  started_at timestamptz not null,
  contract_ends_at timestamptz,
  ended_at timestamptz,
  end_reason text,
  changed_at timestamptz not null,
  loaded_at timestamptz not null
);

-- One row per invoice and state it entered: issued, then paid.
create table raw.invoices (
  invoice_id text not null,
  customer_id text not null,
  subscription_id text not null,
  amount_eur numeric(12, 2),
  issued_at timestamptz not null,
  due_at timestamptz not null,
  paid_at timestamptz,
  loaded_at timestamptz not null
);

-- One row per usage event.
create table raw.usage_events (
  event_id text not null,
  customer_id text not null,
  event_type text,
  quantity double precision,
  occurred_at timestamptz not null,
  loaded_at timestamptz not null
);

-- One row per ticket and state it entered: opened, then resolved.
create table raw.support_tickets (
  ticket_id text not null,
  customer_id text not null,
  category text,
  priority text,
  opened_at timestamptz not null,
  resolved_at timestamptz,
  satisfaction integer,
  loaded_at timestamptz not null
);

create index on raw.customers (customer_id);
create index on raw.subscriptions (customer_id);
create index on raw.invoices (customer_id);
create index on raw.support_tickets (customer_id);
create index on raw.usage_events using brin (occurred_at);
create index on raw.usage_events using brin (loaded_at);

-- IBM's sample telco customers: one row per customer, one snapshot.
create table raw.telco_customers (
  customer_id text not null,
  gender text,
  senior_citizen integer,
  partner text,
  dependents text,
  tenure integer,
  phone_service text,
  multiple_lines text,
  internet_service text,
  online_security text,
  online_backup text,
  device_protection text,
  tech_support text,
  streaming_tv text,
  streaming_movies text,
  contract text,
  paperless_billing text,
  payment_method text,
  monthly_charges double precision,
  total_charges double precision,
  churn text not null,
  loaded_at timestamptz not null
);

-- UCI Online Retail: one row per invoice line; line_number counts within the file.
create table raw.retail_invoice_lines (
  line_number bigint not null,
  invoice_no text not null,
  stock_code text,
  description text,
  quantity bigint,
  invoiced_at timestamptz not null,
  unit_price double precision,
  customer_id text,
  country text,
  loaded_at timestamptz not null
);

-- One row per load: which file or generator filled the raw tables, and with what.
create table raw.loads (
  load_id bigint generated always as identity primary key,
  source text not null,
  fingerprint text not null,
  rows bigint not null,
  details jsonb not null default '{}',
  loaded_at timestamptz not null default now(),
  unique (source, fingerprint)
);
