{#-
  Features of the known sessions, or kinds, of a customer: rows of their own, each on the day of its last event,
  `occurred_date`, and so in a window if its last event is.
-#}

{%- macro rows_in(days) -%}
count(*) filter (where {{ churn.in_days(days) }})
{%- endmacro -%}

{%- macro rows_before(days) -%}
count(*) filter (where {{ churn.in_days(days, days) }})
{%- endmacro -%}

{#- The last window against the one before, as of the macros of `totals.sql`. -#}
{%- macro row_change_in(days) -%}
{{ churn.rows_in(days) }} - {{ churn.rows_before(days) }}
{%- endmacro -%}

{%- macro row_trend_in(days) -%}
{{ churn.ratio(churn.rows_in(days), churn.rows_before(days)) }}
{%- endmacro -%}

{#- Mean of *measure* over the rows of the window; NULL where there was none. -#}
{%- macro mean_in(measure, days) -%}
cast(avg({{ measure }}) filter (where {{ churn.in_days(days) }}) as double precision)
{%- endmacro -%}

{#- From the first event of a session to its last. -#}
{%- macro minutes_between(first_at, last_at) -%}
extract(epoch from {{ last_at }} - {{ first_at }}) / 60
{%- endmacro -%}
