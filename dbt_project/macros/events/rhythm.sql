{#- When a customer comes, asked of the known days grouped by as_of and customer_id, as `totals.sql` is. -#}

{#- Days from the last day with *measure* to the as_of: 1 is the day before; NULL where there was none. -#}
{%- macro days_since_last(measure) -%}
cast(as_of - max(occurred_date) filter (where {{ measure }} > 0) as bigint)
{%- endmacro -%}

{%- macro days_since_first() -%}
cast(as_of - min(occurred_date) as bigint)
{%- endmacro -%}

{%- macro is_new_in(days) -%}
(min(occurred_date) >= as_of - {{ days }})
{%- endmacro -%}

{#- Weeks with an event, counted back from the as_of. -#}
{%- macro active_weeks_in(days) -%}
count(distinct (as_of - occurred_date - 1) / 7) filter (where {{ churn.in_days(days) }})
{%- endmacro -%}

{#- Per 30 days since the first event, or of the first 30. -#}
{%- macro per_30_days(measure) -%}
cast(30.0 * sum({{ measure }}) / greatest(as_of - min(occurred_date), 30) as double precision)
{%- endmacro -%}

{#- Days of a kind of 100 since the first event. -#}
{%- macro percent_of_life(measure) -%}
cast(100.0 * sum({{ measure }}) / (as_of - min(occurred_date)) as double precision)
{%- endmacro -%}

{#- *measure* a day in the window, or since the first event where that is later, over *measure* a day ever. -#}
{%- macro pace_in(measure, days) -%}
{%- set life = '(as_of - min(occurred_date))' -%}
cast(
    1.0 * {{ churn.sum_in(measure, days) }} * {{ life }} / (sum({{ measure }}) * least({{ life }}, {{ days }}))
    as double precision
)
{%- endmacro -%}

{#- Days between one active day and the next, all that are known or those that ended in the window; NULL without. -#}
{%- macro gap_mean(days=none) -%}
cast(avg(gap_days){% if days %} filter (where {{ churn.in_days(days) }}){% endif %} as double precision)
{%- endmacro -%}

{%- macro gap_deviation() -%}
cast(stddev_samp(gap_days) as double precision)
{%- endmacro -%}

{%- macro gap_longest(days=none) -%}
cast(max(gap_days){% if days %} filter (where {{ churn.in_days(days) }}){% endif %} as bigint)
{%- endmacro -%}

{#- The days since the last event over the mean, or the longest, gap so far. -#}
{%- macro recency_to_mean_gap() -%}
cast((as_of - max(occurred_date)) / avg(gap_days) as double precision)
{%- endmacro -%}

{%- macro recency_to_longest_gap() -%}
cast((as_of - max(occurred_date)) / cast(max(gap_days) as numeric) as double precision)
{%- endmacro -%}
