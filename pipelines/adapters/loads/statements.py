"""Statements of a load of a declared table, whose names are filled in quoted."""

# In the order they came to be.
COLUMNS = """
select attribute.attname, format_type(attribute.atttypid, attribute.atttypmod)
from pg_attribute as attribute
inner join pg_class as relation on attribute.attrelid = relation.oid
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
where
  namespace.nspname = :schema and relation.relname = :table
  and attribute.attnum > 0 and not attribute.attisdropped
order by attribute.attnum
"""

SETTINGS = """
select
  set_config('lock_timeout', $1, true),
  set_config('idle_in_transaction_session_timeout', '0', true),
  set_config('transaction_timeout', '0', true),
  set_config('statement_timeout', '0', true),
  set_config('work_mem', '64MB', true),
  set_config('temp_buffers', '32MB', true),
  set_config('maintenance_work_mem', '256MB', true)
"""

MAKE = "select churn.make_declared_table($1, string_to_array($2, ','), string_to_array($3, ','))"

INDEX = "select churn.index_declared_table($1, $2)"

OWNERS = "select value, customer_id from churn.declared_owners($1, $2)"

# Rows that repeat another, numbered from 2; few do, so that the others need not be sorted.
REPEATS = """
create temporary table {repeats} on commit drop as
select numbered."#place", numbered."#number"
from (
  select "#place", row_number() over (partition by {key} order by "#place") as "#number"
  from {staged}
  where {compared} in ({suspected})
) as numbered
where numbered."#number" > 1
"""

OF_CUSTOMERS = "select {key} from {staged} group by {key} having count(*) > 1"

# What the digests of a load say themselves, of which only the beginnings are compared.
OF_DIGESTS = "select key from {suspects}"
BEGINNING = "substring(row_digest for 8)"

FIRST_REPEATS = """
select staged."#line", count(*) over ()
from {staged} as staged
inner join {repeats} as repeats on staged."#place" = repeats."#place"
order by staged."#place"
limit {limit}
"""

QUARANTINE_REPEATS = """
insert into raw.quarantine (source, raw_table, line, column_name, reason)
select $1, $2, staged."#line", $3, $4
from {staged} as staged
inner join {repeats} as repeats on staged."#place" = repeats."#place"
"""

LOAD_SNAPSHOT = """
insert into {table} ({columns}, loaded_at, row_digest)
select {columns}, staged.loaded_at, staged.row_digest
from {staged} as staged
left join {repeats} as repeats on staged."#place" = repeats."#place"
where repeats."#number" is null
"""

LOAD_ITEMS = """
insert into {table} ({columns}, loaded_at, row_digest)
select {columns}, staged.loaded_at, staged.row_digest
from {staged} as staged
"""

# As domain.imports.digests.of_repetition.
LOAD_LOG = """
insert into {table} ({columns}, loaded_at, row_digest)
select {columns}, numbered.loaded_at, numbered."#digest"
from (
  select
    staged.*,
    case
      when repeats."#number" is not null
        then sha256(staged.row_digest || convert_to(cast(repeats."#number" as text), 'UTF8'))
      else staged.row_digest
    end as "#digest"
  from {staged} as staged
  left join {repeats} as repeats on staged."#place" = repeats."#place"
) as numbered
where not exists (select from {table} as known where known.row_digest = numbered."#digest")
"""

# Rows of a first load that may repeat one: of those that do, the first is in the table already.
LOAD_SUSPECTS = """
insert into {table} ({columns}, loaded_at, row_digest)
select
  {columns},
  numbered.loaded_at,
  case
    when numbered."#number" > 1
      then sha256(numbered."#digest" || convert_to(cast(numbered."#number" as text), 'UTF8'))
    else numbered."#digest"
  end
from (
  select
    staged.*,
    staged.row_digest as "#digest",
    row_number() over (partition by staged.row_digest order by staged."#place")
    + case when known.row_digest is null then 0 else 1 end as "#number"
  from {staged} as staged
  left join {table} as known on staged.row_digest = known.row_digest
) as numbered
"""

IS_THERE = """
select 1 from pg_class as relation
where relation.relname = $1 and relation.relnamespace = 'raw'::regnamespace
"""
