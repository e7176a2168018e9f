{#-
  What contracts say of a customer, asked of the known contracts grouped by as_of and customer_id: each is a row on the
  day it began, `occurred_date`, with `active` 1 while it runs and its `last_date` once that is over.
-#}

{#- Days from the greatest *date* to the as_of; NULL where there is none. -#}
{%- macro days_since_latest(date) -%}
cast(as_of - max({{ date }}) as bigint)
{%- endmacro -%}

{#- Mean days from begin to end, of those that are over; NULL without. -#}
{%- macro mean_days_lasted() -%}
cast(avg(greatest(last_date - occurred_date, 0)) filter (where last_date is not null) as double precision)
{%- endmacro -%}

{#- How many values, in one spelling. -#}
{%- macro distinct_kinds(column) -%}
cast(count(distinct {{ churn.category(column) }}) as bigint)
{%- endmacro -%}

{#- Sum, mean and largest of *amount*, the same digits in any order; NULL where none is known. -#}
{%- macro exact_total(amount) -%}
cast({{ churn.exact_sum(amount) }} as double precision)
{%- endmacro -%}

{%- macro exact_running(amount) -%}
cast({{ churn.exact_sum(amount) }} filter (where active > 0) as double precision)
{%- endmacro -%}

{%- macro exact_mean(amount) -%}
cast(avg(cast({{ amount }} as numeric)) as double precision)
{%- endmacro -%}

{%- macro largest_ever(amount) -%}
cast(max({{ amount }}) as double precision)
{%- endmacro -%}

{#- Of one contract: its *amount* less that of the one begun before it; NULL without. -#}
{%- macro change_to_previous(amount) -%}
cast(
    {{ amount }} - lag({{ amount }}) over (partition by as_of, customer_id order by occurred_at, loaded_at, row_digest)
    as double precision
)
{%- endmacro -%}

{#- Days from the as_of to the next anniversary of *date*; one on the as_of itself is over. -#}
{%- macro days_to_anniversary(date) -%}
{%- set years = 'cast(date_part(\'year\', age(cast(as_of as timestamp), cast(' ~ date ~ ' as timestamp))) as integer)' -%}
cast(cast({{ date }} + make_interval(years => {{ years }} + 1) as date) - as_of as bigint)
{%- endmacro -%}
