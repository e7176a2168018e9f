{#-
  Of tables with a row a customer and period, grouped by as_of and customer_id: what the last periods say. `periods_ago`
  is 0 on the customer's last period and 1 on the one before it.
-#}

{#- The value of *measure* so many of the customer's periods ago; NULL where there was none, or none with a value. -#}
{%- macro periods_ago(measure, number) -%}
(array_agg({{ measure }}) filter (where periods_ago = {{ number }}))[1]
{%- endmacro -%}

{%- macro change_from_period_before(measure) -%}
{{ churn.periods_ago(measure, 0) }} - {{ churn.periods_ago(measure, 1) }}
{%- endmacro -%}

{#- Mean over the last *periods*, or over all; NULL where none has a value. -#}
{%- macro mean_of_periods(measure, periods=none) -%}
cast(avg(cast({{ measure }} as numeric)){% if periods is not none %} filter (where periods_ago < {{ periods }}){% endif %} as double precision)
{%- endmacro -%}

{#- Whether a category is another one than in the period before; false without one. -#}
{%- macro has_changed_since_period(measure) -%}
(max(periods_ago) > 0 and {{ churn.periods_ago(measure, 0) }} is distinct from {{ churn.periods_ago(measure, 1) }})
{%- endmacro -%}
